/**
 * DAT, dual adversarial training (arXiv 2510.13872). One step, batch-norm statistics frozen:
 *
 *     x⁺, (x, y)  two loaders;  x_adv = PGD_K(x, y)
 *     x̃ = T steps of x ← Π(x + a·∇f[y⁺]/‖∇f[y⁺]‖₂)
 *     L = mean CE(f(x_adv), y) + mean BCE( lse f(x⁺) → 1, lse f(x̃) → 0 )
 *
 * T grows by one where the mean AUC of lse f(x⁺) against lse f(x̃) over the last steps has reached a threshold.
 *
 * Two deviations: x̃ starts from class Gaussians in place of the withdrawn image set, and the AUC compares lse f, which the
 * loss has at hand, where the released code compares f[y].
 */
import { logsumexp, scope, softplus, type Tensor } from '@robust-jem/torch'
import { joint } from '../energy.ts'
import { frozen, inPrecision } from '../models/precision.ts'
import { ascent } from '../samplers/ascent.ts'
import { onAttacked, robustClassifier } from './robust-classifier.ts'
import { type Memory, type StepSettings, type System, stepOf } from './system.ts'

export const dat: System = {
  title: 'DAT: CE(f(x_adv), y) + BCE of lse f between data and attacked class Gaussians',
  warmUp: robustClassifier,
  positives: true,
  chains: 'fresh',
  step: (network, { positives, chains, labelled }, s, context) =>
    scope(() => {
      const constant = frozen(network, s.precision) // for gradients with respect to images
      const f = inPrecision(network, s.precision) // for the loss
      const { statistics } = s.loss
      const curriculum = (context.memory as Curriculum | null | undefined) ?? { T: s.contrastive.firstSteps, aucs: [] }

      const climbed = (images: Tensor) => constant.forward(images, statistics)
      const { stepSize } = s.contrastive
      const contrastive = ascent(chains!.x, joint(climbed, chains!.y), { steps: curriculum.T, stepSize }) // x̃

      const onPositives = f.forward(positives!.x, statistics) // [N, K]
      const plus = logsumexp(onPositives, 1) // [N]
      const tilde = logsumexp(f.forward(contrastive, statistics), 1)
      const bce = softplus(plus.neg()).mean().add(softplus(tilde).mean()).mul(0.5)
      const { crossEntropy, adversarial, logits } = onAttacked({ f, constant }, labelled, s, context)
      return stepOf(network, {
        loss: crossEntropy.add(bce, { alpha: s.loss.generative }),
        fPositive: plus.mean(),
        fNegative: tilde.mean(),
        crossEntropy,
        negatives: contrastive,
        adversarial,
        logits: { positives: onPositives, labelled: null, adversarial: logits },
        memory: advanced(curriculum, auc(plus, tilde), s.contrastive),
      })
    }),
}

interface Curriculum extends Memory {
  T: number
  /** Of the steps since T last grew, at most `window`. */
  aucs: readonly number[]
}

export function advanced(
  { T, aucs }: Curriculum,
  newest: number,
  { auc: threshold, window, maxSteps }: StepSettings['contrastive'],
): Curriculum {
  const seen = [...aucs, newest].slice(-window)
  const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
  return seen.length === window && mean >= threshold && T < maxSteps ? { T: T + 1, aucs: [] } : { T, aucs: seen }
}

/** P(positive > negative) + ½·P(equal), of scores [N] and [M]. */
const auc = (positive: Tensor, negative: Tensor): number =>
  scope(() => {
    const [p, n] = [positive.detach().unsqueeze(1), negative.detach().unsqueeze(0)]
    return p.gt(n).float().add(p.eq(n).float(), { alpha: 0.5 }).mean().item()
  })
