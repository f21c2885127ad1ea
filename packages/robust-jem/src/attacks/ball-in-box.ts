/** Where adversarial images may lie: {x : ‖x − x₀‖ ≤ ε} cut with the box of all images. Lengths are in the images' units. */
import { scope, type Tensor } from '@robust-jem/torch'

export type Norm = 'linf' | 'l2'
/** Lowest and highest value of a pixel: [-1, 1] in model units. */
export type Box = readonly [low: number, high: number]

/** ‖d‖ of each image, [N]. */
export const lengthOf = (d: Tensor, norm: Norm): Tensor =>
  norm === 'linf' ? d.abs().amax({ dim: [1, 2, 3] }) : d.square().sum([1, 2, 3]).sqrt()

/** One number for each image, [N], as a factor of images, [N, 1, 1, 1]. */
export const perImage = (values: Tensor): Tensor => values.reshape([-1, 1, 1, 1])

/** The unit vector along d in L2, or d scaled to a largest coordinate of 1 in L∞; 0 stays 0. */
export const normalized = (d: Tensor, norm: Norm): Tensor => d.div(perImage(lengthOf(d, norm)).add(1e-12))

export interface BallInBox {
  /** L∞: the nearest point of the set. L2: the nearest of the ball, then of the box, which stays in the ball. */
  project(x: Tensor): Tensor
}

/** The set around images x₀ [N, C, H, W] of the box. */
export function ballInBox(norm: Norm, epsilon: number, x0: Tensor, [low, high]: Box): BallInBox {
  if (norm === 'linf') {
    const [least, most] = [x0.sub(epsilon).clampMin(low), x0.add(epsilon).clampMax(high)]
    return { project: (x) => x.maximum(least).minimum(most) }
  }
  return {
    project: (x) => {
      const d = x.sub(x0)
      const length = perImage(lengthOf(d, 'l2'))
      const shrink = length.add(1e-12).reciprocal().mul(epsilon).clampMax(1)
      return x0.add(d.mul(shrink)).clamp({ min: low, max: high })
    },
  }
}

/** How far rounding may carry an image out of the ball or the box. */
export const slack = 1e-6

/** Which images [N] bool lie in the ball around x₀ and in the box but for `slack`, measured in float64. */
export const lieWithin = (x: Tensor, x0: Tensor, norm: Norm, epsilon: number, [low, high]: Box): Tensor =>
  scope(() => {
    const wide = x.double()
    const near = lengthOf(wide.sub(x0.double()), norm).le(epsilon + slack)
    const inBox = wide
      .amin({ dim: [1, 2, 3] })
      .ge(low - slack)
      .logicalAnd(wide.amax({ dim: [1, 2, 3] }).le(high + slack))
    return near.logicalAnd(inBox)
  })
