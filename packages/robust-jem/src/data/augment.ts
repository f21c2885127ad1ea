/** Augmentation of the released JEM codes: reflect-pad 4, random crop, horizontal flip, scale to [-1, 1], then + σ·N(0, I). */
import { type Generator, randint, randn, scope, type Tensor, tensor } from '@robust-jem/torch'
import type { ImageSet } from './image-set.ts'
import { toModelRange } from './pixels.ts'

export interface AugmentSettings {
  /** Pixels of reflected border before the random crop; 0 for none. */
  pad: number
  flip: boolean
}

/** Images of the set as they are, in model units: float32 [N, 3, H, W] in [-1, 1]. */
export function imagesAt(set: ImageSet, indices: ArrayLike<number>): Tensor {
  const size = set.images.length / set.labels.length
  const bytes = new Uint8Array(indices.length * size)
  for (let i = 0; i < indices.length; i++)
    bytes.set(set.images.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size)
  return inModelRange(bytes, [indices.length, ...set.shape.slice(1)])
}

/** Labels of the set, int64 [N]. */
export const labelsAt = (set: ImageSet, indices: ArrayLike<number>): Tensor =>
  tensor(
    Int32Array.from(indices, (i) => set.labels[i]!),
    { dtype: 'int64' },
  )

const inModelRange = (bytes: Uint8Array, shape: readonly number[]): Tensor =>
  scope(() => toModelRange(tensor(bytes, { shape })))

/** Randomly shifted and flipped images of the set: float32 [N, 3, H, W] in [-1, 1]. */
export function augmentedAt(
  set: ImageSet,
  indices: ArrayLike<number>,
  { pad, flip }: AugmentSettings,
  rng: Generator,
): Tensor {
  const [, channels, height, width] = set.shape
  const n = indices.length
  const draws = scope(() => randint(0, (2 * pad + 1) ** 2 * 2, [n], { generator: rng }).toTypedArray())
  const reflect = (i: number, size: number) => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i)
  const bytes = new Uint8Array(n * channels * height * width)
  let to = 0
  for (let i = 0; i < n; i++) {
    const draw = Number(draws[i])
    const mirrored = flip && draw % 2 === 1
    const shift = draw >> 1
    const dy = (shift % (2 * pad + 1)) - pad
    const dx = Math.floor(shift / (2 * pad + 1)) - pad
    for (let c = 0; c < channels; c++) {
      const plane = (indices[i]! * channels + c) * height * width
      for (let y = 0; y < height; y++) {
        const row = plane + reflect(y + dy, height) * width
        for (let x = 0; x < width; x++)
          bytes[to++] = set.images[row + reflect((mirrored ? width - 1 - x : x) + dx, width)]!
      }
    }
  }
  return inModelRange(bytes, [n, channels, height, width])
}

/** x + σ·N(0, I); the images may leave [-1, 1] a little. */
export const withNoise = (x: Tensor, sigma: number, rng: Generator): Tensor =>
  sigma > 0 ? scope(() => x.add(randn(x.shape, { generator: rng }), { alpha: sigma })) : x
