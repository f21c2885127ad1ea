import { Generator, logsumexp, randn, setThreads, type Tensor, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { auroc } from '../../src/evaluation/auroc.ts'
import { byteImages } from '../../src/evaluation/byte-images.ts'
import { aurocWithInterval, oodScores } from '../../src/evaluation/ood.ts'
import { gaussianNoise, interpolations, uniformNoise } from '../../src/evaluation/ood-sets.ts'
import { smallGaussians } from '../training/small-training.ts'
import { bytesOf } from './images.ts'

setThreads(1)

const images = byteImages('images', bytesOf(7 * 3 * 16, 5), [4, 4])
const weights = randn([48, 3], { generator: new Generator(4) })
/** f(x) = Wx. */
const linear = (x: Tensor) => x.reshape([-1, 48]).matmul(weights)

describe('the scores of JEM §5.3', () => {
  it('of f(x) = Wx: logsumexp, max softmax, −‖Wᵀ softmax Wx‖, whatever the batches', () => {
    const scores = oodScores(linear, images, { batchSize: 3 })
    const x = tensor(images.read(0, 7), { shape: [7, 48] })
      .float()
      .mul(2 / 255)
      .sub(1)
    const z = x.matmul(weights)
    const p = z.softmax(1)
    const expected = {
      'log-p': logsumexp(z, 1),
      'max-softmax': p.amax({ dim: 1 }),
      'gradient-norm': p.matmul(weights.t()).square().sum([1]).sqrt().neg(),
    }
    for (const [name, values] of Object.entries(expected)) {
      const numbers = values.double().toTypedArray() as Float64Array
      for (const [i, value] of numbers.entries()) expect(scores[name as keyof typeof expected][i]).toBeCloseTo(value, 4)
    }
  })
})

describe('AUROC with its interval', () => {
  it('is the AUROC, inside of its interval; a perfect score has no width', () => {
    const [a, b] = [1, 2].map((seed) =>
      randn([60], { generator: new Generator(seed) })
        .double()
        .toTypedArray(),
    ) as [Float64Array, Float64Array]
    const shifted = a.map((value) => Math.round(4 * (value + 0.7)) / 4) // with ties
    const rounded = b.map((value) => Math.round(4 * value) / 4)
    const { value, interval } = aurocWithInterval(shifted, rounded, new Generator(0))
    expect(value).toBe(auroc(shifted, rounded))
    expect(interval.low).toBeLessThan(value)
    expect(interval.high).toBeGreaterThan(value)
    expect(interval.high - interval.low).toBeLessThan(0.3)
    const perfect = aurocWithInterval(Float64Array.of(3, 4), Float64Array.of(1, 2), new Generator(0), { resamples: 50 })
    expect(perfect).toEqual({ value: 1, interval: { low: 1, high: 1, method: 'bootstrap-95' } })
  })

  it('scores that are not numbers are refused', () => {
    expect(() => aurocWithInterval(Float64Array.of(Number.NaN), Float64Array.of(1), new Generator(0))).toThrow(
      /not a number/,
    )
  })
})

describe('sets that need no files', () => {
  it('interpolations are means of two different images, as many as there are', () => {
    const mixed = interpolations(images, new Generator(1))
    expect([mixed.count, mixed.size]).toEqual([7, [4, 4]])
    const each = Array.from({ length: 7 }, (_, i) => images.read(i, 1))
    for (let i = 0; i < 7; i++) {
      const found = each.flatMap((a, j) =>
        each.slice(j + 1).filter((b) => mixed.read(i, 1).every((byte, k) => byte === Math.round((a[k]! + b[k]!) / 2))),
      )
      expect(found).toHaveLength(1)
    }
  })

  it('noise: uniform bytes, and draws of the class Gaussians; the same seed, the same bytes', () => {
    const noise = uniformNoise(40, [8, 8], new Generator(1))
    const bytes = noise.read(0, 40)
    expect(bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length).toBeCloseTo(127.5, -1)
    expect([Math.min(...bytes), Math.max(...bytes)]).toEqual([0, 255])
    expect(uniformNoise(40, [8, 8], new Generator(1)).sha256).toBe(noise.sha256)
    const drawn = gaussianNoise(3, smallGaussians(), new Generator(1))
    expect([drawn.count, drawn.size]).toEqual([3, [32, 32]])
    expect(gaussianNoise(3, smallGaussians(), new Generator(2)).sha256).not.toBe(drawn.sha256)
  })
})
