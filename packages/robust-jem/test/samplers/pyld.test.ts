import { conv2d, convTranspose2d, Generator, grad, logsumexp, randn, type Tensor } from '@robust-jem/torch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogDensity } from '../../src/energy.ts'
import { type PyldSettings, pyld } from '../../src/samplers/pyld.ts'
import { sgld } from '../../src/samplers/sgld.ts'
import { distance, numbersOf, smallImages } from '../small.ts'

const x0 = smallImages(3, 1, { dtype: 'float64' })
const rng = new Generator(2)
const first = randn([4, 3, 3, 3], { generator: rng, dtype: 'float64' })
const second = randn([4, 5], { generator: rng, dtype: 'float64' })
/** lse of a small network from the output of its first, affine layer. */
const fromFirst = (c1: Tensor): Tensor => logsumexp(c1.tanh().mean([2, 3]).matmul(second), 1).mul(40)
const density: LogDensity = (x) => fromFirst(conv2d(x, first, { padding: 1 }))

/** Algorithm 1 of JEM++ with both loops: the adjoint p of the first layer is frozen while the inner one runs. */
function literal(x: Tensor, s: PyldSettings): Tensor {
  const clamp = (v: Tensor, bound: number | null) => (bound === null ? v : v.clamp({ min: -bound, max: bound }))
  for (let m = 0; m < s.outerSteps; m++) {
    const c1 = conv2d(x, first, { padding: 1 }).requiresGrad_()
    const [p] = grad(fromFirst(c1).sum(), [c1]) as [Tensor]
    for (let j = 0; j < s.innerSteps; j++) {
      const g = convTranspose2d(p, first, { padding: 1 })
      x = clamp(x.add(clamp(g, s.gradientClip), { alpha: s.stepSize }), s.box === null ? null : 1)
    }
  }
  return x
}

const base: PyldSettings = { outerSteps: 4, innerSteps: 5, stepSize: 0.2, gradientClip: 1, noise: 0 }
const run = (s: PyldSettings, seed = 0) => pyld(x0, density, s, new Generator(seed))

describe('JEM++ §3', () => {
  it('n inner steps equal one step of n·α, while clip and box act', () => {
    const end = run(base)
    expect(distance(end, literal(x0, base))).toBeLessThan(1e-12)
    expect(end.abs().eq(1).double().mean().item()).toBeGreaterThan(0.1)
    expect(distance(end, run({ ...base, gradientClip: null }))).toBeGreaterThan(1e-3)
  })

  it('that holds for any n, α and clip, with and without a box', () => {
    const settings = fc.record({
      outerSteps: fc.integer({ min: 0, max: 4 }),
      innerSteps: fc.integer({ min: 1, max: 8 }),
      stepSize: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      gradientClip: fc.constantFrom(null, 0.1, 1),
      noise: fc.constant(0),
      box: fc.constantFrom(null, [-1, 1] as const),
    })
    fc.assert(
      fc.property(settings, (s) => distance(run(s), literal(x0, s)) < 1e-12),
      { numRuns: 40, seed: 1 },
    )
  })

  it('without clip, box and inner loop it is SGLD', () => {
    const s = { ...base, innerSteps: 1, gradientClip: null, box: null, noise: 0.05 }
    const other = sgld(x0, density, { steps: 4, stepSize: 0.2, noise: 0.05 }, new Generator(7))
    expect(distance(run(s, 7), other)).toBeLessThan(1e-12)
  })

  it('adds noise after the box, a new one at each step', () => {
    const still: LogDensity = (x) => x.sum([1, 2, 3]).mul(0)
    const end = pyld(x0, still, { ...base, noise: 0.1, outerSteps: 1 }, new Generator(3))
    const noise = randn(x0.shape, { generator: new Generator(3), dtype: 'float64' })
    expect(distance(end, x0.add(noise, { alpha: 0.1 }))).toBeLessThan(1e-12)
    expect(end.abs().max().item()).toBeGreaterThan(1)
  })

  it('gives the same chain for the same seed and another for another', () => {
    const noisy = { ...base, noise: 0.01 }
    expect(numbersOf(run(noisy, 1))).toEqual(numbersOf(run(noisy, 1)))
    expect(distance(run(noisy, 1), run(noisy, 2))).toBeGreaterThan(1e-3)
  })

  it('climbs: the density of the images rises', () => {
    const end = run({ ...base, outerSteps: 20, stepSize: 0.01 })
    expect(density(end).sub(density(x0)).min().item()).toBeGreaterThan(0)
  })

  it('shows each step: the images after it, their energy and mean gradient norm before it', () => {
    const seen: { step: number; x: number[]; energy: number[]; gradNorm: number }[] = []
    const end = pyld(x0, density, base, new Generator(0), ({ step, x, energy, gradNorm }) =>
      seen.push({ step, x: numbersOf(x), energy: numbersOf(energy!), gradNorm: gradNorm()! }),
    )
    expect(seen.map((record) => record.step)).toEqual([0, 1, 2, 3])
    expect(seen[3]!.x).toEqual(numbersOf(end))
    expect(seen[0]!.energy).toEqual(numbersOf(density(x0).neg()))
    expect(seen[1]!.energy).toEqual(numbersOf(density(run({ ...base, outerSteps: 1 })).neg()))
    const start = x0.detach().requiresGrad_()
    const [g] = grad(density(start).sum(), [start]) as [Tensor]
    expect(seen[0]!.gradNorm).toBeCloseTo(g.square().sum([1, 2, 3]).sqrt().mean().item(), 10)
  })

  it('leaves its start as it was', () => {
    const before = numbersOf(x0)
    run({ ...base, noise: 0.1 })
    expect(numbersOf(x0)).toEqual(before)
    expect(numbersOf(run({ ...base, outerSteps: 0 }))).toEqual(before)
  })
})
