/**
 * Robust JEM: JEM++ (Yang & Ji 2021) whose classifier term is adversarial training (Madry et al. 2018). One step:
 *
 *     x⁺, (x, y)  two loaders
 *     x⁻    = PYLD_M(buffer)                              climbs lse f
 *     x_adv = PGD_K(x, y)
 *     L = −( mean lse f(x⁺) − mean lse f(x⁻) ) + mean CE(f(x_adv), y)
 */
import { scope } from '@robust-jem/torch'
import { frozen, inPrecision } from '../models/precision.ts'
import { contrast } from './jempp.ts'
import { onAttacked, robustClassifier } from './robust-classifier.ts'
import { type System, stepOf } from './system.ts'

export const robustJem: System = {
  title: 'Robust JEM: lse terms + CE(f(x_adv), y), chains from class Gaussians by PYLD',
  warmUp: robustClassifier,
  positives: true,
  chains: 'buffer',
  step: (network, batch, s, context) =>
    scope(() => {
      const constant = frozen(network, s.precision) // for gradients with respect to images
      const f = inPrecision(network, s.precision) // for the loss

      const { fPositive, fNegative, negatives, logits: positives } = contrast({ f, constant }, batch, s, context)
      const attacked = onAttacked({ f, constant }, batch.labelled, s, context)
      const { crossEntropy, adversarial } = attacked
      const loss = crossEntropy.sub(fPositive.sub(fNegative), { alpha: s.loss.generative })
      const logits = { positives, labelled: null, adversarial: attacked.logits }
      return stepOf(network, { loss, fPositive, fNegative, crossEntropy, negatives, adversarial, logits })
    }),
}
