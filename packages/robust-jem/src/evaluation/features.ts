/** Features of images by Inception-v3, batch by batch: statistics of all of them, and those of some themselves. */
import { type Device, empty, noGrad, scope, type Tensor, tensor } from '@robust-jem/torch'
import type { FeatureDim } from '../models/inception-layers.ts'
import type { InceptionV3 } from '../models/inception-v3.ts'
import { rowsAt } from './diversity.ts'
import { expectFinite } from './finite.ts'
import { FeatureStatistics } from './frechet.ts'
import type { ImageSource } from './image-source.ts'
import { resizeBilinear } from './resize.ts'

/** 'tf1': as the published figures, TF1's resize and (u − 128)/128. 'pytorch-fid': half-pixel resize and 2·u/255 − 1. */
export type Preparation = 'tf1' | 'pytorch-fid'
export const preparations = ['tf1', 'pytorch-fid'] as const satisfies readonly Preparation[]

const side = 299

/** On a CPU few: the first layers' maps of more images leave the caches, and cost twice as much an image. */
export const batchSizeOn = (device: Device): number => (device === 'cpu' ? 4 : 128)

/** uint8 [N, 3, H, W] to what the network takes, float32 [N, 3, 299, 299]. */
export const prepare = (images: Tensor, preparation: Preparation): Tensor =>
  noGrad(() =>
    scope(() => {
      const u = images.float()
      return preparation === 'tf1'
        ? resizeBilinear(u, [side, side], 'tf1').sub(128).div(128)
        : resizeBilinear(u.div(255), [side, side], 'half-pixel').mul(2).sub(1)
    }),
  )

export interface FeatureSettings {
  dims: readonly FeatureDim[]
  /** Also keep p(y | x) of all images. */
  probabilities?: boolean
  preparation?: Preparation
  batchSize?: number | undefined
  /** Of how many images, evenly spread over all, the features themselves are kept. */
  keep?: number
  onProgress?: ((done: number, total: number) => void) | undefined
}

export interface Features {
  count: number
  statistics: ReadonlyMap<FeatureDim, FeatureStatistics>
  /** float32 [min(count, keep), d] of each width. */
  kept: ReadonlyMap<FeatureDim, Tensor>
  /** float32 [count, 1008], where asked for. */
  probabilities: Tensor | undefined
}

/** Runs the network over all images of the source. Memory holds one batch, d² numbers of each width, and what is kept. */
export function extractFeatures(
  network: InceptionV3,
  images: ImageSource,
  {
    dims,
    probabilities = false,
    preparation = 'tf1',
    batchSize = batchSizeOn(network.device),
    keep = 0,
    onProgress,
  }: FeatureSettings,
): Features {
  const { count } = images
  const keptCount = Math.min(count, keep)
  const kept = new Map(dims.map((dim) => [dim, empty([keptCount, dim])]))
  /** How many of the images before the i-th are kept. */
  const keptBefore = (i: number) => Math.ceil((i * keptCount) / count)
  const statistics = new Map(dims.map((dim) => [dim, new FeatureStatistics(dim)]))
  let predicted: Tensor | undefined
  onProgress?.(0, count)
  for (let at = 0; at < count; at += batchSize) {
    const n = Math.min(batchSize, count - at)
    scope(() => {
      const batch = tensor(images.read(at, n), { shape: [n, 3, ...images.size], device: network.device })
      const output = network.forward(prepare(batch, preparation), dims, { logits: probabilities })
      const from = keptBefore(at)
      const chosen = [...Array(n).keys()].filter((i) => keptBefore(at + i + 1) > keptBefore(at + i))
      for (const [dim, features] of output.features) {
        statistics.get(dim)!.add(features)
        if (chosen.length > 0) kept.get(dim)!.narrow(0, from, chosen.length).copy_(rowsAt(features, chosen))
      }
      if (output.logits) {
        expectFinite(output.logits, 'The logits')
        predicted ??= empty([count, output.logits.shape[1]!]).keep()
        predicted.narrow(0, at, n).copy_(output.logits.softmax(1, { dtype: 'float64' }))
      }
    })
    onProgress?.(at + n, count)
  }
  return { count, statistics, kept, probabilities: predicted }
}
