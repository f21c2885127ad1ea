import { Generator, memory, type Tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { lengthOf } from '../../src/attacks/ball-in-box.ts'
import { margin } from '../../src/attacks/dlr.ts'
import { square, squareShare, squareSide } from '../../src/attacks/square.ts'
import { numbersOf, smallImages } from '../small.ts'
import { bent, images, predictions } from './small-logits.ts'

const f = bent(5, 1)
const x0 = images(12, 3)
const y = predictions(f, x0)

describe.each([
  ['linf', 0.1],
  ['l2', 0.6],
] as const)('Square Attack (Andriushchenko et al.), %s', (norm, epsilon) => {
  const run = (queries: number, seed = 1) => square(f, x0, y, { norm, epsilon, queries }, new Generator(seed))

  it('stays in the ball and in the box, whatever it asks', () => {
    const farthest: number[] = []
    const watching = (x: Tensor) => {
      if (x.shape[0] === x0.shape[0]) farthest.push(lengthOf(x.sub(x0), norm).max().item() - epsilon)
      farthest.push(x.abs().max().item() - 1)
      return f(x)
    }
    const { adversarial } = square(watching, x0, y, { norm, epsilon, queries: 60 }, new Generator(2))
    expect(lengthOf(adversarial.sub(x0), norm).max().item()).toBeLessThan(epsilon + 1e-9)
    expect(Math.max(...farthest)).toBeLessThan(1e-9)
  })

  it('lowers margins with more queries and never raises one; what is broken stays as it is', () => {
    const results = [0, 10, 60].map((queries) => run(queries))
    const margins = results.map(({ adversarial }) => numbersOf(margin(f(adversarial), y)))
    for (const [k, row] of margins.slice(1).entries())
      for (const [i, value] of row.entries()) expect(value).toBeLessThanOrEqual(margins[k]![i]! + 1e-12)
    expect(margins[2]!.reduce((a, b) => a + b)).toBeLessThan(margins[0]!.reduce((a, b) => a + b))
    for (const [k, { broken }] of results.entries())
      expect(numbersOf(broken).map(Boolean)).toEqual(margins[k]!.map((value) => value <= 0))
  })

  it('asks once at the start and once a query, of images that are not broken only, and stops when none is left', () => {
    const batches: number[] = []
    const counted = (x: Tensor) => {
      batches.push(x.shape[0]!)
      return f(x)
    }
    const { broken } = square(counted, x0, y, { norm, epsilon: 4 * epsilon, queries: 200 }, new Generator(3))
    expect(batches[0]).toBe(12)
    expect(batches.every((size, i) => i === 0 || size <= batches[i - 1]!)).toBe(true)
    expect(broken.all().item()).toBe(1)
    expect(batches.length).toBeLessThan(201)
    batches.length = 0
    square(counted, x0, y, { norm, epsilon: epsilon / 100, queries: 7 }, new Generator(3))
    expect(batches).toHaveLength(8)
  })

  it('is decided by its generator', () => {
    expect(numbersOf(run(20).adversarial)).toEqual(numbersOf(run(20).adversarial))
    expect(numbersOf(run(20, 9).adversarial)).not.toEqual(numbersOf(run(20).adversarial))
  })

  it('holds no tensor back but its result, and takes images of any size', () => {
    const before = memory().tensors
    for (const result of Object.values(run(10))) result.dispose()
    expect(memory().tensors).toBe(before)
    const sum = (x: Tensor) => x.mean([2, 3])
    for (const side of [2, 3, 4, 5, 32]) {
      const x = smallImages(2, 1, { side, dtype: 'float64' })
      const { adversarial } = square(sum, x, predictions(sum, x), { norm, epsilon, queries: 3 }, new Generator(1))
      expect(lengthOf(adversarial.sub(x), norm).max().item()).toBeLessThan(epsilon + 1e-9)
    }
  })
})

describe('the schedule of squares', () => {
  it('halves the share of pixels after 10, 50, 200, … iterations, or at as many parts of the queries', () => {
    const shares = [0, 10, 11, 51, 201, 501, 1001, 2001, 4001, 6001, 8001].map((it) =>
      squareShare(it, { queries: 5000 }),
    )
    expect(shares).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((k) => 0.8 / 2 ** k))
    expect(squareShare(6, { queries: 5000, rescaled: true })).toBe(0.4)
  })
  it('a side covers the share of the pixels, between 1 and the image', () => {
    expect([0.8, 0.1, 1e-9, 5].map((p) => squareSide(p, 32, 32))).toEqual([29, 10, 1, 32])
  })
})
