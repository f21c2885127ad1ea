import { Generator, randn, type Tensor, tensor, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { type Prdc, prdc } from '../../src/evaluation/prdc.ts'

const normal = (n: number, d: number, seed: number) =>
  randn([n, d], { generator: new Generator(seed), dtype: 'float64' })

/** Point by point. */
function naivePrdc(real: number[][], fake: number[][], k: number): Prdc {
  const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, i) => value - b[i]!))
  const radius = (set: number[][], a: number[]) => set.map((b) => distance(a, b)).sort((x, y) => x - y)[k]!
  const [r, f] = [real.map((a) => radius(real, a)), fake.map((b) => radius(fake, b))]
  const share = (values: boolean[]) => values.filter(Boolean).length / values.length
  const around = fake.map((b) => real.filter((a, i) => distance(a, b) < r[i]!).length)
  return {
    precision: share(around.map((n) => n > 0)),
    recall: share(real.map((a) => fake.some((b, j) => distance(a, b) < f[j]!))),
    density: around.reduce((sum, n) => sum + n, 0) / (k * fake.length),
    coverage: share(real.map((a, i) => fake.some((b) => distance(a, b) < r[i]!))),
  }
}
const rowsOf = (x: Tensor) => x.toArray() as number[][]

describe('precision, recall, density and coverage', () => {
  it.each([1, 3, 5])('are those of looking at every point, k = %d, however rows are grouped', (k) => {
    const [real, fake] = [normal(31, 3, 1), normal(24, 3, 2).mul(0.7).add(0.5)]
    const expected = naivePrdc(rowsOf(real), rowsOf(fake), k)
    expect(prdc(real, fake, k)).toEqual(expected)
    expect(prdc(real, fake, k, { rows: 7 })).toEqual(expected)
  })

  it('of a set with itself are 1, and of far sets 0', () => {
    const x = normal(40, 3, 3)
    expect(prdc(x, x, 5)).toMatchObject({ precision: 1, recall: 1, coverage: 1 })
    expect(prdc(x, x.add(100), 5)).toEqual({ precision: 0, recall: 0, density: 0, coverage: 0 })
  })

  it('compare strictly: a point on the edge of a ball is not in it', () => {
    const real = tensor([[0], [1]], { dtype: 'float64' }) // radius 1 each, k = 1
    expect(prdc(real, tensor([[2], [3]], { dtype: 'float64' }), 1)).toMatchObject({ precision: 0, coverage: 0 })
    expect(prdc(real, tensor([[1.5], [3]], { dtype: 'float64' }), 1)).toMatchObject({ precision: 0.5, coverage: 0.5 })
  })

  it('refuse k or fewer images, and NaN', () => {
    expect(() => prdc(zeros([6, 2]), zeros([5, 2]), 5)).toThrow(
      /^5-th neighbours need more than 5 images on each side, not 5\. Give more images\.$/,
    )
    expect(() => prdc(zeros([6, 2]).add(Number.NaN), zeros([6, 2]), 3)).toThrow(/not all finite/)
  })
})
