/** What is timed: one Robust JEM step with the paper's counts, on random images. */

import { linf } from '../packages/robust-jem/dist/attacks/threat-model.js'
import { WideResNet } from '../packages/robust-jem/dist/models/wide-resnet.js'
import { robustJemStep } from '../packages/robust-jem/dist/systems/robust-jem.js'
import * as torch from '../packages/torch/dist/index.js'

const epsilon = 0.1 // in model units
const attackSteps = 15

export const settings = {
  classes: 10,
  norm: 'batch',
  activation: 'leaky-relu',
  negativeSlope: 0.2,
  batchNormMomentum: 0.9,
  outerSteps: 10,
  innerSteps: 5,
  stepSize: 0.2,
  gradientClip: 1,
  epsilon,
  steps: attackSteps,
  attackStepSize: (2.5 * epsilon) / attackSteps,
  lr: 1e-3, // as early in the warm-up; the losses of the first steps can be compared
  momentum: 0.9,
  weightDecay: 4e-4,
}

/** Images in [-1, 1] and labels; the same for the same seed. */
export function drawInputs(batch) {
  const generator = new torch.Generator(1)
  const images = () => torch.rand([batch, 3, 32, 32], { generator }).mul_(2).sub_(1)
  const x = images()
  const start = x.add(images(), { alpha: epsilon })
  return { x, y: torch.randint(0, 10, [batch], { generator }), start, positives: images(), chains: images() }
}

export const makeNetwork = ({ depth, width }) =>
  new WideResNet({ ...settings, depth, width }, new torch.Generator(0).split('init'))

/** () => losses: each call is one training step of the network. */
export function ourStep(network, inputs, dtype) {
  const optimizer = new torch.optim.SGD(network.namedParameters(), settings)
  const s = {
    chain: { ...settings, noise: 0, statistics: 'batch', density: 'marginal' },
    attack: {
      threat: linf(epsilon),
      steps: attackSteps,
      stepSize: settings.attackStepSize,
      start: 'random',
      statistics: 'running',
    },
    loss: { classifier: 'adversarial', tradesBeta: 6, generative: 1, statistics: 'batch' },
    precision: dtype,
  }
  const { x, y, start, positives, chains } = inputs
  const batch = { positives, chains: { x: chains, y }, labelled: { x, y } }
  const context = { chain: new torch.Generator(2), attack: new torch.Generator(3), attackStart: start }
  return () =>
    torch.scope(() => {
      const { gradients, fPositive, fNegative, crossEntropy } = robustJemStep(network, batch, s, context)
      optimizer.step(gradients)
      return { fPositive: fPositive.item(), fNegative: fNegative.item(), crossEntropy: crossEntropy.item() }
    })
}
