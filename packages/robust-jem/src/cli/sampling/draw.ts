/** Drawing images from a network: starts, sampler, frames of a film. Batches are drawn one after another. */
import { cat, type Generator, scope, type Tensor, tensor } from '@robust-jem/torch'
import type { Config } from '../../config/schema.ts'
import type { ClassGaussians } from '../../data/class-gaussian.ts'
import type { Logits } from '../../energy.ts'
import { draw, type SamplerName, stepsOf } from '../../samplers/draw.ts'
import { startsOf } from '../../samplers/starts.ts'

/** Images of a batch. */
export const drawnAtOnce = 100
/** Pictures in a film, the start and the end included. */
const filmFrames = 10

export interface Drawing {
  sampler: SamplerName
  f: Logits
  settings: Config['sampling']
  gaussians: ClassGaussians
  rng: Generator
  /** Class of each image. */
  classes: readonly number[]
  /** Starts in place of class-Gaussian draws, [N, 3, H, W] in [-1, 1]. */
  starts?: Tensor | undefined
  onProgress?: (done: number, total: number) => void
}

export interface Drawn {
  /** [N, 3, H, W] in [-1, 1]. */
  images: Tensor
  /** The same images on their way, each [N, 3, H, W]; empty unless asked for. */
  frames: Tensor[]
}

/** 0, 0, …, 1, 1, …: as many of each class, for a picture with a row for each. */
export const classByClass = (classes: number, each: number): number[] =>
  Array.from({ length: classes * each }, (_, i) => Math.floor(i / each))

/** N images of the classes, in their order. Same seed, same images. */
export function drawImages(drawing: Drawing, { film = false } = {}): Drawn {
  return scope(() => {
    const batches: Drawn[] = []
    for (let at = 0; at < drawing.classes.length; at += drawnAtOnce) batches.push(drawBatch(drawing, at, { film }))
    const joined = (parts: Tensor[]) => (parts.length === 1 ? parts[0]! : cat(parts))
    const frameCount = batches[0]?.frames.length ?? 0
    return {
      images: joined(batches.map((batch) => batch.images)),
      frames: Array.from({ length: frameCount }, (_, i) => joined(batches.map((batch) => batch.frames[i]!))),
    }
  })
}

/** Those from the place `at` on, `drawnAtOnce` of them or the rest: one batch after another gives what `drawImages` does. */
export function drawBatch(
  { sampler, f, settings, gaussians, rng, classes, starts, onProgress }: Drawing,
  at: number,
  { film = false } = {},
): Drawn {
  return scope(() => {
    const steps = stepsOf(sampler, settings)
    const framesAt = new Set(
      film ? Array.from({ length: filmFrames - 1 }, (_, i) => Math.round(((i + 1) * steps) / (filmFrames - 1))) : [],
    )
    const y = tensor(Int32Array.from(classes.slice(at, at + drawnAtOnce)), { dtype: 'int64' }).to({
      device: rng.device,
    })
    const x0 = starts
      ? starts.narrow(0, at, y.numel).to({ device: rng.device })
      : startsOf(settings.start, gaussians)(y, rng)
    const frames = film ? [x0] : []
    const images = draw(sampler, x0, f, y, settings, rng, ({ step, x }) => {
      if (framesAt.has(step + 1) && step + 1 < steps) frames.push(x.clamp({ min: -1, max: 1 }).keep())
      onProgress?.(at * steps + (step + 1) * y.numel, classes.length * steps)
    })
    if (film) frames.push(images)
    return { images, frames }
  })
}
