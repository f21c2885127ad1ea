import { type Tensor, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { lengthOf } from '../../src/attacks/ball-in-box.ts'
import { rankedTargets } from '../../src/attacks/dlr.ts'
import { fab } from '../../src/attacks/fab.ts'
import { distance, numbersOf } from '../small.ts'
import { bent, images, linear, linearWeights, predictions } from './small-logits.ts'

describe.each(['linf', 'l2'] as const)('FAB (Croce & Hein 2020b), %s', (norm) => {
  it('finds the exact distance to the boundary of a linear network, from outside and within 1 %', () => {
    const { w, c } = linearWeights(2, 1)
    const f = linear(w.mul(0.1), c.mul(0.1))
    const x0 = images(8, 4, 0.3)
    const y = predictions(f, x0)
    const other = y.neg().add(1)
    const z = f(x0)
    const normal = w.select(0, 0).sub(w.select(0, 1)).mul(0.1)
    const dual = norm === 'linf' ? normal.abs().sum().item() : normal.square().sum().sqrt().item()
    const exact = numbersOf(z.select(1, 0).sub(z.select(1, 1)).abs().div(dual))
    const found = fab(f, x0, y, other, { norm, steps: 30 })
    for (const [i, length] of numbersOf(found.distance).entries()) {
      expect(length).toBeGreaterThanOrEqual(exact[i]! * (1 - 1e-9))
      expect(length).toBeLessThan(exact[i]! * 1.01)
    }
  })

  const f = bent(5, 1)
  const x0 = images(12, 3)
  const y = predictions(f, x0)
  const target = rankedTargets(f(x0), y).select(1, 0)

  it('returns misclassified images of the box at the distance that it names', () => {
    const { x, distance: lengths } = fab(f, x0, y, target, { norm, steps: 20 })
    const found = numbersOf(lengths).map(Number.isFinite)
    expect(found.filter(Boolean).length).toBeGreaterThan(6)
    expect(numbersOf(predictions(f, x).ne(y)).map(Boolean)).toEqual(found)
    expect(x.abs().max().item()).toBeLessThanOrEqual(1)
    for (const [i, length] of numbersOf(lengthOf(x.sub(x0), norm)).entries())
      expect(length).toBeCloseTo(found[i] ? numbersOf(lengths)[i]! : 0, 12)
  })

  it('comes no farther with more steps', () => {
    const lengths = [1, 5, 20].map((steps) => numbersOf(fab(f, x0, y, target, { norm, steps }).distance))
    for (const [k, row] of lengths.slice(1).entries())
      for (const [i, length] of row.entries()) expect(length).toBeLessThanOrEqual(lengths[k]![i]!)
  })

  it('stops once all images are broken near enough', () => {
    let steps = 0
    fab(f, x0, y, target, { norm, steps: 20, stopWithin: 100 }, { observe: () => steps++ })
    expect(steps).toBeLessThan(20)
  })
})

describe('FAB', () => {
  it('leaves images alone that no image of the box is the answer to, and says so', () => {
    const never = (x: Tensor) =>
      x
        .sum([1, 2, 3])
        .unsqueeze(1)
        .mul(tensor([[0, 1e-3]], { dtype: 'float64' }))
        .add(tensor([[9, 0]], { dtype: 'float64' }))
    const x0 = images(2, 1)
    const [y, target] = [tensor([0, 0], { dtype: 'int64' }), tensor([1, 1], { dtype: 'int64' })]
    const found = fab(never, x0, y, target, { norm: 'linf', steps: 3 })
    expect(distance(found.x, x0)).toBe(0)
    expect(numbersOf(found.distance)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  })
})
