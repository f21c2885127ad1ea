import { nn, type Tensor, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { defaultStepSize, pgd } from '../../src/attacks/pgd.ts'
import { threatModel } from '../../src/attacks/threat-model.ts'
import { type TargetedPgdSettings, targetedPgd } from '../../src/samplers/targeted-pgd.ts'
import { distance, numbersOf, smallImages, smallNetwork } from '../small.ts'

const network = smallNetwork(1, { dtype: 'float64', gain: 4 })
const f = (x: Tensor) => network.forward(x, 'running')
const x0 = smallImages(4, 2, { dtype: 'float64' })
const y = tensor([0, 1, 2, 1], { dtype: 'int64' })
const base: TargetedPgdSettings = { norm: 'linf', epsilon: 0.5, steps: 15, stepSize: null, loss: 'cross-entropy' }
const crossEntropy = (x: Tensor) => nn.crossEntropy(f(x), y, { reduction: 'none' })

describe('sampling by attacking a classifier (Santurkar et al.)', () => {
  it.each(['linf', 'l2'] as const)('is targeted PGD without a box (%s)', (norm) => {
    const stepSize = defaultStepSize(0.5, 15)
    const settings = { threat: threatModel(norm, 0.5), steps: 15, stepSize, targeted: true, box: null }
    expect(distance(targetedPgd(x0, f, y, { ...base, norm }), pgd(f, x0, y, settings))).toBeLessThan(1e-12)
  })

  it.each(['linf', 'l2'] as const)('lowers the cross-entropy to the target of each image, within ε (%s)', (norm) => {
    const end = targetedPgd(x0, f, y, { ...base, norm })
    expect(crossEntropy(end).sub(crossEntropy(x0)).max().item()).toBeLessThan(0)
    const d = end.sub(x0)
    const length = norm === 'linf' ? d.abs().amax({ dim: [1, 2, 3] }) : d.square().sum([1, 2, 3]).sqrt()
    expect(length.max().item()).toBeLessThanOrEqual(0.5 + 1e-12)
  })

  it('may leave [-1, 1], by up to ε', () => {
    const largest = targetedPgd(x0, f, y, base).abs().max().item()
    expect(largest).toBeGreaterThan(1)
    expect(largest).toBeLessThanOrEqual(1.5)
  })

  it('climbs the joint log-density f(x)[y] where asked', () => {
    const logit = (x: Tensor) => f(x).gather(1, y.unsqueeze(1)).squeeze(1)
    const end = targetedPgd(x0, f, y, { ...base, loss: 'logit' })
    expect(logit(end).sub(logit(x0)).min().item()).toBeGreaterThan(0)
    expect(
      logit(end)
        .sub(logit(targetedPgd(x0, f, y, base)))
        .mean()
        .item(),
    ).toBeGreaterThan(0)
  })

  it('takes the step that is given, and no step where there are none', () => {
    const end = targetedPgd(x0, f, y, { ...base, steps: 1, stepSize: 0.03 })
    expect(end.sub(x0).abs().max().item()).toBeCloseTo(0.03, 12)
    expect(numbersOf(targetedPgd(x0, f, y, { ...base, steps: 0 }))).toEqual(numbersOf(x0))
  })

  it('shows each step with the energy −log p(y | x) before it', () => {
    const seen: number[] = []
    targetedPgd(x0, f, y, { ...base, steps: 3 }, ({ energy }) => seen.push(energy!.mean().item()))
    expect(seen).toHaveLength(3)
    expect(seen[0]).toBeCloseTo(crossEntropy(x0).mean().item(), 10)
    expect(seen[2]).toBeLessThan(seen[0]!)
  })
})
