import { Generator, grad, logsumexp, nn, rand, randint, setThreads, type Tensor } from '@robust-jem/torch'
import { linf, type StepSettings, systems, WideResNet } from 'robust-jem'
import { describe, expect, it, vi } from 'vitest'
import { cleanAndAdversarial, trainOnShapes } from './clean-and-adversarial.ts'

setThreads(1)
vi.setConfig({ testTimeout: 180_000 }) // seconds, but not on a busy machine

const network = () => {
  const settings = { depth: 10, width: 1, classes: 3, negativeSlope: 0.2, batchNormMomentum: 0.9 }
  return new WideResNet({ ...settings, norm: 'batch', activation: 'leaky-relu' }, new Generator(1)).to({
    dtype: 'float64',
  })
}
/** Three images of 8×8 pixels and their classes. */
const images = (seed: number) => {
  const rng = new Generator(seed)
  const x = rand([3, 3, 8, 8], { generator: rng, dtype: 'float64' }).mul(2).sub(1)
  return { x, y: randint(0, 3, [3], { generator: rng }) }
}
const batch = () => ({ positives: images(2), chains: images(3), labelled: images(4) })
const context = () => ({ chain: new Generator(5), attack: new Generator(6) })
const settings: StepSettings = {
  chain: {
    outerSteps: 2,
    innerSteps: 5,
    stepSize: 0.2,
    gradientClip: 1,
    noise: 0,
    statistics: 'running',
    density: 'marginal',
  },
  attack: { threat: linf(0.1), steps: 2, stepSize: 0.05, start: 'clean', statistics: 'running' },
  loss: { classifier: 'adversarial', tradesBeta: 0, generative: 1, statistics: 'batch' },
  sharpness: { rho: 0 },
  contrastive: { stepSize: 0, firstSteps: 0, maxSteps: 0, auc: 1, window: 1 },
  precision: 'float64',
}
const distance = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item()

/** The step in the words of its first comment, with loops in place of samplers and attacks; running statistics move as the forwards come. */
function secondFormula(net: WideResNet) {
  const { positives, chains, labelled } = batch()
  const { x, y } = labelled
  const uphill = (of: (x: Tensor) => Tensor, at: Tensor): Tensor => {
    const input = at.detach().requiresGrad_()
    return grad(of(input).sum(), input)[0]!
  }
  const logits = (images: Tensor) => net.forward(images, 'batch')
  const fPositive = logsumexp(logits(positives.x), 1).mean()
  let negatives = chains.x
  for (let outer = 0; outer < 2; outer++) {
    const g = uphill((images) => logsumexp(net.forward(images, 'running'), 1), negatives).clamp({ min: -1, max: 1 })
    for (let inner = 0; inner < 5; inner++) negatives = negatives.add(g.mul(0.2)).clamp({ min: -1, max: 1 })
  }
  const fNegative = logsumexp(logits(negatives), 1).mean()
  let adversarial = x
  for (let step = 0; step < 2; step++) {
    const g = uphill((images) => nn.crossEntropy(net.forward(images, 'running'), y), adversarial)
    const moved = adversarial.add(g.sign().mul(0.05)).sub(x).clamp({ min: -0.1, max: 0.1 })
    adversarial = x.add(moved).clamp({ min: -1, max: 1 })
  }
  const onAdversarial = nn.crossEntropy(logits(adversarial), y)
  const loss = fNegative
    .sub(fPositive)
    .add(onAdversarial)
    .add(nn.crossEntropy(logits(x), y))
  return { loss, negatives, adversarial, gradients: grad(loss, net.parameters()) }
}

describe('JEM++ with clean and attacked images', () => {
  it('has the step of a second formula', () => {
    const net = network()
    const copy = network()
    const expected = secondFormula(copy)
    const result = cleanAndAdversarial.step(net, batch(), settings, context())
    expect(result.loss.item()).toBeCloseTo(expected.loss.item(), 10)
    expect(distance(result.negatives!, expected.negatives)).toBeLessThan(1e-10)
    expect(distance(result.adversarial!, expected.adversarial)).toBeLessThan(1e-10)
    for (const [i, [name]] of [...net.namedParameters()].entries())
      expect(distance(result.gradients[i]!, expected.gradients[i]!), name).toBeLessThan(1e-9)
    const statistics = copy.namedBuffers()
    for (const [name, buffer] of net.namedBuffers())
      expect(distance(buffer, statistics.get(name)!), name).toBeLessThan(1e-10)
  })

  it('is twice Robust JEM with both kinds of images and half the weight on the log-density', () => {
    const random = { ...settings, attack: { ...settings.attack, start: 'random' as const } }
    const half = { ...random, loss: { ...settings.loss, classifier: 'both' as const, generative: 0.5 } }
    const own = cleanAndAdversarial.step(network(), batch(), random, context())
    const theirs = systems['robust-jem'].step(network(), batch(), half, context())
    expect(own.loss.item()).toBeCloseTo(2 * theirs.loss.item(), 10)
    for (const [i, gradient] of own.gradients.entries())
      expect(distance(gradient, theirs.gradients[i]!.mul(2))).toBeLessThan(1e-9)
  })

  it('learns the drawn shapes', async () => {
    const lines: string[] = []
    const losses = await trainOnShapes(10, (line) => lines.push(line))
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(lines).toHaveLength(10)
    expect(mean(losses.slice(-4))).toBeLessThan(0.8 * mean(losses.slice(0, 4)))
  })
})
