/** The two sets that `fid` compares. */
import { resolve } from 'node:path'
import { Generator } from '@robust-jem/torch'
import { knowsCifar10 } from '../../data/cifar10.ts'
import { loadClassGaussians } from '../../data/class-gaussian.ts'
import { UserError } from '../../errors.ts'
import type { Comparand, Outline } from '../../evaluation/distribution.ts'
import { type ImageSource, openImages } from '../../evaluation/image-source.ts'
import { gaussianNoise, uniformNoise } from '../../evaluation/ood-sets.ts'
import { namesModel } from '../../models/model-file.ts'
import type { GlobalValues } from '../command.ts'
import { openModel, requiredGaussians } from '../model-options.ts'
import type { Terminal } from '../terminal.ts'
import { drawnBy, freshSamples } from './samples.ts'
import { evaluationFolder, runOf } from './store.ts'

interface Settings extends Pick<GlobalValues, 'device' | 'threads'> {
  /** At most so many images of each set. */
  limit: number
  /** Of what is drawn. */
  seed: number
}

/** A set that is yet to be drawn, as many images as the comparison takes. */
interface Drawable {
  path: string
  kind: 'drawable'
  draw(count: number, like: ImageSource | undefined): Promise<ImageSource> | ImageSource
  /** What figures of it rest on, beside its path, count and hash. */
  facts: Record<string, unknown>
}

export interface Comparands {
  /** What is known of each set before anything is drawn. */
  outlines: readonly [Outline, Outline]
  /** Draws what is drawn. */
  draw(): Promise<[Comparand, Comparand]>
  /** Of each set, what figures of it rest on, beside its path, count and hash. */
  facts: Record<string, unknown>[]
}

/**
 * The first `limit` images of each. Noise, class Gaussians, models and runs are drawn, as many images as the other set has; where
 * both are, B by the next seed, so that the two are independent. Throws a UserError where a set is missing or damaged, or where
 * nothing says how many to draw.
 */
export async function openComparands(
  pathA: string,
  pathB: string,
  settings: Settings,
  terminal: Terminal,
): Promise<Comparands> {
  const a = await openSide(pathA, settings, terminal)
  const seed = settings.seed + Number(a.kind === 'drawable')
  const sides = [a, await openSide(pathB, { ...settings, seed }, terminal)] as const
  const given = sides.find((side): side is ImageSource => side.kind !== 'drawable' && side.kind !== 'statistics')
  const count = Math.min(settings.limit, given?.count ?? Infinity)
  const drawable = sides.find((side) => side.kind === 'drawable')
  if (drawable && count === Infinity) {
    const fact = `As many images of ${drawable.path} are drawn as the other set has, and that has no number of its own`
    throw new UserError('usage', `${fact}. Say how many with --limit.`, { exitCode: 2 })
  }
  const drawn = async (side: Comparand | Drawable) => (side.kind === 'drawable' ? side.draw(count, given) : side)
  const outlined = (side: Comparand | Drawable): Outline => (side.kind === 'drawable' ? { ...side, count } : side)
  return {
    outlines: [outlined(sides[0]), outlined(sides[1])],
    draw: async () => [await drawn(sides[0]), await drawn(sides[1])],
    facts: sides.map((side) => (side.kind === 'drawable' ? side.facts : {})),
  }
}

async function openSide(path: string, settings: Settings, terminal: Terminal): Promise<Comparand | Drawable> {
  const { limit, seed } = settings
  if (path === 'uniform-noise') return noise(path, seed)
  if (namesModel(path)) return ofModel(path, settings, terminal)
  return path.endsWith('.safetensors') ? ofGaussians(path, seed) : openImages(path, { limit })
}

/** Of the size of the images that it is compared with, or of CIFAR-10's. */
const noise = (path: string, seed: number): Drawable => ({
  path,
  kind: 'drawable',
  draw: (count, like) => uniformNoise(count, like?.size ?? [32, 32], new Generator(seed).split('uniform-noise')),
  facts: { seed },
})

function ofGaussians(path: string, seed: number): Drawable {
  const gaussians = loadClassGaussians(path, 'Name a model, or class-gaussians.safetensors of a run.')
  return {
    path,
    kind: 'drawable',
    draw: (count) => ({ ...gaussianNoise(count, gaussians, new Generator(seed).split('class-gaussians')), path }),
    facts: { seed },
  }
}

/** New chains by the model's own sampler and settings, kept where `evaluate` keeps them. */
async function ofModel(path: string, { seed, ...options }: Settings, terminal: Terminal): Promise<Drawable> {
  const open = await openModel(path, { ...options, weights: undefined }, terminal)
  const { model } = open
  await requiredGaussians(open)
  const settings = model.config.sampling
  const { sampler } = settings
  const folder = evaluationFolder(runOf(resolve(path)), model.sha256)
  const request = { open, sampler, settings, seed, folder, terminal }
  return {
    path,
    kind: 'drawable',
    draw: async (count) => {
      const images = await freshSamples({ ...request, count })
      return { ...images, path, labels: knowsCifar10(model.classNames) ? images.labels : undefined }
    },
    facts: { protocol: 'fresh', weights: model.weights, weights_sha256: model.sha256, seed, ...drawnBy(request) },
  }
}
