import { describe, expect, it } from 'vitest'
import type { WideResNet } from '../../src/models/wide-resnet.ts'
import { advanced } from '../../src/systems/dat.ts'
import { systems } from '../../src/systems/index.ts'
import type { Step, StepSettings } from '../../src/systems/system.ts'
import { distance, smallNetwork, snapshot } from '../small.ts'
import { type NaiveStep, naiveClassifier, naiveDat, naiveJem, naiveJempp, naiveSada } from './naive-step.ts'
import { context, settings, smallBatch } from './small-step.ts'

const network = () => smallNetwork(1, { dtype: 'float64', gain: 4 })
const frozenNorms: StepSettings = { ...settings, loss: { ...settings.loss, statistics: 'running' } } // as DAT trains
const sgld: StepSettings = { ...settings, chain: { ...settings.chain, stepSize: 1 } }

describe('one step of', () => {
  it.each<[keyof typeof systems, StepSettings, (net: WideResNet, s: StepSettings) => NaiveStep]>([
    ['classifier', settings, naiveClassifier],
    ['jem', sgld, naiveJem],
    ['jem++', settings, naiveJempp],
    ['sada-jem', settings, naiveSada],
    ['sada-jem', { ...settings, sharpness: { rho: 0.05 } }, naiveSada],
    ['dat', frozenNorms, (net, s) => naiveDat(net, s, s.contrastive.firstSteps)],
  ])('%s is that of the naive implementation', (name, s, naiveStep) => {
    const net = network()
    const expected = naiveStep(net, s)
    const result = systems[name].step(net, smallBatch(), s, context())
    for (const part of ['loss', 'fPositive', 'fNegative', 'crossEntropy'] as const) {
      expect(result[part] === null, part).toBe(expected[part] === undefined)
      if (expected[part]) expect(result[part]!.item(), part).toBeCloseTo(expected[part].item(), 10)
    }
    for (const part of ['negatives', 'adversarial'] as const) {
      expect(result[part] === null, part).toBe(expected[part] === undefined)
      if (expected[part]) expect(distance(result[part]!, expected[part]), part).toBeLessThan(1e-10)
    }
    for (const [i, [parameter]] of [...net.namedParameters()].entries())
      expect(distance(result.gradients[i]!, expected.gradients[i]!), parameter).toBeLessThan(1e-8)
    for (const [buffer, value] of net.namedBuffers())
      expect(distance(value, expected.state[buffer]!), buffer).toBeLessThan(1e-10)
  })

  it.each(Object.keys(systems) as (keyof typeof systems)[])(
    '%s moves no parameter and leaves no gradient on one',
    (name) => {
      const net = network()
      const parameters = () => snapshot(Object.fromEntries(net.namedParameters()))
      const before = parameters()
      systems[name].step(net, smallBatch(), settings, context())
      expect(parameters()).toEqual(before)
      expect(net.parameters().every((parameter) => parameter.grad === null)).toBe(true)
    },
  )

  it.each(Object.keys(systems) as (keyof typeof systems)[])(
    '%s, with bfloat16 convolutions, has float32 gradients',
    (name) => {
      const net = smallNetwork(1, { gain: 4 })
      const result: Step = systems[name].step(
        net,
        smallBatch('float32'),
        { ...settings, precision: 'bfloat16' },
        context(),
      )
      expect(new Set(result.gradients.map(({ dtype }) => dtype))).toEqual(new Set(['float32']))
      expect(Number.isFinite(result.loss.item())).toBe(true)
    },
  )
})

describe('JEM §3', () => {
  it('adds noise of σ to every step of its chains', () => {
    const noisy = { ...sgld, chain: { ...sgld.chain, outerSteps: 1, noise: 0.1 } }
    const chains = (s: StepSettings) => systems.jem.step(network(), smallBatch(), s, context()).negatives!
    const noise = chains(noisy).sub(chains({ ...noisy, chain: { ...noisy.chain, noise: 0 } }))
    expect(noise.square().mean().sqrt().item()).toBeCloseTo(0.1, 2)
  })
})

describe('SADA-JEM', () => {
  it('with ρ = 0 is JEM++', () => {
    const flat = systems['sada-jem'].step(network(), smallBatch(), { ...settings, sharpness: { rho: 0 } }, context())
    const plain = systems['jem++'].step(network(), smallBatch(), settings, context())
    for (const [i, gradient] of flat.gradients.entries())
      expect(distance(gradient, plain.gradients[i]!)).toBeLessThan(1e-12)
  })
})

describe("DAT's curriculum", () => {
  const s = settings.contrastive // window 2, threshold 0.8, at most 5 steps
  it('grows by a step when the mean AUC of a full window reaches the threshold, and then begins a new window', () => {
    let at = { T: 0, aucs: [] as readonly number[] }
    const seen: number[] = []
    for (const auc of [0.95, 0.5, 0.95, 0.7, 0.9, 0.9, 0.9]) {
      at = advanced(at, auc, s)
      seen.push(at.T)
    }
    expect(seen).toEqual([0, 0, 0, 1, 1, 2, 2])
  })

  it('never passes the largest T', () => {
    expect(advanced({ T: 5, aucs: [1] }, 1, s)).toEqual({ T: 5, aucs: [1, 1] })
  })

  it('goes on from what the last step left', () => {
    const step = (memory: Step['memory']) =>
      systems.dat.step(network(), smallBatch(), frozenNorms, { ...context(), memory })
    const five = step({ T: 5, aucs: [] })
    expect(distance(five.negatives!, naiveDat(network(), frozenNorms, 5).negatives!)).toBeLessThan(1e-10)
    expect(five.memory).toMatchObject({ T: 5 })
  })
})
