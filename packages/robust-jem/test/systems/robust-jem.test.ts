import { grad, type Tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import type { WideResNet } from '../../src/models/wide-resnet.ts'
import { robustClassifier } from '../../src/systems/robust-classifier.ts'
import { robustJem } from '../../src/systems/robust-jem.ts'
import type { StepSettings } from '../../src/systems/system.ts'
import * as naive from '../fixtures/naive.ts'
import { naivePgd } from '../fixtures/naive-attack.ts'
import { parametersOf } from '../fixtures/naive-train.ts'
import { distance, numbersOf, smallNetwork, snapshot } from '../small.ts'
import { settings as base, smallBatch as batch, context } from './small-step.ts'

const network = () => smallNetwork(1, { dtype: 'float64', gain: 4 })
const step = (net: WideResNet, s: StepSettings = base, data = batch()) => robustJem.step(net, data, s, context())

/** The step from the papers' text, in one piece. */
function naiveStep(net: WideResNet, s: StepSettings) {
  const state: naive.State = { ...net.stateDict() }
  const parameters = parametersOf(state)
  for (const name of parameters) state[name] = state[name]!.detach().clone().requiresGrad_()
  const mode = (statistics: 'batch' | 'running') => (statistics === 'batch' ? 'train' : 'eval')
  const { positives, chains, labelled } = batch()
  const logits = (x: Tensor) => naive.logitsOf(state, x, mode(s.loss.statistics))

  const fPositive = naive.lse(logits(positives.x)).mean()
  const objective = s.chain.density === 'class' ? naive.at(chains.y) : naive.lse
  const chain = { mode: mode(s.chain.statistics), objective, outer: s.chain.outerSteps } as const
  const negatives = naive.literalPyld(state, chains.x, chain).states.at(-1)!
  const fNegative = naive.lse(logits(negatives)).mean()
  const { x, y } = labelled
  const settings = { norm: 'linf', epsilon: 0.1, steps: 3, stepSize: 0.05, sign: 1, box: [-1, 1], start: x } as const
  const adversarial = naivePgd(state, x, y, { ...settings, box: [-1, 1] }).iterates.at(-1)!
  const onAdversarial = logits(adversarial)
  const ce = (given: Tensor) => naive.crossEntropy(y)(given).mean()
  let classifier = ce(onAdversarial)
  if (s.loss.classifier !== 'adversarial') {
    const onClean = logits(x)
    const log = (given: Tensor) => given.sub(naive.lse(given).unsqueeze(1))
    const divergence = log(onClean)
      .exp()
      .mul(log(onClean).sub(log(onAdversarial)))
      .sum([1])
      .mean() // KL(f(x) ‖ f(x_adv))
    classifier =
      s.loss.classifier === 'both'
        ? classifier.add(ce(onClean)).div(2)
        : ce(onClean).add(divergence.mul(s.loss.tradesBeta))
  }
  const loss = classifier.sub(fPositive.sub(fNegative).mul(s.loss.generative))
  const inputs = parameters.map((name) => state[name]!)
  return {
    loss,
    fPositive,
    fNegative,
    crossEntropy: classifier,
    negatives,
    adversarial,
    gradients: grad(loss, inputs),
    state,
  }
}

describe('one step of Robust JEM', () => {
  it.each<[string, StepSettings]>([
    ['L = −(lse f(x⁺) − lse f(x⁻)) + CE(f(x_adv), y)', base],
    ['with CE on x and x_adv, half each', { ...base, loss: { ...base.loss, classifier: 'both' } }],
    ['with TRADES', { ...base, loss: { ...base.loss, classifier: 'trades' } }],
    ['with chains that climb f[y]', { ...base, chain: { ...base.chain, density: 'class' } }],
    [
      'with running statistics throughout',
      {
        ...base,
        chain: { ...base.chain, statistics: 'running' },
        loss: { ...base.loss, statistics: 'running', generative: 0.25 },
      },
    ],
  ])('is that of the naive implementation: %s', (_name, settings) => {
    const net = network()
    const expected = naiveStep(net, settings)
    const result = step(net, settings)
    for (const name of ['loss', 'fPositive', 'fNegative', 'crossEntropy'] as const) {
      expect(result[name]!.item()).toBeCloseTo(expected[name].item(), 10)
    }
    expect(distance(result.negatives!, expected.negatives)).toBeLessThan(1e-10)
    expect(distance(result.adversarial!, expected.adversarial)).toBeLessThan(1e-10)
    for (const [i, [name, parameter]] of [...net.namedParameters()].entries()) {
      expect(result.gradients[i]!.shape, name).toEqual(parameter.shape)
      expect(distance(result.gradients[i]!, expected.gradients[i]!), name).toBeLessThan(1e-9)
    }
    for (const [name, buffer] of net.namedBuffers()) {
      expect(distance(buffer, expected.state[name]!), name).toBeLessThan(1e-10)
    }
  })

  it('moves the running statistics 13 times with 10 chain steps, 14 times where the clean images are seen too', () => {
    const counted = (change: Partial<StepSettings['loss']>) => {
      const net = network()
      step(net, { ...base, chain: { ...base.chain, outerSteps: 10 }, loss: { ...base.loss, ...change } })
      return [...net.namedBuffers()].filter(([name]) => name.endsWith('num_batches_tracked')).map(([, n]) => n.item())
    }
    expect(new Set(counted({}))).toEqual(new Set([13]))
    expect(new Set(counted({ classifier: 'both' }))).toEqual(new Set([14]))
    expect(new Set(counted({ classifier: 'trades' }))).toEqual(new Set([14]))
    expect(new Set(counted({ statistics: 'running' }))).toEqual(new Set([10]))
  })

  it('moves no parameter and leaves no gradient on one', () => {
    const net = network()
    const parameters = () => snapshot(Object.fromEntries(net.namedParameters()))
    const before = parameters()
    step(net)
    expect(parameters()).toEqual(before)
    expect(net.parameters().every((parameter) => parameter.grad === null)).toBe(true)
  })

  it('attacks within ε and in the box, from a random point where asked', () => {
    const random = { ...base, attack: { ...base.attack, start: 'random' as const, steps: 0 } }
    const { x } = batch().labelled
    const placed = step(network(), random).adversarial!
    expect(distance(placed, x)).toBeGreaterThan(0.05)
    expect(distance(placed, x)).toBeLessThanOrEqual(0.1 + 1e-12)
    expect(placed.abs().max().item()).toBeLessThanOrEqual(1)
    expect(distance(step(network(), { ...random, attack: { ...random.attack, start: 'clean' } }).adversarial!, x)).toBe(
      0,
    )
  })

  it('is the same for the same generators, and another for others', () => {
    const random = {
      ...base,
      chain: { ...base.chain, noise: 0.1 },
      attack: { ...base.attack, start: 'random' as const },
    }
    const run = (seed: number) => robustJem.step(network(), batch(), random, context(seed))
    expect(run(1).loss.item()).toBe(run(1).loss.item())
    expect(numbersOf(run(1).negatives!)).toEqual(numbersOf(run(1).negatives!))
    expect(distance(run(1).negatives!, run(3).negatives!)).toBeGreaterThan(1e-3)
    expect(distance(run(1).adversarial!, run(3).adversarial!)).toBeGreaterThan(1e-3)
  })

  it('warms up as the robust classifier, which is its other part alone', () => {
    expect(robustJem.warmUp).toBe(robustClassifier)
    const { labelled } = batch()
    const net = network()
    const result = robustClassifier.step(net, { labelled }, base, context())
    expect([result.fPositive, result.fNegative, result.negatives, result.logits.positives]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(result.loss.item()).toBe(result.crossEntropy.item())
    expect(net.f.bn1!.numBatchesTracked.item()).toBe(1)
  })

  it('gives the logits of the positives and of the adversarial images', () => {
    const net = network()
    const expected = network()
    const result = step(net)
    expect(distance(result.logits.positives!, expected.forward(batch().positives.x, 'batch-frozen'))).toBeLessThan(
      1e-12,
    )
    expect(distance(result.logits.adversarial!, expected.forward(result.adversarial!, 'batch-frozen'))).toBeLessThan(
      1e-12,
    )
  })

  it('shows the attack to those who watch it', () => {
    const losses: number[] = []
    const watched = { ...context(), observeAttack: ({ loss }: { loss: Tensor }) => losses.push(loss.mean().item()) }
    robustJem.step(network(), batch(), base, watched)
    expect(losses).toHaveLength(4)
    expect(losses[3]).toBeGreaterThan(losses[0]!)
  })

  it.each(['float32', 'bfloat16'] as const)(
    'with convolutions in %s has float32 gradients, losses, images and statistics',
    (precision) => {
      const net = smallNetwork(1, { gain: 4 })
      const result = step(net, { ...base, precision }, batch('float32'))
      const tensors = [
        ...result.gradients,
        result.loss,
        result.fPositive,
        result.negatives,
        result.adversarial,
        net.f.bn1!.runningMean,
      ]
      expect(new Set(tensors.map((tensor) => tensor!.dtype))).toEqual(new Set(['float32']))
      expect(net.f.conv1.weight.dtype).toBe('float32')
      const exact = step(network())
      expect(Math.abs(result.fPositive!.item() - exact.fPositive!.item())).toBeLessThan(
        0.05 * Math.abs(exact.fPositive!.item()),
      )
    },
  )
})
