/** What the rows of the table have in common: a step takes images and gives gradients. */
import { type Dtype, type Generator, grad, type nn, type Tensor } from '@robust-jem/torch'
import type { PgdObserver, PgdSettings } from '../attacks/pgd.ts'
import type { PyldSettings } from '../samplers/pyld.ts'

/** A network whose batch norms can be told which statistics to use; logits [N, K] of images [N, 3, H, W]. */
export interface Classifier extends nn.Module {
  forward(x: Tensor, statistics: nn.BatchStatistics): Tensor
}

type Statistics = 'batch' | 'running'

/** In model units. A system reads what its own objective has. */
export interface StepSettings {
  chain: PyldSettings & { statistics: Statistics; density: 'marginal' | 'class' }
  attack: PgdSettings & { start: 'random' | 'clean'; statistics: Statistics }
  loss: {
    /** CE on x_adv; on x and x_adv, half each; or TRADES (Zhang et al. 2019): CE(f(x), y) + β·KL(f(x) ‖ f(x_adv)). */
    classifier: 'adversarial' | 'both' | 'trades'
    tradesBeta: number
    /** Weight of the terms beside the classifier's. */
    generative: number
    statistics: Statistics
  }
  sharpness: { rho: number }
  contrastive: {
    stepSize: number
    firstSteps: number
    maxSteps: number
    auc: number
    window: number
  }
  /** Of the convolutions; parameters, statistics, energies and chains stay as they are. */
  precision: Dtype
}

export interface Batch {
  /** x [N, 3, H, W] and y [N] int64 for p(y | x). */
  labelled: { x: Tensor; y: Tensor }
  /** x⁺ [N, 3, H, W] for p(x), and its labels [N]. */
  positives?: { x: Tensor; y: Tensor }
  /** Where the chains go on, [N, 3, H, W], and their classes [N] int64. */
  chains?: { x: Tensor; y: Tensor }
}

/** Streams of random numbers of one step, what the last one left, and who watches the attack. */
export interface StepContext {
  chain: Generator
  attack: Generator
  /** `Step.memory` of the step before; null at first. */
  memory?: Memory | null
  /** Where each attack starts instead of a random point: [N, 3, H, W]. */
  attackStart?: Tensor
  observeAttack?: PgdObserver
}

/** Plain data that a system carries from step to step, beside the network: a curriculum's position. */
export type Memory = Readonly<Record<string, number | readonly number[]>>

export interface Step {
  /** One per parameter of the network, in its order. */
  gradients: Tensor[]
  /** L and its parts, scalars []; null where a term is absent. */
  loss: Tensor
  fPositive: Tensor | null
  fNegative: Tensor | null
  crossEntropy: Tensor
  /** x⁻ (or x̃) and x_adv, [N, 3, H, W]. */
  negatives: Tensor | null
  adversarial: Tensor | null
  /** [N, K], of the images that the objective sees. */
  logits: { positives: Tensor | null; labelled: Tensor | null; adversarial: Tensor | null }
  memory: Memory | null
}

export interface System {
  /** One line for people. */
  readonly title: string
  /** The classifier's part of the objective, with which a training may begin; null where there is no other part. */
  readonly warmUp: System | null
  /** Images that a step takes beside the labelled ones; chains persist in the buffer, or start afresh in each step. */
  readonly positives: boolean
  readonly chains: 'buffer' | 'fresh' | null
  /** The losses and gradients of one step; moving the parameters is the optimiser's part. Running statistics move as in the order of the forwards. */
  step(network: Classifier, batch: Batch, s: StepSettings, context: StepContext): Step
}

/** The step of a loss: its gradients, and its parts cut off the graph. */
export function stepOf(
  network: Classifier,
  { loss, crossEntropy, ...parts }: Pick<Step, 'loss' | 'crossEntropy'> & Partial<Omit<Step, 'gradients'>>,
): Step {
  const detached = (part: Tensor | null | undefined) => part?.detach() ?? null
  const { positives, labelled, adversarial } = parts.logits ?? {}
  return {
    gradients: grad(loss, network.parameters()),
    loss: loss.detach(),
    fPositive: detached(parts.fPositive),
    fNegative: detached(parts.fNegative),
    crossEntropy: crossEntropy.detach(),
    negatives: parts.negatives ?? null,
    adversarial: parts.adversarial ?? null,
    logits: { positives: detached(positives), labelled: detached(labelled), adversarial: detached(adversarial) },
    memory: parts.memory ?? null,
  }
}
