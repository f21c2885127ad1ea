/**
 * SADA-JEM (Yang, Su & Ji 2023): JEM++'s objective, minimised where it is flat by an adaptive sharpness-aware step (Kwon et
 * al. 2021), on un-augmented, noise-free x⁺. One step at the weights w:
 *
 *     x⁻ = PYLD_M(buffer);  L(w) = −( mean lse f(x⁺) − mean lse f(x⁻) ) + mean CE(f(x), y)
 *     g = ∇L(w);  ε = ρ · w² ⊙ g / ‖ |w| ⊙ g ‖
 *     the gradients are ∇L(w + ε), with the same x⁻; running statistics do not move a second time
 */
import { logsumexp, nn, noGrad, scope, stack, type Tensor } from '@robust-jem/torch'
import { inPrecision } from '../models/precision.ts'
import { jempp } from './jempp.ts'
import { type Batch, type Classifier, type StepSettings, type System, stepOf } from './system.ts'

export const sadaJem: System = {
  title: 'SADA-JEM: JEM++ with an adaptive sharpness-aware step and plain x⁺',
  warmUp: jempp.warmUp,
  positives: true,
  chains: 'buffer',
  step: (network, batch, s, context) =>
    scope(() => {
      const here = jempp.step(network, batch, s, context)
      const w = network.parameters()
      const back = noGrad(() => w.map((parameter) => parameter.detach().clone()))
      try {
        moveUphill(w, here.gradients, s.sharpness.rho)
        const { gradients } = again(network, batch, here.negatives!, s)
        return { ...here, gradients }
      } finally {
        noGrad(() => w.forEach((parameter, i) => void parameter.copy_(back[i]!)))
      }
    }),
}

/** w ← w + ρ · w² ⊙ g / ‖ |w| ⊙ g ‖, the norm over all parameters together. */
function moveUphill(w: readonly Tensor[], g: readonly Tensor[], rho: number): void {
  noGrad(() =>
    scope(() => {
      const norm = stack(w.map((parameter, i) => parameter.mul(g[i]!).square().sum()))
        .sum()
        .sqrt()
        .add(1e-12)
      w.forEach((parameter, i) => void parameter.add_(parameter.square().mul(g[i]!).div(norm), { alpha: rho }))
    }),
  )
}

/** L where the weights are now, with the x⁻ that were drawn. */
function again(network: Classifier, { positives, labelled: { x, y } }: Batch, negatives: Tensor, s: StepSettings) {
  const f = inPrecision(network, s.precision)
  const statistics = s.loss.statistics === 'batch' ? 'batch-frozen' : s.loss.statistics
  const meanLse = (images: Tensor) => logsumexp(f.forward(images, statistics), 1).mean()
  const fPositive = meanLse(positives!.x)
  const fNegative = meanLse(negatives)
  const crossEntropy = nn.crossEntropy(f.forward(x, statistics), y)
  const loss = crossEntropy.sub(fPositive.sub(fNegative), { alpha: s.loss.generative })
  return stepOf(network, { loss, crossEntropy })
}
