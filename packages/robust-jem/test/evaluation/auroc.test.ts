import { Generator, randint } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { auroc } from '../../src/evaluation/auroc.ts'

describe('AUROC: P(positive > negative) + ½·P(equal)', () => {
  it('is 1, 0 or ½ where scores are apart, the wrong way round, or all equal', () => {
    expect(auroc([3, 4], [1, 2])).toBe(1)
    expect(auroc([1, 2], [3, 4])).toBe(0)
    expect(auroc([5, 5, 5], [5, 5])).toBe(0.5)
  })

  it('counts ties as a half each, pair by pair', () => {
    const draw = (n: number, seed: number) =>
      Array.from(randint(0, 6, [n], { generator: new Generator(seed) }).toTypedArray(), Number)
    const [p, n] = [draw(23, 1), draw(31, 2)]
    const pairs = p.flatMap((a) => n.map((b) => (a > b ? 1 : a === b ? 0.5 : 0) as number))
    expect(auroc(p, n)).toBeCloseTo(pairs.reduce((sum, value) => sum + value, 0) / (23 * 31), 14)
    expect(auroc(p, n) + auroc(n, p)).toBeCloseTo(1, 14)
  })

  it('depends on the order of scores only, and takes infinities', () => {
    const [p, n] = [
      [0.1, 0.5, 2],
      [-3, 0.4, 0.5],
    ]
    expect(auroc(p.map(Math.exp), n.map(Math.exp))).toBe(auroc(p, n))
    expect(auroc([Infinity], [-Infinity])).toBe(1)
  })

  it('refuses an empty side and NaN', () => {
    expect(() => auroc([], [1])).toThrow(/^An AUROC needs scores on both sides\. Give more images\.$/)
    expect(() => auroc([1], [1, Number.NaN])).toThrow(/^A score is not a number\./)
  })
})
