import { cat, eye, full, Generator, randn, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { inceptionScore } from '../../src/evaluation/inception-score.ts'

describe('Inception score: exp E KL(p(y | x) ‖ p(y))', () => {
  it('of certain predictions, spread evenly, is the number of classes', () => {
    const once = eye(7) // one image of each class
    const twice = cat([once, once])
    expect(inceptionScore(once, { splits: 1 })).toEqual({ mean: expect.closeTo(7, 12), std: 0 })
    expect(inceptionScore(twice, { splits: 2 })).toEqual({ mean: expect.closeTo(7, 12), std: expect.closeTo(0, 12) })
  })

  it('of equal predictions is 1, whatever they are', () => {
    expect(inceptionScore(full([20, 5], 0.2))).toEqual({ mean: expect.closeTo(1, 7), std: expect.closeTo(0, 7) })
    const certain = zeros([20, 5])
    certain.narrow(1, 3, 1).fill_(1)
    expect(inceptionScore(certain).mean).toBe(1)
  })

  it('takes consecutive splits ⌊iN/S⌋ … ⌊(i+1)N/S⌋ and their population deviation', () => {
    const p = randn([23, 4], { generator: new Generator(1), dtype: 'float64' }).softmax(1)
    const rows = p.toArray() as number[][]
    const score = (part: number[][]) => {
      const marginal = part[0]!.map((_, c) => part.reduce((sum, row) => sum + row[c]!, 0) / part.length)
      const kl = part.map((row) => row.reduce((sum, value, c) => sum + value * Math.log(value / marginal[c]!), 0))
      return Math.exp(kl.reduce((sum, value) => sum + value, 0) / part.length)
    }
    const scores = [rows.slice(0, 7), rows.slice(7, 15), rows.slice(15)].map(score)
    const mean = (scores[0]! + scores[1]! + scores[2]!) / 3
    const std = Math.sqrt(scores.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3)
    expect(inceptionScore(p, { splits: 3 })).toEqual({ mean: expect.closeTo(mean, 12), std: expect.closeTo(std, 12) })
  })

  it('refuses fewer images than splits, and NaN', () => {
    expect(() => inceptionScore(zeros([9, 3]))).toThrow(
      /^An Inception score over 10 splits needs at least 10 images, not 9\. Give more images\.$/,
    )
    expect(() => inceptionScore(full([10, 3], Number.NaN))).toThrow(/^The probabilities are not all finite/)
  })
})
