import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eye, Generator, setThreads, type Tensor, tensor, zeros } from '@robust-jem/torch'
import { afterAll, describe, expect, it } from 'vitest'
import { compareDistributions, figureName } from '../../src/evaluation/distribution.ts'
import { featureSetOf } from '../../src/evaluation/feature-file.ts'
import { extractFeatures, type FeatureSettings, prepare } from '../../src/evaluation/features.ts'
import { gaussianOf } from '../../src/evaluation/frechet.ts'
import { type ImageSource, openImages } from '../../src/evaluation/image-source.ts'
import { InceptionV3 } from '../../src/models/inception-v3.ts'
import { weightsOfState } from '../../src/models/inception-weights.ts'
import { randomState } from '../models/inception-states.ts'
import { writePngFolder } from './images.ts'

setThreads(1)

const root = mkdtempSync(join(tmpdir(), 'robust-jem-distribution-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
writePngFolder(join(root, 'a'), 5, 1)
const images = openImages(join(root, 'a')) as ImageSource
const stem = new InceptionV3(weightsOfState(randomState(64, 1)))

describe('features of images', () => {
  it('come in batches, are kept as far as asked, and tell how far they are', () => {
    const seen: number[][] = []
    const settings = { dims: [64] as const, batchSize: 2, keep: 3, onProgress: (...at: number[]) => void seen.push(at) }
    const { count, statistics, kept } = extractFeatures(stem, images, settings)
    expect([count, statistics.get(64)!.count, kept.get(64)!.shape]).toEqual([5, 5, [3, 64]])
    expect(seen).toEqual([
      [0, 5],
      [2, 5],
      [4, 5],
      [5, 5],
    ])
    const whole = extractFeatures(stem, images, { dims: [64], keep: 9 })
    const features = whole.kept.get(64)!
    expect(features.shape).toEqual([5, 64])
    const spread = features.indexSelect(0, tensor(Int32Array.of(0, 1, 3), { dtype: 'int64' }))
    expect(spread.sub(kept.get(64)!).abs().max().item()).toBeLessThan(1e-5)
    const { covariance } = gaussianOf(features)
    expect(covariance.sub(statistics.get(64)!.gaussian().covariance).abs().max().item()).toBeLessThan(1e-5)
  })

  it('are of images scaled to (u − 128)/128, or as pytorch-fid does to 2·u/255 − 1', () => {
    const black = zeros([1, 3, 2, 2], { dtype: 'uint8' })
    const white = black.add(255).to({ dtype: 'uint8' })
    const rangeOf = (x: typeof black) => [x.min().item(), x.max().item()]
    expect(rangeOf(prepare(black, 'tf1'))).toEqual([-1, -1])
    expect(rangeOf(prepare(white, 'tf1'))).toEqual([127 / 128, 127 / 128])
    expect(rangeOf(prepare(white, 'pytorch-fid'))).toEqual([1, 1])
    expect(prepare(white, 'tf1').shape).toEqual([1, 3, 299, 299])
  })
})

describe('figures of two sets', () => {
  /** A network that gives the i-th image of a batch the class i, with certainty. */
  const full = {
    dims: [64, 192, 768, 2048],
    hasClasses: true,
    device: 'cpu',
    forward: (x: Tensor, dims: readonly number[]) => ({
      features: new Map(dims.map((dim) => [dim, x.mean([2, 3]).repeat([1, dim]).narrow(1, 0, dim)])),
      logits: eye(1008).narrow(0, 0, x.shape[0]!).mul(1000),
    }),
  } as unknown as InceptionV3
  const rng = () => new Generator(1)

  it('bear the bare name of the published ones only with all 2,048 features', () => {
    expect([figureName('fid', 2048), figureName('kid', 2048), figureName('fid', 768)]).toEqual([
      'fid',
      'kid',
      'fid-768',
    ])
  })

  it('of 2,048 features are refused below 2,049 images, and an Inception score below its ten splits', () => {
    const { figures, refused } = compareDistributions(stem, images, images, {}, rng())
    expect(figures['fid-64']).toBeLessThan(1e-6)
    expect(refused).toHaveProperty('fid-768')
    const few = (settings: object) => () => compareDistributions(full, images, images, settings, rng())
    expect(few({ dims: [2048] })).toThrow(
      /^fid needs more than 2,048 images on each side for its covariance, and there are 5\. Give more, or take --features 768\.$/,
    )
    expect(few({ dims: [64], score: true })).toThrow(
      /^inception-score over 10 splits needs as many images, and there are 5/,
    )
  })

  it('have the Inception score of the first set where weights and count allow', () => {
    writePngFolder(join(root, 'more'), 30, 3, { width: 4, height: 4 })
    const more = openImages(join(root, 'more')) as ImageSource
    const extract = (source: ImageSource, asked: FeatureSettings) =>
      featureSetOf(extractFeatures(full, source, { ...asked, batchSize: 30 }))
    const settings = { dims: [64] as const, extract }
    const { inceptionScore, refused } = compareDistributions(full, more, { ...more }, settings, rng())
    // Each split of three has three classes, in whatever order.
    expect(inceptionScore).toEqual({ mean: expect.closeTo(3, 6), std: expect.closeTo(0, 6) })
    expect(refused).toEqual({})
  })

  it('of statistics of different widths are refused', () => {
    const statistics = (d: number) => ({
      path: `${d}.npz`,
      kind: 'statistics' as const,
      gaussian: gaussianOf(zeros([3, d])),
      sha256: '',
    })
    expect(() => compareDistributions(undefined, statistics(64), statistics(192), {}, rng())).toThrow(
      /^192\.npz holds statistics of 192 features, not of 64\. Ask for those it has\.$/,
    )
    expect(() => compareDistributions(stem, images, statistics(192), { dims: [64] }, rng())).toThrow(/192\.npz holds/)
    expect(compareDistributions(undefined, statistics(64), statistics(64), {}, rng()).figures).toEqual({ 'fid-64': 0 })
  })
})
