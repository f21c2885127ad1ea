import { Generator, randn, setThreads, softmax, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { type FeatureSet, packFeatures, unpackFeatures } from '../../src/evaluation/feature-file.ts'
import { gaussianOf } from '../../src/evaluation/frechet.ts'
import { generationFigures } from '../../src/evaluation/generation.ts'
import type { FeatureDim } from '../../src/models/inception-layers.ts'

setThreads(1)

/** Features of 64 and more dimensions of the normal law. */
function normal(count: number, seed: number, dims: readonly FeatureDim[] = [64], scores = false): FeatureSet {
  const rng = new Generator(seed)
  const kept = new Map(dims.map((dim) => [dim, randn([count, dim], { generator: rng })]))
  return {
    count,
    kept,
    // Of 2,048 features none is computed from here: it would be refused, and takes long.
    gaussians: new Map([...kept].map(([dim, features]) => [dim, dim === 2048 ? standard(dim) : gaussianOf(features)])),
    probabilities: scores ? softmax(randn([count, 12], { generator: rng }), 1) : undefined,
  }
}
const standard = (dim: number) => ({ mean: zeros([dim]), covariance: zeros([dim, dim]), count: undefined })
const valuesOf = ({ figures }: ReturnType<typeof generationFigures>) =>
  Object.fromEntries(figures.map(({ name, value }) => [name, value]))

describe('figures of samples', () => {
  it('a set against itself: distance 0, all precise, all covered', () => {
    const set = normal(40, 1)
    const values = valuesOf(generationFigures(set, set))
    expect(values['fid-64']).toBeCloseTo(0, 6)
    expect(values['kid-64']).toBeLessThan(0) // unbiased, and each point meets itself
    expect(values).toMatchObject({ 'precision-64': 1, 'recall-64': 1, 'coverage-64': 1 })
  })

  it('neighbours are looked for among equally many real images, KID among all', () => {
    const { figures } = generationFigures(normal(40, 1), normal(60, 2))
    const of = (name: string) => figures.find((figure) => figure.name === name)
    expect(of('recall-64')).toMatchObject({ count: 40, settings: { k: 3, reference: 40 } })
    expect(of('coverage-64')).toMatchObject({ settings: { k: 5, reference: 40 } })
    expect(of('kid-64')).toMatchObject({ settings: { reference: 60 }, interval: { method: 'splits-95' } })
    const { low, high } = of('kid-64')!.interval!
    expect([low < of('kid-64')!.value, of('kid-64')!.value < high]).toEqual([true, true])
  })

  it('what the weights do not give is refused with what to supply', () => {
    const { refused } = generationFigures(normal(20, 1), normal(20, 2))
    expect(refused.fid).toMatch(
      /needs the whole network, and these weights end after 64 features\. Supply pt_inception/,
    )
    expect(refused['inception-score']).toMatch(/needs the network's last layer/)
  })

  it('what the counts do not support is refused', () => {
    const few = generationFigures(normal(5, 1, [64], true), normal(5, 2))
    expect(few.refused['recall-64']).toMatch(/need more than 5 images on each side, and there are 5/)
    expect(few.refused['inception-score']).toMatch(/over 10 splits/)
    const full = generationFigures(normal(12, 1, [64, 2048], true), normal(12, 2, [64, 2048]))
    expect(full.refused.fid).toMatch(/more than 2,048 images on each side/)
    expect(Object.keys(valuesOf(full))).toEqual(expect.arrayContaining(['inception-score', 'kid', 'recall-64']))
    expect(Object.keys(valuesOf(full))).not.toContain('fid')
  })
})

describe('kept features', () => {
  it('come back as they were', () => {
    const set = normal(6, 3, [64, 192], true)
    const back = unpackFeatures(packFeatures(set))!
    expect([back.count, [...back.kept.keys()]]).toEqual([6, [64, 192]])
    for (const dim of [64, 192] as const) {
      expect(back.kept.get(dim)!.equal(set.kept.get(dim)!)).toBe(true)
      expect(back.gaussians.get(dim)!.covariance.equal(set.gaussians.get(dim)!.covariance)).toBe(true)
      expect(back.gaussians.get(dim)!.count).toBe(6)
    }
    expect(back.probabilities!.equal(set.probabilities!)).toBe(true)
  })

  it('damaged ones are computed again', () => {
    const bytes = packFeatures(normal(6, 3))
    expect(unpackFeatures(bytes.subarray(0, bytes.length - 400))).toBeUndefined()
    expect(unpackFeatures(new Uint8Array(10))).toBeUndefined()
  })
})
