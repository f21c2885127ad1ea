/**
 * The standard classifier: L = mean CE(f(x), y).
 */
import { nn, scope } from '@robust-jem/torch'
import { inPrecision } from '../models/precision.ts'
import { type System, stepOf } from './system.ts'

export const classifier: System = {
  title: 'a standard classifier: CE(f(x), y)',
  warmUp: null,
  positives: false,
  chains: null,
  step: (network, { labelled: { x, y } }, s) =>
    scope(() => {
      const f = inPrecision(network, s.precision)
      const logits = f.forward(x, s.loss.statistics) // [N, K]
      const loss = nn.crossEntropy(logits, y)
      return stepOf(network, {
        loss,
        crossEntropy: loss,
        logits: { positives: null, labelled: logits, adversarial: null },
      })
    }),
}
