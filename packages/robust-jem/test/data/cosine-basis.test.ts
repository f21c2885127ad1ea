import { eye, Generator, ones, randn, setThreads } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { fromCosines, toCosines } from '../../src/data/cosine-basis.ts'
import { distance, numbersOf } from '../small.ts'

setThreads(1)

describe('the cosine basis', () => {
  const [h, w] = [4, 6]
  const d = 3 * h * w

  it('is orthonormal: B Bᵀ = I, and Bᵀ undoes B', () => {
    const b = toCosines(eye(d).reshape([d, 3, h, w])).reshape([d, d])
    expect(distance(b.matmul(b.t()), eye(d))).toBeLessThan(1e-6)
    const x = randn([5, 3, h, w], { generator: new Generator(1) })
    expect(distance(fromCosines(toCosines(x)), x)).toBeLessThan(1e-6)
  })

  it('has the mean brightness as its first coefficient, which is all of a grey image', () => {
    const c = numbersOf(toCosines(ones([1, 3, h, w])).reshape([d]))
    expect(c[0]).toBeCloseTo(Math.sqrt(d), 5)
    for (const other of c.slice(1)) expect(other).toBeCloseTo(0, 5)
  })

  it('holds the cosines of the definition along each side', () => {
    const c = toCosines(
      ones([1, 3, h, w])
        .mul(0)
        .add(randn([1, 1, h, w], { generator: new Generator(2) })),
    ) // grey
    const x = fromCosines(c).select(0, 0).select(0, 0).toArray() as number[][]
    const [k, l] = [2, 3]
    let sum = 0
    for (let i = 0; i < h; i++)
      for (let j = 0; j < w; j++)
        sum +=
          x[i]![j]! * Math.cos((Math.PI * k * (2 * i + 1)) / (2 * h)) * Math.cos((Math.PI * l * (2 * j + 1)) / (2 * w))
    const expected = Math.sqrt(3) * Math.sqrt(2 / h) * Math.sqrt(2 / w) * sum
    expect((c.select(0, 0).select(0, 0).toArray() as number[][])[k]![l]).toBeCloseTo(expected, 4)
  })
})
