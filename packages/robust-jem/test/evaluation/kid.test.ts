import { Generator, randn, type Tensor, tensor, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { drawSubsets, kid, kidOverSubsets } from '../../src/evaluation/kid.ts'

const normal = (n: number, d: number, seed: number) =>
  randn([n, d], { generator: new Generator(seed), dtype: 'float64' })
const rowsOf = (x: Tensor) => x.toArray() as number[][]

/** All pairs, one by one. */
function naiveKid(x: number[][], y: number[][]): number {
  const k = (a: number[], b: number[]) => (a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length + 1) ** 3
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const others = (z: number[][]) => mean(z.flatMap((a, i) => z.filter((_, j) => j !== i).map((b) => k(a, b))))
  return others(x) + others(y) - 2 * mean(x.flatMap((a) => y.map((b) => k(a, b))))
}

describe('KID: unbiased MMD² under (xᵀy/d + 1)³', () => {
  it('is that of all pairs, one by one, for sets of unequal size', () => {
    const [x, y] = [normal(9, 4, 1), normal(13, 4, 2).mul(1.3).add(0.4)]
    expect(kid(x, y)).toBeCloseTo(naiveKid(rowsOf(x), rowsOf(y)), 12)
  })

  it('does not depend on the blocks that the kernel is summed by', () => {
    const [x, y] = [normal(1500, 3, 3), normal(1100, 3, 4)]
    const shuffledX = x.flip([0])
    expect(kid(shuffledX, y)).toBeCloseTo(kid(x, y), 12)
  })

  it('is unbiased: over halves of one set its mean is 0 within its own error, and it is negative at times', () => {
    const x = normal(4000, 5, 5)
    const values = Array.from({ length: 40 }, (_, i) => kid(x.narrow(0, 100 * i, 50), x.narrow(0, 100 * i + 50, 50)))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 39)
    expect(Math.abs(mean)).toBeLessThan((4 * deviation) / Math.sqrt(40))
    expect(Math.min(...values)).toBeLessThan(0)
  })

  it('refuses a single image and NaN', () => {
    const x = zeros([3, 2])
    expect(() => kid(x, zeros([1, 2]))).toThrow(
      /^KID needs at least 2 images on each side, not 1\. Give more images\.$/,
    )
    expect(() =>
      kid(
        x,
        tensor([
          [0, Number.NaN],
          [0, 0],
        ]),
      ),
    ).toThrow(/not all finite/)
  })
})

describe('KID over subsets', () => {
  it('is mean and population deviation of the estimates', () => {
    const [x, y] = [normal(30, 3, 6), normal(20, 3, 7)]
    const subsets = drawSubsets(30, 20, { count: 5, size: 8 }, new Generator(1))
    const values = subsets.map(([i, j]) => kid(x.indexSelect(0, i), y.indexSelect(0, j)))
    const mean = values.reduce((sum, value) => sum + value, 0) / 5
    const { mean: ours, std } = kidOverSubsets(x, y, subsets)
    expect(ours).toBeCloseTo(mean, 14)
    expect(std).toBeCloseTo(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5), 14)
  })

  it('draws rows without replacement, the same from the same generator', () => {
    const draw = () =>
      drawSubsets(30, 20, { count: 3, size: 20 }, new Generator(2)).map((pair) => pair.map((i) => i.toArray()))
    for (const [i, j] of draw()) {
      expect(new Set(i as number[]).size).toBe(20)
      expect([...(j as number[])].sort((a, b) => a - b)).toEqual([...Array(20).keys()])
    }
    expect(draw()).toEqual(draw())
    expect(() => drawSubsets(30, 20, { size: 21 }, new Generator(2))).toThrow(
      /^Subsets of 21 need as many images; there are 20/,
    )
  })
})
