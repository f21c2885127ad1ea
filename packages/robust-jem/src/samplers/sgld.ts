/** SGLD (JEM, Grathwohl et al. 2020, eq. 3 with step and noise decoupled): x ← x + α·∇ₓ log p(x) + σ·ξ, no clamp, no clip. */
import { type Generator, randn, scope, type Tensor } from '@robust-jem/torch'
import { type LogDensity, withInputGradient } from '../energy.ts'
import { type ChainObserver, meanNorm } from './chain.ts'

export interface SgldSettings {
  steps: number
  /** α, in model units; 1 in JEM. */
  stepSize: number
  /** σ, in model units; 0.01 in JEM. */
  noise: number
}

/** Runs the chains x [N, 3, H, W] and returns their ends, which may leave [-1, 1]. `draw` gives ξ of x's shape. */
export function sgld(
  x: Tensor,
  logDensity: LogDensity,
  s: SgldSettings,
  rng: Generator,
  observe?: ChainObserver,
  draw: (like: Tensor) => Tensor = (like) => randn(like.shape, { generator: rng, dtype: like.dtype }),
): Tensor {
  return scope(() => {
    for (let step = 0; step < s.steps; step++) {
      const { value, gradient: g } = withInputGradient(logDensity, x)
      const from = x
      x = scope(() => from.add(g, { alpha: s.stepSize }).add(draw(from), { alpha: s.noise }))
      observe?.({ step, x, energy: value.neg(), gradNorm: () => meanNorm(g) })
    }
    return x
  })
}
