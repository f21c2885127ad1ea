/** How far two sets of images are from each other, by Inception's features: FID, KID and Inception score with all they rest on. */
import { type Generator, randperm, scope } from '@robust-jem/torch'
import { thousands } from '../data/image-set.ts'
import { UserError } from '../errors.ts'
import { type FeatureDim, featureDims } from '../models/inception-layers.ts'
import type { InceptionV3 } from '../models/inception-v3.ts'
import { fullInception } from '../models/inception-weights.ts'
import { type FeatureSet, featureSetOf } from './feature-file.ts'
import { extractFeatures, type FeatureSettings } from './features.ts'
import { type FeatureGaussian, frechetDistance } from './frechet.ts'
import type { ImageSource, StatisticsSource } from './image-source.ts'
import { inceptionScore } from './inception-score.ts'
import { kid } from './kid.ts'

export type Comparand = ImageSource | StatisticsSource
/** As much of a set as says which figures can be had of it. */
export type Outline =
  | StatisticsSource
  | { path: string; kind: 'drawable' | ImageSource['kind']; count: number; size?: ImageSource['size'] }

export interface DistributionSettings {
  /** Default: all that the weights and the sets allow; what they do not is told in `refused`. Else an Error for each. */
  dims?: readonly FeatureDim[] | undefined
  /** Of the first set. Default: where the weights allow it. */
  score?: boolean | undefined
  /** How features come about. Default: the network is run over the images. */
  extract?: ((images: ImageSource, settings: FeatureSettings) => FeatureSet) | undefined
}

export interface Distribution {
  /** 'fid' and 'kid' of 2048 features, 'fid-768' … of the others. */
  figures: Record<string, number>
  inceptionScore: { mean: number; std: number } | undefined
  /** Images of each side that KID was taken of, evenly spread over all. */
  kidCounts: [number, number] | undefined
  /** Figures that cannot be had, and why. */
  refused: Record<string, string>
  /** Of the first set, by width. */
  statistics: ReadonlyMap<FeatureDim, FeatureGaussian>
}

/** KID is unbiased, so that more images only narrow it; their kernel matrix grows with the square. */
const mostKidImages = 10_000
const scoreSplits = 10

/** 'fid', 'fid-768': the bare name is that of the published figures, of 2,048 features. */
export const figureName = (figure: 'fid' | 'kid', dim: FeatureDim): string =>
  dim === 2048 ? figure : `${figure}-${dim}`

/** `network` may be undefined where both sets are statistics. Throws a UserError for figures asked for that cannot be had. */
export function compareDistributions(
  network: InceptionV3 | undefined,
  a: Comparand,
  b: Comparand,
  settings: DistributionSettings,
  rng: Generator,
): Distribution {
  const extract = settings.extract ?? ((images, request) => featureSetOf(extractFeatures(network!, images, request)))
  const { refused, dims, score } = possibleFigures(network, a, b, settings)
  const keep = a.kind !== 'statistics' && b.kind !== 'statistics' ? mostKidImages : 0
  const extracted = [a, b].map((set) => {
    if (set.kind === 'statistics') return undefined
    return extract(set, { dims, probabilities: score && set === a, keep })
  }) as [FeatureSet | undefined, FeatureSet | undefined]
  const gaussian = (side: 0 | 1, dim: FeatureDim): FeatureGaussian => {
    return extracted[side]?.gaussians.get(dim) ?? ([a, b][side] as StatisticsSource).gaussian
  }

  const [x, y] = extracted
  const figures: Record<string, number> = {}
  const statistics = new Map<FeatureDim, FeatureGaussian>()
  for (const dim of dims) {
    const [first, second] = [gaussian(0, dim), gaussian(1, dim)]
    statistics.set(dim, first)
    figures[figureName('fid', dim)] = frechetDistance(first, second)
    if (x && y) figures[figureName('kid', dim)] = kid(x.kept.get(dim)!, y.kept.get(dim)!)
  }
  const keptCount = (features: FeatureSet) => Math.min(features.count, mostKidImages)
  return {
    figures,
    // Samples mostly come sorted by class, and each split needs all classes.
    inceptionScore:
      x?.probabilities && scope(() => inceptionScore(shuffled(x.probabilities!, rng), { splits: scoreSplits })),
    kidCounts: x && y && [keptCount(x), keptCount(y)],
    refused,
    statistics,
  }
}

const shuffled = (rows: NonNullable<FeatureSet['probabilities']>, rng: Generator) =>
  rows.indexSelect(0, randperm(rows.shape[0]!, { generator: rng }).to({ device: rows.device }))

const scoreName = 'inception-score'
const supply = `Supply ${fullInception} with --inception.`

/**
 * The widths that network and sets allow, and why the others cannot be had. Throws a UserError where one of these was asked for,
 * and where none is left.
 */
export function possibleFigures(
  network: InceptionV3 | undefined,
  a: Outline,
  b: Outline,
  { dims: dimsAsked, score: scoreAsked }: Pick<DistributionSettings, 'dims' | 'score'>,
): { refused: Record<string, string>; dims: FeatureDim[]; score: boolean } {
  const refused: Record<string, string> = {}
  const widths = [a, b].flatMap((set) => (set.kind === 'statistics' ? [{ set, dim: set.gaussian.mean.numel }] : []))
  const asked = dimsAsked ?? (widths[0] ? [widths[0].dim as FeatureDim] : featureDims)
  const counts = [a, b].map((set) => (set.kind === 'statistics' ? set.gaussian.count : set.count) ?? Infinity)
  const fewest = Math.min(...counts)
  const reasonAgainst = (dim: FeatureDim): string | undefined => {
    const other = widths.find((width) => width.dim !== dim)
    if (other)
      return `${other.set.path} holds statistics of ${other.dim} features, not of ${dim}. Ask for those it has.`
    if (network && !network.dims.includes(dim))
      return `${figureName('fid', dim)} needs the whole network, and these weights end after ${network.dims.at(-1)} features. ${supply}`
    if (dim === 2048 && fewest <= 2048)
      return `fid needs more than 2,048 images on each side for its covariance, and there are ${thousands(fewest)}. Give more, or take --features 768.`
    return undefined
  }
  const dims = asked.filter((dim) => {
    const reason = reasonAgainst(dim)
    if (reason) refused[figureName('fid', dim)] = reason
    return !reason
  })
  let score = a.kind !== 'statistics' && scoreAsked !== false
  const against = (reason: string) => {
    refused[scoreName] = reason
    score = false
  }
  if (a.kind === 'statistics') {
    if (scoreAsked) against(`An Inception score needs images, and ${a.path} holds statistics. Name the images first.`)
  } else if (score && !network?.hasClasses) {
    against(`${scoreName} needs the network's last layer, which these weights lack. ${supply}`)
  } else if (score && a.count < scoreSplits) {
    against(`${scoreName} over ${scoreSplits} splits needs as many images, and there are ${a.count}. Give more.`)
  }
  const demanded = [...(dimsAsked ?? []).map((dim) => figureName('fid', dim)), ...(scoreAsked ? [scoreName] : [])]
  const denied = demanded.find((figure) => refused[figure] !== undefined)
  if (denied) throw new UserError('figure-refused', refused[denied]!, { expected: denied })
  if (dims.length === 0) throw new UserError('figure-refused', Object.values(refused)[0]!)
  return { refused, dims, score }
}
