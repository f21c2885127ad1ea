/** Second, naive implementations of the systems' steps, from the text of their papers; see ../fixtures/naive.ts. */
import { grad, type Tensor } from '@robust-jem/torch'
import type { WideResNet } from '../../src/models/wide-resnet.ts'
import type { StepSettings } from '../../src/systems/system.ts'
import * as naive from '../fixtures/naive.ts'
import { naivePgd } from '../fixtures/naive-attack.ts'
import { parametersOf } from '../fixtures/naive-train.ts'
import { smallBatch } from './small-step.ts'

export interface NaiveStep {
  loss: Tensor
  crossEntropy: Tensor
  fPositive?: Tensor
  fNegative?: Tensor
  negatives?: Tensor
  adversarial?: Tensor
  gradients: Tensor[]
  state: naive.State
}

/** The network's tensors, with parameters that gradients are taken of. */
function stateOf(net: WideResNet): { state: naive.State; parameters: string[] } {
  const state: naive.State = { ...net.stateDict() }
  const parameters = parametersOf(state)
  for (const name of parameters) state[name] = state[name]!.detach().clone().requiresGrad_()
  return { state, parameters }
}

const gradientsOf = (loss: Tensor, state: naive.State, parameters: string[]): Tensor[] =>
  grad(
    loss,
    parameters.map((name) => state[name]!),
  )

const meanCrossEntropy = (logits: Tensor, y: Tensor): Tensor => naive.crossEntropy(y)(logits).mean()
const minus = (ce: Tensor, plus: Tensor, negative: Tensor): Tensor => ce.sub(plus).add(negative)

export function naiveClassifier(net: WideResNet): NaiveStep {
  const { state, parameters } = stateOf(net)
  const { x, y } = smallBatch().labelled
  const loss = meanCrossEntropy(naive.logitsOf(state, x, 'train'), y)
  return { loss, crossEntropy: loss, gradients: gradientsOf(loss, state, parameters), state }
}

/** With the literal inner loop of PYLD. */
export function naiveJempp(net: WideResNet, s: StepSettings): NaiveStep {
  const { state, parameters } = stateOf(net)
  const { positives, chains, labelled } = smallBatch()
  const fPositive = naive.lse(naive.logitsOf(state, positives.x, 'train')).mean()
  const chain = { mode: 'train', objective: naive.lse, outer: s.chain.outerSteps } as const
  const negatives = naive.literalPyld(state, chains.x, chain).states.at(-1)!
  const fNegative = naive.lse(naive.logitsOf(state, negatives, 'train')).mean()
  const crossEntropy = meanCrossEntropy(naive.logitsOf(state, labelled.x, 'train'), labelled.y)
  const loss = minus(crossEntropy, fPositive, fNegative)
  const gradients = gradientsOf(loss, state, parameters)
  return { loss, crossEntropy, fPositive, fNegative, negatives, gradients, state }
}

/** SGLD without its noise. */
export function naiveJem(net: WideResNet, s: StepSettings): NaiveStep {
  const { state, parameters } = stateOf(net)
  const { positives, chains, labelled } = smallBatch()
  const lse = (x: Tensor) => naive.lse(naive.logitsOf(state, x, 'train')).mean()
  const fPositive = lse(positives.x)
  let x = chains.x
  for (let step = 0; step < s.chain.outerSteps; step++)
    x = x.add(naive.gradientOf(state, x, 'train', naive.lse).gradient.mul(s.chain.stepSize))
  const fNegative = lse(x)
  const crossEntropy = meanCrossEntropy(naive.logitsOf(state, labelled.x, 'train'), labelled.y)
  const loss = minus(crossEntropy, fPositive, fNegative)
  return {
    loss,
    crossEntropy,
    fPositive,
    fNegative,
    negatives: x,
    gradients: gradientsOf(loss, state, parameters),
    state,
  }
}

/** JEM++'s gradient once more, at weights that have moved along ρ·w²g/‖|w|g‖. */
export function naiveSada(net: WideResNet, s: StepSettings): NaiveStep {
  const first = naiveJempp(net, s)
  const { state, parameters } = stateOf(net)
  const w = parameters.map((name) => state[name]!.detach())
  let squares = 0
  for (const [i, g] of first.gradients.entries()) squares += w[i]!.abs().mul(g).square().sum().item()
  for (const [i, name] of parameters.entries()) {
    const epsilon = w[i]!.mul(w[i]!)
      .mul(first.gradients[i]!)
      .mul(s.sharpness.rho / Math.sqrt(squares))
    state[name] = w[i]!.add(epsilon).requiresGrad_()
  }
  const { positives, labelled } = smallBatch()
  const lse = (x: Tensor) => naive.lse(naive.logitsOf(state, x, 'train')).mean()
  const crossEntropy = meanCrossEntropy(naive.logitsOf(state, labelled.x, 'train'), labelled.y)
  const moved = minus(crossEntropy, lse(positives.x), lse(first.negatives!))
  return { ...first, gradients: gradientsOf(moved, state, parameters) }
}

/** T steps to x̃, then the two losses written with logarithms. */
export function naiveDat(net: WideResNet, s: StepSettings, T: number): NaiveStep {
  const { state, parameters } = stateOf(net)
  const { positives, chains, labelled } = smallBatch()
  let x = chains.x
  for (let step = 0; step < T; step++) {
    const { gradient } = naive.gradientOf(state, x, 'eval', naive.at(chains.y))
    const length = gradient.square().sum([1, 2, 3], { keepdim: true }).sqrt().add(1e-10)
    x = x.add(gradient.div(length).mul(s.contrastive.stepSize)).clamp({ min: -1, max: 1 })
  }
  const sigmoid = (of: Tensor) => of.neg().exp().add(1).reciprocal()
  const plus = naive.lse(naive.logitsOf(state, positives.x, 'eval'))
  const tilde = naive.lse(naive.logitsOf(state, x, 'eval'))
  const sum = sigmoid(plus).log().sum().add(sigmoid(tilde).neg().add(1).log().sum())
  const bce = sum.div(-2 * plus.numel)
  const attack = { norm: 'linf', epsilon: 0.1, steps: 3, stepSize: 0.05, sign: 1, start: labelled.x } as const
  const adversarial = naivePgd(state, labelled.x, labelled.y, { ...attack, box: [-1, 1] }).iterates.at(-1)!
  const crossEntropy = meanCrossEntropy(naive.logitsOf(state, adversarial, 'eval'), labelled.y)
  const loss = crossEntropy.add(bce)
  return {
    loss,
    crossEntropy,
    fPositive: plus.mean(),
    fNegative: tilde.mean(),
    negatives: x,
    adversarial,
    gradients: gradientsOf(loss, state, parameters),
    state,
  }
}
