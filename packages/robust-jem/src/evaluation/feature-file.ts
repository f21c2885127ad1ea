/** Features of a set of images, computed once: statistics of all of them, the first ones themselves, and how they are kept in a file. */
import { type NpyArray, readNpz, writeNpz } from '@robust-jem/formats'
import { noGrad, type Tensor, tensor } from '@robust-jem/torch'
import { type FeatureDim, featureDims } from '../models/inception-layers.ts'
import type { Features } from './features.ts'
import type { FeatureGaussian } from './frechet.ts'

export interface FeatureSet {
  count: number
  gaussians: ReadonlyMap<FeatureDim, FeatureGaussian>
  /** float32 [min(count, keep), d]. */
  kept: ReadonlyMap<FeatureDim, Tensor>
  /** p(y | x) of Inception's classes, float32 [count, 1008]. */
  probabilities: Tensor | undefined
}

/** Throws a UserError for fewer than two images. */
export const featureSetOf = ({ count, statistics, kept, probabilities }: Features): FeatureSet => ({
  count,
  gaussians: new Map([...statistics].map(([dim, each]) => [dim, each.gaussian()])),
  kept,
  probabilities,
})

const array = (x: Tensor): NpyArray =>
  ({ dtype: x.dtype, shape: [...x.shape], data: noGrad(() => x.toTypedArray()) }) as NpyArray

/** An .npz with mu_64, sigma_64, features_64 … and probabilities. */
export function packFeatures({ count, gaussians, kept, probabilities }: FeatureSet): Uint8Array {
  const arrays: Record<string, NpyArray> = {
    count: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) },
  }
  for (const [dim, { mean, covariance }] of gaussians) {
    arrays[`mu_${dim}`] = array(mean)
    arrays[`sigma_${dim}`] = array(covariance)
    arrays[`features_${dim}`] = array(kept.get(dim)!)
  }
  if (probabilities) arrays.probabilities = array(probabilities)
  return writeNpz(arrays)
}

/** undefined where the bytes are not what `packFeatures` wrote: then they are computed again. */
export function unpackFeatures(bytes: Uint8Array): FeatureSet | undefined {
  try {
    const arrays = readNpz(bytes)
    const take = (name: string) => {
      const { data, shape } = arrays[name]!
      return tensor(data, { shape }).keep()
    }
    const count = Number(arrays.count!.data[0])
    const dims = featureDims.filter((dim) => arrays[`mu_${dim}`])
    return {
      count,
      gaussians: new Map(
        dims.map((dim) => [dim, { mean: take(`mu_${dim}`), covariance: take(`sigma_${dim}`), count }]),
      ),
      kept: new Map(dims.map((dim) => [dim, take(`features_${dim}`)])),
      probabilities: arrays.probabilities && take('probabilities'),
    }
  } catch {
    return undefined
  }
}
