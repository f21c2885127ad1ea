/** PYLD (JEM++, Yang & Ji 2021, Algorithm 1), in closed form: x ← Π(x + n·α·clip(∇ₓ log p(x), ±ε_g)) + σ·ξ, M times. */
import { type Generator, randn, scope, type Tensor } from '@robust-jem/torch'
import { type LogDensity, withInputGradient } from '../energy.ts'
import { type ChainObserver, meanNorm } from './chain.ts'

export interface PyldSettings {
  /** M: passes of the network. */
  outerSteps: number
  /** n: steps of the paper's inner loop, in which the adjoint of the first convolution is frozen. */
  innerSteps: number
  /** α, in model units. */
  stepSize: number
  /** ε_g: each coordinate of the gradient is clipped to ±ε_g; null for no clip. */
  gradientClip: number | null
  /** σ of the noise after each outer step, in model units; 0 in the published training. */
  noise: number
  /** Π clamps to this box; null for no clamp. Default [-1, 1]. */
  box?: readonly [number, number] | null
}

/**
 * Runs the chains x [N, 3, H, W] and returns their ends.
 *
 * The first layer is affine and its adjoint p frozen, so the inner gradient Wᵀp is the same at every inner step: n clipped
 * steps of α, each projected to the box, are exactly one of n·α. A test runs the literal loop beside this.
 */
export function pyld(
  x: Tensor,
  logDensity: LogDensity,
  s: PyldSettings,
  rng: Generator,
  observe?: ChainObserver,
): Tensor {
  const box = s.box === undefined ? ([-1, 1] as const) : s.box
  return scope(() => {
    for (let step = 0; step < s.outerSteps; step++) {
      const { value, gradient: g } = withInputGradient(logDensity, x)
      const from = x
      x = scope(() => {
        const clipped = s.gradientClip === null ? g : g.clamp({ min: -s.gradientClip, max: s.gradientClip })
        let next = from.add(clipped, { alpha: s.innerSteps * s.stepSize })
        if (box) next = next.clamp({ min: box[0], max: box[1] })
        return s.noise > 0
          ? next.add(randn(next.shape, { generator: rng, dtype: next.dtype }), { alpha: s.noise })
          : next
      })
      observe?.({ step, x, energy: value.neg(), gradNorm: () => meanNorm(g) })
      for (const done of [value, g, ...(step > 0 ? [from] : [])]) done.dispose()
    }
    return x
  })
}
