/** PGD (Madry et al. 2018): x ← Π_box(Π_ε(x ± a·step(∇ₓ CE(f(x), y)))), + away from y, − towards a target y. */
import { nn, scope, type Tensor } from '@robust-jem/torch'
import { type Logits, withInputGradient } from '../energy.ts'
import type { ThreatModel } from './threat-model.ts'

export interface PgdSettings {
  threat: ThreatModel
  steps: number
  /** a, in the images' units; the field's rule is 2.5·ε/steps. */
  stepSize: number
  /** Descend the loss towards y instead of ascending it. */
  targeted?: boolean
  /** The last iterate, or for each image the one of highest loss (lowest if targeted) among the start and all iterates. */
  iterate?: 'last' | 'best'
  /** Where images live; null for no box. Default [-1, 1]. */
  box?: readonly [number, number] | null
}

/** Iterates 0 (the start) to `steps`, with the cross-entropy [N] of each. The last one's is computed only for observers and `best`. */
export type PgdObserver = (record: { step: number; x: Tensor; loss: Tensor }) => void

/** 2.5·ε/steps: far enough to cross the ball. */
export const defaultStepSize = (epsilon: number, steps: number): number => (2.5 * epsilon) / Math.max(1, steps)

/**
 * Attacks x₀ [N, 3, H, W] with labels y [N] int64, from `start` (default: x₀ itself). Returns images of the same shape that
 * lie in the threat model's ball around x₀ and in the box.
 */
export function pgd(
  f: Logits,
  x0: Tensor,
  y: Tensor,
  s: PgdSettings,
  { start, observe }: { start?: Tensor; observe?: PgdObserver } = {},
): Tensor {
  const { threat, steps, stepSize: a, targeted = false, iterate = 'last', box = [-1, 1] } = s
  const inBox = (x: Tensor) => (box ? x.clamp({ min: box[0], max: box[1] }) : x)
  const crossEntropy = (x: Tensor) => nn.crossEntropy(f(x), y, { reduction: 'none' }) // [N]
  const sign = targeted ? -1 : 1

  return scope(() => {
    let x = inBox(start ?? x0)
    let best: { x: Tensor; score: Tensor } | undefined
    const see = (step: number, loss: Tensor) => {
      observe?.({ step, x, loss })
      if (iterate === 'last') return
      const score = loss.mul(sign)
      if (!best) best = { x, score }
      const better = score.gt(best.score) // [N]
      best = { x: better.reshape([-1, 1, 1, 1]).where(x, best.x), score: better.where(score, best.score) }
    }
    for (let step = 0; step < steps; step++) {
      const { value: loss, gradient } = withInputGradient(crossEntropy, x)
      see(step, loss)
      x = scope(() => inBox(threat.project(threat.step(x, gradient, sign * a), x0)))
      gradient.dispose()
    }
    if (observe || iterate === 'best') see(steps, crossEntropy(x).detach())
    return best?.x ?? x
  })
}
