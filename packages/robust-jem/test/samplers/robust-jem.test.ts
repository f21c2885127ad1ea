import { Generator, rand, type Tensor, tensor } from '@robust-jem/torch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joint } from '../../src/energy.ts'
import { pyld } from '../../src/samplers/pyld.ts'
import { lowerContrast, type RobustJemSamplerSettings, robustJem } from '../../src/samplers/robust-jem.ts'
import { targetedPgd } from '../../src/samplers/targeted-pgd.ts'
import { distance, numbersOf, smallImages, smallNetwork } from '../small.ts'

const network = smallNetwork(1, { dtype: 'float64', gain: 16 })
const f = (x: Tensor) => network.forward(x, 'running')
const x0 = smallImages(4, 2, { dtype: 'float64' })
const y = tensor([0, 1, 2, 1], { dtype: 'int64' })
const base: RobustJemSamplerSettings = {
  attack: { norm: 'linf', epsilon: 0.5, steps: 5, stepSize: null, loss: 'cross-entropy' },
  contrast: 'auto',
  steps: 6,
  stepSize: 1,
  gradientClip: 1,
  noise: 0.02,
}
const run = (s: RobustJemSamplerSettings = base, seed = 0) => robustJem(x0, f, y, s, new Generator(seed))

describe('Robust JEM, the combined sampler', () => {
  it('is the attack, then the contrast, then Langevin steps on f(x)[y] without clamp, then one clamp', () => {
    const x1 = targetedPgd(x0, f, y, base.attack)
    const x2 = x1.div(1.5)
    const langevin = { outerSteps: 6, innerSteps: 1, stepSize: 1, gradientClip: 1, noise: 0.02, box: null }
    const x3 = pyld(x2, joint(f, y), langevin, new Generator(0))
    expect(x3.abs().max().item()).toBeGreaterThan(1)
    expect(distance(run(), x3.clamp({ min: -1, max: 1 }))).toBeLessThan(1e-12)
  })

  it('ends in [-1, 1], whatever its settings', () => {
    const settings = fc.record({
      contrast: fc.constantFrom<RobustJemSamplerSettings['contrast']>('auto', 'per-image', 0.9, 2),
      noise: fc.constantFrom(0, 0.5),
      gradientClip: fc.constantFrom(null, 0.5),
      norm: fc.constantFrom('linf' as const, 'l2' as const),
    })
    fc.assert(
      fc.property(settings, ({ norm, ...rest }) => {
        const end = run({ ...base, ...rest, attack: { ...base.attack, norm } })
        return end.abs().max().item() <= 1
      }),
      { numRuns: 12, seed: 1 },
    )
  })

  it('gives the same images for the same seed and others for another', () => {
    expect(numbersOf(run(base, 1))).toEqual(numbersOf(run(base, 1)))
    expect(distance(run(base, 1), run(base, 2))).toBeGreaterThan(0.01)
  })

  it('draws what it is asked for: log p(y | x) rises for each image', () => {
    const logPosterior = (x: Tensor) => f(x).logSoftmax(1).gather(1, y.unsqueeze(1)).squeeze(1)
    expect(logPosterior(run()).sub(logPosterior(x0)).min().item()).toBeGreaterThan(0)
  })

  it('counts the steps of both parts through', () => {
    const steps: number[] = []
    robustJem(x0, f, y, base, new Generator(0), ({ step }) => steps.push(step))
    expect(steps).toEqual(Array.from({ length: 11 }, (_, i) => i))
  })
})

describe('lowering the contrast', () => {
  it("'auto' returns every image to the box that an attack of radius ε from inside it can have made", () => {
    const image = fc.record({ epsilon: fc.double({ min: 0, max: 4, noNaN: true }), seed: fc.nat() })
    fc.assert(
      fc.property(image, ({ epsilon, seed }) => {
        const corner = rand([2, 3, 4, 4], { generator: new Generator(seed) })
          .sub(0.5)
          .sign() // the farthest point inside
        const attacked = corner.add(corner.sign(), { alpha: epsilon })
        return lowerContrast(attacked, 'auto', epsilon).abs().max().item() <= 1 + 1e-6
      }),
      { numRuns: 100, seed: 1 },
    )
  })
  it("'auto' is the largest contrast that surely does so", () => {
    const farthest = tensor([[[[1.5]]], [[[-1.5]]]])
    expect(numbersOf(lowerContrast(farthest, 'auto', 0.5)).map(Math.abs)).toEqual([1, 1])
  })
  it("'per-image' scales each image by its own largest value, and only where that exceeds 1", () => {
    const x = tensor([[[[0.5, -2]]], [[[0.25, -0.75]]]])
    expect(numbersOf(lowerContrast(x, 'per-image', 0.5))).toEqual([0.25, -1, 0.25, -0.75])
  })
  it('a number is that factor', () => {
    expect(numbersOf(lowerContrast(tensor([[[[1, -2]]]]), 0.5, 0.5))).toEqual([0.5, -1])
  })
})
