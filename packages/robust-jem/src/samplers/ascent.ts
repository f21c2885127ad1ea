/** Ascent in steps of one length (AT-EBM, Yin et al. 2022; DAT, 2026): x ← Π(x + a·g/‖g‖₂), g = ∇ₓ log p(x, y), each image for itself. */
import { scope, type Tensor } from '@robust-jem/torch'
import { l2 } from '../attacks/threat-model.ts'
import { type LogDensity, withInputGradient } from '../energy.ts'
import { type ChainObserver, meanNorm } from './chain.ts'

export interface AscentSettings {
  /** T. */
  steps: number
  /** a, in model units. */
  stepSize: number
}

/** Runs the chains x [N, 3, H, W] and returns their ends, in [-1, 1]. */
export function ascent(x: Tensor, logDensity: LogDensity, s: AscentSettings, observe?: ChainObserver): Tensor {
  const { step: along } = l2(Number.POSITIVE_INFINITY)
  return scope(() => {
    for (let step = 0; step < s.steps; step++) {
      const { value, gradient: g } = withInputGradient(logDensity, x)
      x = scope(() => along(x, g, s.stepSize).clamp({ min: -1, max: 1 }))
      observe?.({ step, x, energy: value.neg(), gradNorm: () => meanNorm(g) })
    }
    return x
  })
}
