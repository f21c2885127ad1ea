import { Generator, randn, type Tensor, tensor, zeros } from '@robust-jem/torch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { l2, linf, type ThreatModel, threatModel } from '../../src/attacks/threat-model.ts'
import { distance, numbersOf, smallImages } from '../small.ts'

const x0 = smallImages(3, 1, { dtype: 'float64' })
const lengthOf = (d: Tensor) => d.square().sum([1, 2, 3]).sqrt()
const started = (threat: ThreatModel, seed: number) => threat.place(x0, threat.draw(x0, new Generator(seed)))

describe.each(['linf', 'l2'] as const)('the %s ball', (norm) => {
  const inside = fc.record({ epsilon: fc.double({ min: 0.01, max: 3, noNaN: true }), seed: fc.nat() })

  it('projection ends in the ball, keeps what is inside, and is the nearest point for L∞, along the ray for L2', () => {
    fc.assert(
      fc.property(inside, ({ epsilon, seed }) => {
        const threat = threatModel(norm, epsilon)
        const x = x0.add(randn(x0.shape, { generator: new Generator(seed), dtype: 'float64' }).mul(0.2))
        const projected = threat.project(x, x0)
        const d = projected.sub(x0)
        const far = norm === 'linf' ? d.abs().max().item() : lengthOf(d).max().item()
        return far <= epsilon + 1e-12 && distance(threat.project(projected, x0), projected) < 1e-6
      }),
      { numRuns: 50, seed: 1 },
    )
    const near = x0.add(1e-3)
    expect(distance(threatModel(norm, 1).project(near, x0), near)).toBeLessThan(1e-15)
  })

  it("a step has length a in its norm, along the gradient, whatever the gradient's size", () => {
    const threat = threatModel(norm, 1)
    const g = randn(x0.shape, { generator: new Generator(2), dtype: 'float64' })
    for (const size of [1e-3, 1, 1e6]) {
      const d = threat.step(x0, g.mul(size), 0.25).sub(x0)
      const length = norm === 'linf' ? d.abs().max().item() : lengthOf(d).max().item()
      expect(length).toBeCloseTo(0.25, 6)
      expect(d.mul(g).sum([1, 2, 3]).min().item()).toBeGreaterThan(0)
    }
    expect(distance(threat.step(x0, zeros(x0.shape, { dtype: 'float64' }), 0.25), x0)).toBe(0)
  })

  it('random starts follow from the generator', () => {
    const threat = threatModel(norm, 0.5)
    expect(numbersOf(started(threat, 3))).toEqual(numbersOf(started(threat, 3)))
    expect(distance(started(threat, 3), started(threat, 4))).toBeGreaterThan(1e-3)
  })
})

describe('random starts', () => {
  it('under L∞ are uniform in the ball', () => {
    const big = zeros([4, 3, 50, 50], { dtype: 'float64' })
    const threat = linf(0.5)
    const values = threat.place(big, threat.draw(big, new Generator(1)))
    expect(values.abs().max().item()).toBeLessThanOrEqual(0.5)
    expect(Math.abs(values.mean().item())).toBeLessThan(0.01)
    expect(values.square().mean().item()).toBeCloseTo(1 / 12, 2)
  })
  it('under L2 lie on the sphere, in every direction alike', () => {
    const threat = l2(0.5)
    for (const length of numbersOf(lengthOf(started(threat, 2).sub(x0)))) expect(length).toBeCloseTo(0.5, 8)
    const many = zeros([4000, 1, 1, 3], { dtype: 'float64' })
    const points = threat.place(many, threat.draw(many, new Generator(3))).reshape([4000, 3])
    for (const mean of numbersOf(points.mean([0]))) expect(Math.abs(mean)).toBeLessThan(0.02)
    for (const square of numbersOf(points.square().mean([0]))) expect(square).toBeCloseTo(0.25 / 3, 2)
  })
})

describe('the L∞ projection', () => {
  it('clamps each pixel', () => {
    const x = tensor([[[[0.5, -0.5, 0.05]]]], { dtype: 'float64' })
    const centre = tensor([[[[0, 0, 0]]]], { dtype: 'float64' })
    expect(numbersOf(linf(0.1).project(x, centre))).toEqual([0.1, -0.1, 0.05])
  })
})
