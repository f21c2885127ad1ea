/**
 * The Robust JEM combined sampler. For classes y, from x₀ ~ class Gaussian of y, clamped to [-1, 1]:
 *
 *     x₁ = targeted PGD from x₀ towards y with the hybrid's own classifier (no box)
 *     x₂ = c·x₁                            contrast down, back into the box
 *     x₃ = M steps of x ← x + n·α·clip(∇ₓ f(x)[y], ±ε_g) + σ·ξ, no clamp
 *     return clamp(x₃, −1, 1)
 */
import { type Generator, scope, type Tensor } from '@robust-jem/torch'
import { joint, type Logits } from '../energy.ts'
import type { ChainObserver } from './chain.ts'
import { pyld } from './pyld.ts'
import { type TargetedPgdSettings, targetedPgd } from './targeted-pgd.ts'

export interface RobustJemSamplerSettings {
  attack: TargetedPgdSettings
  /** c: a number; 'auto' = 1/(1 + ε), the smallest factor that surely returns to the box; 'per-image' = min(1, 1/max|x|). */
  contrast: number | 'auto' | 'per-image'
  /** M. */
  steps: number
  /** n·α, in model units. */
  stepSize: number
  gradientClip: number | null
  noise: number
}

export function lowerContrast(x: Tensor, contrast: RobustJemSamplerSettings['contrast'], epsilon: number): Tensor {
  if (contrast === 'per-image')
    return x.mul(
      x
        .abs()
        .amax({ dim: [1, 2, 3], keepdim: true })
        .clamp({ min: 1 })
        .reciprocal(),
    )
  return x.mul(contrast === 'auto' ? 1 / (1 + epsilon) : contrast)
}

/** From the starts x₀ [N, 3, H, W] in [-1, 1] to images in [-1, 1] of the classes y [N]. The observer sees both parts' steps, counted through. */
export function robustJem(
  x0: Tensor,
  f: Logits,
  y: Tensor,
  s: RobustJemSamplerSettings,
  rng: Generator,
  observe?: ChainObserver,
): Tensor {
  return scope(() => {
    const x1 = targetedPgd(x0, f, y, s.attack, observe)
    const x2 = lowerContrast(x1, s.contrast, s.attack.epsilon)
    const langevin = {
      outerSteps: s.steps,
      innerSteps: 1,
      stepSize: s.stepSize,
      gradientClip: s.gradientClip,
      noise: s.noise,
      box: null,
    }
    const later: ChainObserver | undefined =
      observe && ((record) => observe({ ...record, step: s.attack.steps + record.step }))
    const x3 = pyld(x2, joint(f, y), langevin, rng, later)
    return x3.clamp({ min: -1, max: 1 })
  })
}
