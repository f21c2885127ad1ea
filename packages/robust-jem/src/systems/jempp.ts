/**
 * JEM++ (Yang & Ji 2021, Algorithm 1). One step:
 *
 *     x⁺, (x, y)  two loaders
 *     x⁻ = PYLD_M(buffer)                                 climbs lse f
 *     L = −( mean lse f(x⁺) − mean lse f(x⁻) ) + mean CE(f(x), y)
 */
import { logsumexp, nn, scope, type Tensor } from '@robust-jem/torch'
import { joint, marginal } from '../energy.ts'
import { frozen, inPrecision } from '../models/precision.ts'
import { pyld } from '../samplers/pyld.ts'
import { classifier } from './classifier.ts'
import { type Batch, type Classifier, type StepContext, type StepSettings, type System, stepOf } from './system.ts'

export const jempp: System = {
  title: 'JEM++: lse terms + CE(f(x), y), chains from class Gaussians by PYLD',
  warmUp: classifier,
  positives: true,
  chains: 'buffer',
  step: (network, batch, s, context) =>
    scope(() => {
      const constant = frozen(network, s.precision) // for gradients with respect to images
      const f = inPrecision(network, s.precision) // for the loss
      const { x, y } = batch.labelled

      const { fPositive, fNegative, negatives, logits: positives } = contrast({ f, constant }, batch, s, context)
      const labelled = f.forward(x, s.loss.statistics) // [N, K]
      const crossEntropy = nn.crossEntropy(labelled, y)
      const loss = crossEntropy.sub(fPositive.sub(fNegative), { alpha: s.loss.generative })
      const logits = { positives, labelled, adversarial: null }
      return stepOf(network, { loss, fPositive, fNegative, crossEntropy, negatives, logits })
    }),
}

/** mean lse f(x⁺), then the chain, then mean lse f(x⁻). With classes the chain climbs f[y] in place of lse; the loss does not change. */
export function contrast(
  { f, constant }: { f: Classifier; constant: Classifier },
  { positives, chains }: Batch,
  s: StepSettings,
  { chain }: StepContext,
): { fPositive: Tensor; fNegative: Tensor; negatives: Tensor; logits: Tensor } {
  const logits = f.forward(positives!.x, s.loss.statistics)
  const fPositive = logsumexp(logits, 1).mean()
  const climbed = (images: Tensor) => constant.forward(images, s.chain.statistics)
  const density = s.chain.density === 'class' ? joint(climbed, chains!.y) : marginal(climbed)
  const negatives = pyld(chains!.x, density, s.chain, chain)
  const fNegative = marginal((images) => f.forward(images, s.loss.statistics))(negatives).mean()
  return { fPositive, fNegative, negatives, logits }
}
