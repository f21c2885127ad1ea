/**
 * JEM (Grathwohl et al. 2020, §3 and Algorithm 1). One step:
 *
 *     x⁺, (x, y)  two loaders
 *     x⁻ = SGLD(buffer)                                   climbs lse f: no clamp, no clip
 *     L = −( mean lse f(x⁺) − mean lse f(x⁻) ) + mean CE(f(x), y)
 *
 * The network has no norm layer, and chains start from uniform noise.
 */
import { logsumexp, nn, scope, type Tensor } from '@robust-jem/torch'
import { joint, marginal } from '../energy.ts'
import { frozen, inPrecision } from '../models/precision.ts'
import { sgld } from '../samplers/sgld.ts'
import { classifier } from './classifier.ts'
import { type System, stepOf } from './system.ts'

export const jem: System = {
  title: 'JEM: lse terms + CE(f(x), y), chains from uniform noise by SGLD',
  warmUp: classifier,
  positives: true,
  chains: 'buffer',
  step: (network, { positives, chains, labelled: { x, y } }, s, { chain }) =>
    scope(() => {
      const constant = frozen(network, s.precision) // for gradients with respect to images
      const f = inPrecision(network, s.precision) // for the loss

      const onPositives = f.forward(positives!.x, s.loss.statistics) // [N, K]
      const fPositive = logsumexp(onPositives, 1).mean()
      const climbed = (images: Tensor) => constant.forward(images, s.chain.statistics)
      const density = s.chain.density === 'class' ? joint(climbed, chains!.y) : marginal(climbed)
      const { outerSteps: steps, stepSize, noise } = s.chain
      const negatives = sgld(chains!.x, density, { steps, stepSize, noise }, chain)
      const fNegative = logsumexp(f.forward(negatives, s.loss.statistics), 1).mean()

      const labelled = f.forward(x, s.loss.statistics)
      const crossEntropy = nn.crossEntropy(labelled, y)
      const loss = crossEntropy.sub(fPositive.sub(fNegative), { alpha: s.loss.generative })
      const logits = { positives: onPositives, labelled, adversarial: null }
      return stepOf(network, { loss, fPositive, fNegative, crossEntropy, negatives, logits })
    }),
}
