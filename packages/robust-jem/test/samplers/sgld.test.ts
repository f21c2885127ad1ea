import { Generator, rand, randn, type Tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { type SgldSettings, sgld } from '../../src/samplers/sgld.ts'
import { distance, numbersOf, smallImages } from '../small.ts'

const [mean, deviation] = [0.3, 0.5]
/** log N(mean, deviation²) of every coordinate. */
const gaussian = (x: Tensor): Tensor =>
  x
    .sub(mean)
    .square()
    .sum([1, 2, 3])
    .mul(-0.5 / deviation ** 2)

describe('SGLD', () => {
  it("recovers mean and variance of a Gaussian: with step α and noise √(2α), up to the step's own bias", () => {
    const stepSize = 0.01
    const start = rand([200, 3, 10, 10], { generator: new Generator(1) })
      .mul(2)
      .sub(1) // 60,000 coordinates
    const settings: SgldSettings = { steps: 150, stepSize, noise: Math.sqrt(2 * stepSize) }
    const end = sgld(start, gaussian, settings, new Generator(2))
    const n = 60_000
    const keep = 1 - stepSize / deviation ** 2 // x ← mean + keep·(x − mean) + noise
    const variance = (2 * stepSize) / (1 - keep ** 2)
    expect(Math.abs(variance / deviation ** 2 - 1)).toBeLessThan(0.03) // the bias
    expect(Math.abs(end.mean().item() - mean)).toBeLessThan(4 * Math.sqrt(variance / n) + 1e-3)
    const measured = end.sub(end.mean()).square().mean().item()
    expect(Math.abs(measured / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n) + 5e-3)
  })

  it('x ← x + α·∇ log p(x) + σ·ξ, with neither clamp nor clip', () => {
    const x = smallImages(2, 1, { dtype: 'float64' })
    const noise = randn(x.shape, { generator: new Generator(4), dtype: 'float64' })
    const end = sgld(x, gaussian, { steps: 1, stepSize: 3, noise: 0.5 }, new Generator(4))
    const expected = x.sub(x.sub(mean).mul(3 / deviation ** 2)).add(noise.mul(0.5))
    expect(distance(end, expected)).toBeLessThan(1e-12)
    expect(end.abs().max().item()).toBeGreaterThan(2)
  })

  it('gives the same chain for the same seed and another for another', () => {
    const x = smallImages(2, 1)
    const run = (seed: number) => sgld(x, gaussian, { steps: 3, stepSize: 0.01, noise: 0.1 }, new Generator(seed))
    expect(numbersOf(run(5))).toEqual(numbersOf(run(5)))
    expect(distance(run(5), run(6))).toBeGreaterThan(0.01)
  })

  it('shows each step, the energy being that before it', () => {
    const x = smallImages(2, 1, { dtype: 'float64' })
    const seen: number[][] = []
    sgld(x, gaussian, { steps: 2, stepSize: 0.01, noise: 0 }, new Generator(0), ({ step, energy, gradNorm }) =>
      seen.push([step, energy!.sum().item(), gradNorm()!]),
    )
    expect(seen.map(([step]) => step)).toEqual([0, 1])
    expect(seen[0]![1]).toBeCloseTo(-gaussian(x).sum().item(), 10)
    expect(seen[1]![1]).toBeLessThan(seen[0]![1]!)
  })
})
