/**
 * Robust JEM: JEM++ (Yang & Ji 2021) whose classifier term is adversarial training (Madry et al. 2018). One step:
 *
 *     x⁺, (x, y)  two loaders
 *     x⁻    = PYLD_M(buffer)                              climbs lse f
 *     x_adv = PGD_K(x, y)
 *     L = −( mean lse f(x⁺) − mean lse f(x⁻) ) + mean CE(f(x_adv), y)
 */
import { type Dtype, type Generator, grad, logsumexp, nn, scope, type Tensor } from '@robust-jem/torch'
import { type PgdObserver, type PgdSettings, pgd } from '../attacks/pgd.ts'
import { joint, marginal } from '../energy.ts'
import { frozen, inPrecision } from '../models/precision.ts'
import { type PyldSettings, pyld } from '../samplers/pyld.ts'

/** A network whose batch norms can be told which statistics to use; logits [N, K] of images [N, 3, H, W]. */
export interface Classifier extends nn.Module {
  forward(x: Tensor, statistics: nn.BatchStatistics): Tensor
}

export interface RobustJemSettings {
  chain: PyldSettings & { statistics: 'batch' | 'running'; density: 'marginal' | 'class' }
  attack: PgdSettings & { start: 'random' | 'clean'; statistics: 'batch' | 'running' }
  loss: {
    /** CE on x_adv; on x and x_adv, half each; or TRADES (Zhang et al. 2019): CE(f(x), y) + β·KL(f(x) ‖ f(x_adv)). */
    classifier: 'adversarial' | 'both' | 'trades'
    tradesBeta: number
    /** Weight of the two log-density terms. */
    generative: number
    statistics: 'batch' | 'running'
  }
  /** Of the convolutions; parameters, statistics, energies and chains stay as they are. */
  precision: Dtype
}

export interface RobustJemBatch {
  /** x⁺ [N, 3, H, W] for p(x). Absent while the classifier alone is trained. */
  positives?: Tensor
  /** Where the chains go on, [N, 3, H, W], and their classes [N] int64 (used where the density is 'class'). */
  chains?: { x: Tensor; y: Tensor }
  /** x [N, 3, H, W] and y [N] int64 for p(y | x). */
  labelled: { x: Tensor; y: Tensor }
}

export interface RobustJemStep {
  /** One per parameter of the network, in its order. */
  gradients: Tensor[]
  /** L, its parts, and x⁻, x_adv; the first four are scalars [], null where a term is absent. */
  loss: Tensor
  fPositive: Tensor | null
  fNegative: Tensor | null
  crossEntropy: Tensor
  negatives: Tensor | null
  adversarial: Tensor
  /** Logits of x⁺ (null without) and of x_adv, [N, K]. */
  logits: { positives: Tensor | null; adversarial: Tensor }
}

/** Streams of random numbers of one step, and who watches the attack. */
export interface RobustJemContext {
  chain: Generator
  attack: Generator
  /** Where each attack starts instead of a random point: [N, 3, H, W]. */
  attackStart?: Tensor
  observeAttack?: PgdObserver
}

/** The losses and gradients of one step; moving the parameters is the optimiser's part. Running statistics move as in the order of the forwards. */
export function robustJemStep(
  network: Classifier,
  batch: RobustJemBatch,
  s: RobustJemSettings,
  context: RobustJemContext,
): RobustJemStep {
  return scope(() => {
    const constant = frozen(network, s.precision) // for gradients with respect to images
    const f = inPrecision(network, s.precision) // for the loss
    const { x, y } = batch.labelled

    const generative =
      batch.positives && batch.chains ? contrast(f, constant, batch.positives, batch.chains, s, context) : null

    const start =
      context.attackStart ??
      (s.attack.start === 'random' ? s.attack.threat.place(x, s.attack.threat.draw(x, context.attack)) : x)
    const attacked = (images: Tensor) => constant.forward(images, s.attack.statistics)
    const adversarial = pgd(attacked, x, y, s.attack, { start, observe: context.observeAttack })
    const logits = f.forward(adversarial, s.loss.statistics) // [N, K]
    const crossEntropy = classifierLoss(f, logits, x, y, s)

    const loss = generative
      ? crossEntropy.sub(generative.fPositive.sub(generative.fNegative), { alpha: s.loss.generative })
      : crossEntropy
    return {
      gradients: grad(loss, network.parameters()),
      loss: loss.detach(),
      fPositive: generative?.fPositive.detach() ?? null,
      fNegative: generative?.fNegative.detach() ?? null,
      crossEntropy: crossEntropy.detach(),
      negatives: generative?.negatives ?? null,
      adversarial,
      logits: { positives: generative?.logits.detach() ?? null, adversarial: logits.detach() },
    }
  })
}

/** mean lse f(x⁺), then the chain, then mean lse f(x⁻). With classes the chain climbs f[y] in place of lse; the loss does not change. */
function contrast(
  f: Classifier,
  constant: Classifier,
  positives: Tensor,
  chains: { x: Tensor; y: Tensor },
  s: RobustJemSettings,
  { chain }: RobustJemContext,
) {
  const logits = f.forward(positives, s.loss.statistics)
  const fPositive = logsumexp(logits, 1).mean()
  const climbed = (images: Tensor) => constant.forward(images, s.chain.statistics)
  const density = s.chain.density === 'class' ? joint(climbed, chains.y) : marginal(climbed)
  const negatives = pyld(chains.x, density, s.chain, chain)
  const fNegative = marginal((images) => f.forward(images, s.loss.statistics))(negatives).mean()
  return { logits, fPositive, negatives, fNegative }
}

function classifierLoss(f: Classifier, logits: Tensor, x: Tensor, y: Tensor, { loss }: RobustJemSettings): Tensor {
  const onAdversarial = nn.crossEntropy(logits, y)
  if (loss.classifier === 'adversarial') return onAdversarial
  const clean = f.forward(x, loss.statistics)
  const onClean = nn.crossEntropy(clean, y)
  if (loss.classifier === 'both') return onAdversarial.add(onClean).mul(0.5)
  const divergence = clean
    .softmax(1)
    .mul(clean.logSoftmax(1).sub(logits.logSoftmax(1)))
    .sum([1])
    .mean()
  return onClean.add(divergence, { alpha: loss.tradesBeta })
}
