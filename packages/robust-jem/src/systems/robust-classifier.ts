/**
 * The robust classifier: adversarial training (Madry et al. 2018, eq. 2.1). One step:
 *
 *     x_adv = PGD_K(x, y)
 *     L = mean CE(f(x_adv), y)
 */
import { nn, scope, type Tensor } from '@robust-jem/torch'
import { pgd } from '../attacks/pgd.ts'
import { frozen, inPrecision } from '../models/precision.ts'
import { type Batch, type Classifier, type StepContext, type StepSettings, type System, stepOf } from './system.ts'

export const robustClassifier: System = {
  title: 'adversarial training: CE(f(x_adv), y)',
  warmUp: null,
  positives: false,
  chains: null,
  step: (network, { labelled }, s, context) =>
    scope(() => {
      const constant = frozen(network, s.precision) // for gradients with respect to images
      const f = inPrecision(network, s.precision) // for the loss
      const { crossEntropy, adversarial, logits } = onAttacked({ f, constant }, labelled, s, context)
      return stepOf(network, {
        loss: crossEntropy,
        crossEntropy,
        adversarial,
        logits: { ...noLogits, adversarial: logits },
      })
    }),
}

const noLogits = { positives: null, labelled: null, adversarial: null }

/** x_adv = PGD(x, y), f(x_adv) [N, K], and the classifier's term of the loss. */
export function onAttacked(
  { f, constant }: { f: Classifier; constant: Classifier },
  { x, y }: Batch['labelled'],
  s: StepSettings,
  context: StepContext,
): { crossEntropy: Tensor; adversarial: Tensor; logits: Tensor } {
  const start =
    context.attackStart ??
    (s.attack.start === 'random' ? s.attack.threat.place(x, s.attack.threat.draw(x, context.attack)) : x)
  const attacked = (images: Tensor) => constant.forward(images, s.attack.statistics)
  const adversarial = pgd(attacked, x, y, s.attack, { start, observe: context.observeAttack })
  const logits = f.forward(adversarial, s.loss.statistics) // [N, K]
  return { crossEntropy: classifierTerm(f, logits, x, y, s), adversarial, logits }
}

function classifierTerm(f: Classifier, logits: Tensor, x: Tensor, y: Tensor, { loss }: StepSettings): Tensor {
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
