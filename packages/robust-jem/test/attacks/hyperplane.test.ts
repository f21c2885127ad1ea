import { Generator, rand, randn, type Tensor, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { towardHyperplane } from '../../src/attacks/hyperplane.ts'
import { numbersOf } from '../small.ts'

const box = [-1, 1] as const
const dimensions = 12
const cases = 40
const rng = new Generator(1)
const t = rand([cases, dimensions], { generator: rng, dtype: 'float64' }).mul(2).sub(1)
const w = randn([cases, dimensions], { generator: rng, dtype: 'float64' })
/** Planes through points of the box, so that all can be reached. */
const b = rand([cases, dimensions], { generator: rng, dtype: 'float64' }).mul(2).sub(1).mul(w).sum(1)
const length = (d: Tensor, norm: 'linf' | 'l2') =>
  norm === 'linf' ? d.abs().amax({ dim: 1 }) : d.square().sum(1).sqrt()

describe.each(['linf', 'l2'] as const)('the shortest way to a hyperplane in the box (FAB, eq. 4), %s', (norm) => {
  const d = towardHyperplane(t, { w, b }, norm, box)

  it('ends on the plane and in the box', () => {
    expect(w.mul(t.add(d)).sum(1).sub(b).abs().max().item()).toBeLessThan(1e-12)
    expect(t.add(d).abs().max().item()).toBeLessThanOrEqual(1 + 1e-12)
  })

  it('is no longer than any other way: to points of the plane found from random ones', () => {
    const own = numbersOf(length(d, norm))
    for (let i = 0; i < 50; i++) {
      const from = rand([cases, dimensions], { generator: rng, dtype: 'float64' }).mul(2).sub(1)
      const other = from.add(towardHyperplane(from, { w, b }, norm, box))
      for (const [k, reach] of numbersOf(length(other.sub(t), norm)).entries())
        expect(own[k]!).toBeLessThanOrEqual(reach + 1e-12)
    }
  })

  it('is |⟨w, t⟩ − b| over the dual norm of w where no bound is met', () => {
    const centre = t.mul(0.1)
    const near = w.mul(centre).sum(1).add(0.05)
    const dual = norm === 'linf' ? w.abs().sum(1) : length(w, 'l2')
    const lengths = length(towardHyperplane(centre, { w, b: near }, norm, box), norm)
    for (const [k, value] of numbersOf(dual.reciprocal().mul(0.05)).entries())
      expect(numbersOf(lengths)[k]).toBeCloseTo(value, 12)
  })

  it('goes to the bounds nearest to a plane that the box does not reach', () => {
    const beyond = w.abs().sum(1).add(1)
    const end = t.add(towardHyperplane(t, { w, b: beyond }, norm, box))
    expect(end.sub(w.sign()).abs().max().item()).toBeLessThan(1e-12)
  })

  it('leaves coordinates of weight 0 alone, and everything on a plane that is met or that has no direction', () => {
    const two = tensor([[0.5, 0.25]], { dtype: 'float64' })
    const plane = (weights: number[], level: number) => ({
      w: tensor([weights], { dtype: 'float64' }),
      b: tensor([level], { dtype: 'float64' }),
    })
    const way = (weights: number[], level: number) => numbersOf(towardHyperplane(two, plane(weights, level), norm, box))
    expect(way([0, 2], 0)).toEqual([0, -0.25].map((v) => expect.closeTo(v, 12)))
    expect(way([1, 2], 1).every((v) => Math.abs(v) < 1e-12)).toBe(true)
    expect(way([0, 0], 1).every((v) => v === 0)).toBe(true)
  })
})
