/** Figures of samples against real images by Inception's features: Fréchet distances, KID, precision and recall, Inception score. */
import { arange, scope, type Tensor } from '@robust-jem/torch'
import type { FeatureDim } from '../models/inception-layers.ts'
import { fullInception } from '../models/inception-weights.ts'
import { figureName } from './distribution.ts'
import type { FeatureSet } from './feature-file.ts'
import type { Interval } from './figure-record.ts'
import { frechetDistance } from './frechet.ts'
import { inceptionScore } from './inception-score.ts'
import { overSplits } from './intervals.ts'
import { kid, kidOverSubsets } from './kid.ts'
import { prdc } from './prdc.ts'

export interface Measured {
  name: string
  value: number
  interval?: Interval
  unit?: 'share'
  /** Samples that it is of, where not all. */
  count?: number
  settings?: Record<string, number>
}
export interface Measurement {
  figures: Measured[]
  /** Figures that cannot be had, and why. */
  refused: Record<string, string>
}

const splits = 10
/** Neighbours, as published. */
const [nearManifold, nearDensity] = [3, 5]

/** As far as the features that are there and the counts allow. */
export function generationFigures(samples: FeatureSet, reference: FeatureSet): Measurement {
  const figures: Measured[] = []
  const refused: Record<string, string> = {}
  const dims = [...samples.gaussians.keys()]
  for (const dim of dims) {
    const counts = [samples.count, reference.count]
    if (dim === 2048 && Math.min(...counts) <= 2048) {
      refused.fid = `fid needs more than 2,048 images on each side for its covariance, and there are ${counts.join(' and ')}`
      continue
    }
    const value = frechetDistance(samples.gaussians.get(dim)!, reference.gaussians.get(dim)!)
    figures.push({ name: figureName('fid', dim), value })
  }
  if (!dims.includes(2048))
    refused.fid = `fid needs the whole network, and these weights end after ${dims.at(-1)} features. Supply ${fullInception}`
  for (const dim of dims)
    figures.push(kidFigure(samples.kept.get(dim)!, reference.kept.get(dim)!, figureName('kid', dim)))
  const manifold = manifoldFigures(samples, reference)
  figures.push(...manifold.figures)
  const score = scoreFigure(samples)
  if ('reason' in score) refused['inception-score'] = score.reason
  else figures.push(score)
  return { figures, refused: { ...refused, ...manifold.refused } }
}

/** Unbiased over all features; its interval from ten disjoint parts. */
function kidFigure(x: Tensor, y: Tensor, name: string): Measured {
  const value = kid(x, y)
  const [n, m] = [x.shape[0]!, y.shape[0]!]
  const measured = { name, value, count: n, settings: { reference: m } }
  if (Math.min(n, m) < 2 * splits) return measured
  const part = (count: number, i: number) =>
    arange(Math.floor((i * count) / splits), Math.floor(((i + 1) * count) / splits))
  const values = Array.from({ length: splits }, (_, i) =>
    scope(() => kidOverSubsets(x, y, [[part(n, i), part(m, i)]]).mean),
  )
  return { ...measured, interval: overSplits(value, values) }
}

/** The features that neighbours are looked for in: 768, so that figures compare whichever weights there are; the deepest of fewer. */
export const neighbourFeatures = ({ kept }: FeatureSet): { dim: FeatureDim; features: Tensor } => {
  const dim = [...kept.keys()].filter((each) => each <= 768).at(-1)!
  return { dim, features: kept.get(dim)! }
}

/** With equally many real images, since these figures depend on both counts. */
export function manifoldFigures(samples: FeatureSet, reference: FeatureSet): Measurement {
  const [{ dim, features: fake }, { features: real }] = [neighbourFeatures(samples), neighbourFeatures(reference)]
  const count = Math.min(fake.shape[0]!, real.shape[0]!)
  const names = (['precision', 'recall', 'density', 'coverage'] as const).map(
    (name) => [name, `${name}-${dim}`] as const,
  )
  if (count <= nearDensity) {
    const reason = `${nearDensity}-th neighbours need more than ${nearDensity} images on each side, and there are ${count}`
    return { figures: [], refused: Object.fromEntries(names.map(([, name]) => [name, reason])) }
  }
  const [x, y] = [real.narrow(0, 0, count), fake.narrow(0, 0, count)]
  const [near, dense] = [prdc(x, y, nearManifold), prdc(x, y, nearDensity)]
  const figures = names.map(([of, name]): Measured => {
    const k = of === 'precision' || of === 'recall' ? nearManifold : nearDensity
    const value = (k === nearManifold ? near : dense)[of]
    return {
      name,
      value,
      ...(of !== 'density' && { unit: 'share' as const }),
      count,
      settings: { k, reference: count },
    }
  })
  return { figures, refused: {} }
}

function scoreFigure({ probabilities, count }: FeatureSet): Measured | { reason: string } {
  if (!probabilities)
    return {
      reason: `inception-score needs the network's last layer, which these weights lack. Supply ${fullInception}`,
    }
  if (count < splits)
    return { reason: `inception-score over ${splits} splits needs as many images, and there are ${count}` }
  const { mean, std } = inceptionScore(probabilities, { splits })
  return {
    name: 'inception-score',
    value: mean,
    interval: { low: mean - std, high: mean + std, method: 'splits-sd' },
    settings: { splits },
  }
}
