/** The samples that an evaluation measures: drawn once and kept, or taken out of the training's replay buffer. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeNpz } from '@robust-jem/formats'
import { noGrad, scope } from '@robust-jem/torch'
import { toBytes255 } from '../../data/pixels.ts'
import { UserError } from '../../errors.ts'
import type { FigureContext } from '../../evaluation/figure-record.ts'
import { expectFinite } from '../../evaluation/finite.ts'
import { type ImageSource, openImages } from '../../evaluation/image-source.ts'
import { bufferImages, classesInTurn } from '../../evaluation/protocol.ts'
import { writeAtomically } from '../../report/write.ts'
import { sectionsOf, stepsOf } from '../../samplers/draw.ts'
import { savedBuffer, TRAINING_FILE } from '../../training/checkpoint.ts'
import { requiredGaussians } from '../model-options.ts'
import { drawBatch, drawnAtOnce } from '../sampling/draw.ts'
import type { Evaluation } from './context.ts'
import { type Circumstances, keyOf } from './store.ts'

type SampleRequest = Pick<Evaluation, 'open' | 'sampler' | 'settings' | 'count' | 'seed' | 'protocol'>

/** All that would give other samples. */
export const sampleCircumstances = ({
  open,
  sampler,
  settings,
  count,
  seed,
  protocol,
}: SampleRequest): Circumstances => ({
  weights_sha256: open.model.sha256,
  protocol,
  count,
  ...(protocol === 'fresh' && {
    sampler,
    settings,
    gaussians_sha256: gaussiansHash(open),
    seed,
    precision: open.precision,
    device: open.device,
  }),
})

/** How fresh samples were drawn, beside weights, count and seed: plain values, for records. */
export const drawnBy = ({
  open,
  sampler,
  settings,
}: Pick<Evaluation, 'open' | 'sampler' | 'settings'>): FigureContext['settings'] => ({
  sampler,
  steps: stepsOf(sampler, settings),
  statistics: 'running',
  precision: open.precision,
  start: settings.start,
  gaussians_sha256: gaussiansHash(open) ?? 'none',
  ...Object.fromEntries(
    Object.entries(sectionsOf(sampler, settings)).flatMap(([section, values]) =>
      Object.entries(values).map(([key, value]) => [`${section}.${key}`, value ?? 'null']),
    ),
  ),
})

function gaussiansHash({ model: { gaussians } }: Evaluation['open']): string | null {
  return gaussians === undefined ? null : createHash('sha256').update(readFileSync(gaussians)).digest('hex')
}

/** Bytes [count, 3, H, W], classes in turn. Throws a UserError where there are no class Gaussians to start from, or no buffer. */
export const samplesOf = async (e: Evaluation): Promise<ImageSource> =>
  e.protocol === 'fresh' ? freshSamples(e) : buffered(e)

/** New chains with running statistics, from where they are kept or drawn. Throws a UserError where there are no class Gaussians. */
export async function freshSamples(
  request: Omit<SampleRequest, 'protocol'> & Pick<Evaluation, 'folder' | 'terminal'>,
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
  const { shape } = gaussians
  const imageBytes = shape[0] * shape[1] * shape[2]
  const data = new Uint8Array(count * imageBytes)
  const drawing = {
    sampler,
    // Independent chains, whatever the training did.
    f: open.f('running'),
    settings,
    gaussians,
    rng: new open.torch.Generator(seed, open.device).split('sample'),
    classes,
    onProgress: (done: number, total: number) => progress.update(done, total),
  }
  noGrad(() => {
    for (let at = 0; at < count; at += drawnAtOnce)
      scope(() => {
        const { images } = drawBatch(drawing, at)
        expectFinite(images, `The images that ${open.model.path} drew`)
        data.set(toBytes255(images), at * imageBytes)
      })
  })
  progress.clear()
  const images = { dtype: 'uint8', shape: [count, ...shape], data } as const
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
