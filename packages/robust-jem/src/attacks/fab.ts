/**
 * FAB, targeted (Croce & Hein 2020b, algorithm 1): the smallest perturbation that takes an image across the decision boundary
 * between its class and a target. Each step projects the iterate and the image itself onto the linearised boundary.
 */
import { noGrad, scope, type Tensor } from '@robust-jem/torch'
import { type Logits, withInputGradient } from '../energy.ts'
import { type Box, lengthOf, type Norm, perImage } from './ball-in-box.ts'
import { towardHyperplane } from './hyperplane.ts'

export interface FabSettings {
  norm: Norm
  steps: number
  /** The most that a step is drawn towards the image itself. Default 0.1. */
  alphaMax?: number
  /** How far beyond the linearised boundary a step goes. Default 1.05. */
  eta?: number
  /** What is left of the perturbation after a success, to search on from nearer. Default 0.9. */
  beta?: number
  /** Where images live. Default [-1, 1]. */
  box?: Box
  /** End as soon as every image has an answer no farther than this. Default: never before the last step. */
  stopWithin?: number
}

export interface FabResult {
  /** The nearest image found of another class than y, [N, C, H, W]; x₀ itself where none was found. */
  x: Tensor
  /** Its distance from x₀ [N]; ∞ where none was found. */
  distance: Tensor
}

/** Attacks images x₀ of the box that f classifies as y [N] towards classes `target` [N] int64. Nothing in it is random. */
export function fab(
  f: Logits,
  x0: Tensor,
  y: Tensor,
  target: Tensor,
  s: FabSettings,
  { observe }: { observe?: (step: number) => void } = {},
): FabResult {
  const { norm, steps, alphaMax = 0.1, eta = 1.05, beta = 0.9, box = [-1, 1], stopWithin = 0 } = s
  const [n, ...image] = x0.shape as [number, ...number[]]
  const flat = (x: Tensor) => x.reshape([n, -1])
  const lead = (x: Tensor) => {
    const z = f(x)
    return z
      .gather(1, target.unsqueeze(1))
      .sub(z.gather(1, y.unsqueeze(1)))
      .squeeze(1) // z_t − z_y
  }

  return scope(() => {
    const x = x0.clone()
    const nearest = x0.clone()
    const distance = lengthOf(x0.zerosLike(), norm).add(Number.POSITIVE_INFINITY)
    for (let step = 1; step <= steps; step++) {
      scope(() => {
        const { value, gradient: w } = withInputGradient(lead, x)
        const plane = { w: flat(w), b: flat(w).mul(flat(x)).sum(1).sub(value) }
        noGrad(() => {
          const [d1, d2] = [x, x0].map((from) =>
            towardHyperplane(flat(from), plane, norm, box).reshape([n, ...image]),
          ) as [Tensor, Tensor]
          const [a1, a2] = [d1, d2].map((d) => perImage(lengthOf(d, norm)).clampMin(1e-8)) as [Tensor, Tensor]
          const alpha = a1.div(a1.add(a2)).clampMax(alphaMax)
          const own = x.add(d1.mul(eta)).mul(alpha.neg().add(1))
          const next = own.add(x0.add(d2.mul(eta)).mul(alpha)).clamp({ min: box[0], max: box[1] })
          const wrong = f(next).argmax({ dim: 1 }).ne(y)
          const length = lengthOf(next.sub(x0), norm)
          const closer = wrong.logicalAnd(length.lt(distance))
          nearest.copy_(perImage(closer).where(next, nearest))
          distance.copy_(closer.where(length, distance))
          x.copy_(perImage(wrong).where(x0.add(next.sub(x0).mul(beta)), next))
        })
      })
      observe?.(step)
      if (distance.le(stopWithin).all().item()) break
    }
    return { x: nearest, distance }
  })
}
