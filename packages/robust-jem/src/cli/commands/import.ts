/** import: a public PyTorch checkpoint as a model file. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { systemNames } from '../../config/system-names.ts'
import { UserError } from '../../errors.ts'
import { makeFolder, unmakeFolder } from '../../folders.ts'
import { defineCommand } from '../command.ts'

export const importCommand = defineCommand({
  description:
    'Makes a model file of a public checkpoint of JEM or JEM++, a file of torch.save in either of its layouts. It is read as data: ' +
    'nothing in it is run, and a file that asks for more than tensors, numbers and text is refused. Depth, width, norm and number of ' +
    'classes are told from the tensors; all other settings are those of the published training.',
  arguments: { file: { description: 'The checkpoint: a .pt, .pth or .ckpt file.' } },
  options: {
    out: { kind: 'string', value: 'MODEL', description: 'The model file to make, MODEL.safetensors.' },
    gaussians: {
      kind: 'string',
      value: 'FILE',
      description: 'Class Gaussians of its data, class-gaussians.safetensors of a run; they are put beside the model.',
    },
    system: {
      kind: 'string',
      value: 'NAME',
      choices: systemNames,
      default: 'robust-jem',
      description: 'How it was trained.',
    },
  },
  examples: [
    ['robust-jem import ckpt.pt --out jempp.safetensors', 'Then: robust-jem classify jempp.safetensors cat.png'],
    [
      'robust-jem import ckpt.pt --out jempp/model.safetensors --gaussians runs/my-run/class-gaussians.safetensors',
      'With what the samplers start from.',
    ],
  ],
  async run({ arguments: { file }, options, terminal }) {
    const { out } = options
    if (out === undefined) throw usage('--out is missing. Name the model file to make: --out MODEL.safetensors.')
    if (!out.endsWith('.safetensors'))
      throw usage(`--out ${out} is no .safetensors file. Name one, as ${out}.safetensors.`)
    refuseToOverwrite(out)
    const { loadEngine } = await import('../device.ts')
    await loadEngine()
    const { readTorchCheckpoint } = await import('../../models/torch-checkpoint.ts')
    const { classNamesOf, configOf, networkOfState, recogniseWideResNet } = await import(
      '../../models/imported-network.ts'
    )
    const { presets } = await import('../../config/presets/index.ts')
    const { hashFile, hashTensors, MODEL_FILES, saveModel } = await import('../../models/model-file.ts')

    const { tensors, layout } = readTorchCheckpoint(file)
    const recognised = recogniseWideResNet(tensors)
    const { depth, width, norm, classes } = recognised
    const config = configOf(presets[options.system].paper, recognised)
    const state = networkOfState(tensors, config, classes).stateDict()
    const gaussians = options.gaussians === undefined ? undefined : await readGaussians(options.gaussians, classes)
    const beside = join(dirname(out), MODEL_FILES.gaussians)
    const copies = gaussians !== undefined && resolve(options.gaussians!) !== resolve(beside)
    if (copies) refuseToOverwrite(beside)
    const provenance = {
      source: basename(file),
      source_sha256: await hashFile(file),
      layout: `PyTorch ${layout}`,
    }

    const { writeAtomically } = await import('../../report/write.ts')
    const made = makeFolder(dirname(out))
    try {
      if (copies) writeAtomically(beside, gaussians)
      saveModel(out, state, { config, classNames: classNamesOf(classes), provenance })
    } catch (error) {
      if (copies) rmSync(beside, { force: true })
      unmakeFolder(dirname(out), made)
      throw error
    }
    const ignored = Object.keys(tensors).filter((name) => !Object.hasOwn(state, name))
    if (gaussians === undefined && !existsSync(beside)) {
      terminal.note(`The samplers will need ${MODEL_FILES.gaussians} beside ${out}: see --gaussians.`)
    }
    terminal.result(
      {
        out,
        system: options.system,
        depth,
        width,
        norm,
        classes,
        tensors: Object.keys(state).length,
        ignored,
        weights_sha256: hashTensors(state),
        gaussians: gaussians !== undefined || existsSync(beside) ? beside : null,
        provenance,
      },
      `WRN-${depth}-${width}, norm ${norm}, ${classes} classes, ${Object.keys(state).length} tensors ` +
        `(${ignored.length} unused ones left out) → ${out}`,
    )
    return 0
  },
})

const usage = (message: string) => new UserError('usage', message, { exitCode: 2 })

function refuseToOverwrite(path: string): void {
  if (existsSync(path))
    throw new UserError('out-exists', `${path} exists, and models are never overwritten. Name another --out.`, { path })
}

/** The file's bytes, once it is known to hold Gaussians of so many classes. */
async function readGaussians(path: string, classes: number): Promise<Uint8Array> {
  const { loadClassGaussians } = await import('../../data/class-gaussian.ts')
  const remedy = 'Name class-gaussians.safetensors of a run with --gaussians.'
  loadClassGaussians(path, remedy, { name: 'the checkpoint', classes })
  return readFileSync(path)
}
