/** The samples that an evaluation measures: drawn once and kept, or taken out of the training's replay buffer. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeNpz } from '@robust-jem/formats'
import { noGrad, scope } from '@robust-jem/torch'
import { UserError } from '../../errors.ts'
import { type ImageSource, openImages } from '../../evaluation/image-source.ts'
import { bufferImages, classesInTurn } from '../../evaluation/protocol.ts'
import { npyImages } from '../../report/pictures.ts'
import { writeAtomically } from '../../report/write.ts'
import { savedBuffer, TRAINING_FILE } from '../../training/checkpoint.ts'
import { requiredGaussians } from '../model-options.ts'
import { drawImages } from '../sampling/draw.ts'
import type { Evaluation } from './context.ts'
import { type Circumstances, keyOf } from './store.ts'

type Drawn = Pick<Evaluation, 'open' | 'sampler' | 'settings' | 'count' | 'seed' | 'protocol'>

/** All that would give other samples. */
export const sampleCircumstances = ({ open, sampler, settings, count, seed, protocol }: Drawn): Circumstances => ({
  weights_sha256: open.model.sha256,
  protocol,
  count,
  ...(protocol === 'fresh' && { sampler, settings, seed, precision: open.precision, device: open.device }),
})

/** Bytes [count, 3, H, W], classes in turn. Throws a UserError where there are no class Gaussians to start from, or no buffer. */
export const samplesOf = async (e: Evaluation): Promise<ImageSource> =>
  e.protocol === 'fresh' ? freshSamples(e) : buffered(e)

/** New chains with running statistics, from where they are kept or drawn. Throws a UserError where there are no class Gaussians. */
export async function freshSamples(
  request: Omit<Drawn, 'protocol'> & Pick<Evaluation, 'folder' | 'terminal'>,
): Promise<ImageSource> {
  const { open, sampler, settings, count, seed, folder, terminal } = request
  const file = join(
    folder,
    `samples-${sampler}-${count}-${keyOf(sampleCircumstances({ ...request, protocol: 'fresh' }))}.npz`,
  )
  const there = existsSync(file) ? readable(file) : undefined
  if (there?.count === count) return there
  const gaussians = await requiredGaussians(open)
  const classes = classesInTurn(count, open.model.classNames.length)
  const progress = terminal.progress({ label: sampler, unit: 'image steps' })
  const images = scope(() =>
    noGrad(() => {
      const drawn = drawImages({
        sampler,
        // Independent chains, whatever the training did.
        f: open.f('running'),
        settings,
        gaussians,
        rng: new open.torch.Generator(seed, open.device).split('sample'),
        classes,
        onProgress: (done, total) => progress.update(done, total),
      })
      return npyImages(drawn.images)
    }),
  )
  progress.clear()
  const labels = { dtype: 'int64', shape: [count], data: BigInt64Array.from(classes, BigInt) } as const
  writeAtomically(file, writeNpz({ images, labels }))
  return readable(file)!
}

/** undefined where the file is damaged. */
function readable(file: string): ImageSource | undefined {
  try {
    const images = openImages(file)
    return images.kind === 'statistics' || !images.labels ? undefined : images
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

/** Of the checkpoint that the weights lie in. */
function buffered({ open: { model }, count }: Evaluation): ImageSource {
  const missing = (fact: string) =>
    new UserError('buffer-missing', `${fact}, so there is no replay buffer. Take --protocol fresh.`, {
      path: model.path,
    })
  const file = join(dirname(model.path), TRAINING_FILE)
  if (!existsSync(file)) throw missing(`${model.path} lies in no checkpoint of a run`)
  return scope(() => {
    const buffer = savedBuffer(dirname(file))
    if (!buffer) throw missing(`The training of ${model.path} kept no chains`)
    return bufferImages(buffer, count, file)
  })
}
