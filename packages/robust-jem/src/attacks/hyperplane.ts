/**
 * The way from points of a box to a hyperplane that is shortest in L∞ or L2 and stays in the box (FAB, Croce & Hein 2020b,
 * eq. 4), in closed form by one sort.
 */
import { scope, type Tensor } from '@robust-jem/torch'
import type { Box, Norm } from './ball-in-box.ts'

/** Planes {x : ⟨w, x⟩ = b}, one a row: w [N, D], b [N]. */
export interface Hyperplanes {
  w: Tensor
  b: Tensor
}

/**
 * The least d [N, D] with ⟨w, t + d⟩ = b and t + d in the box, for points t [N, D] of the box. Every coordinate moves in the
 * direction that helps, by as much as one common level allows and the box leaves: d = ∓min(λ, room) in L∞ and
 * d = ∓|w|·min(λ, room/|w|) in L2. Where the whole box lies on one side, all coordinates go to the bound nearest to the plane.
 */
export const towardHyperplane = (t: Tensor, { w, b }: Hyperplanes, norm: Norm, [low, high]: Box): Tensor =>
  scope(() => {
    const excess = w.mul(t).sum(1).sub(b) // [N]
    const side = excess.ge(0).to({ dtype: t.dtype }).mul(2).sub(1) // [N]
    const down = w.sign().mul(side.unsqueeze(1)) // +1 where a coordinate has to fall
    const room = down.gt(0).where(t.sub(low), t.mul(-1).add(high))
    const size = w.abs()
    if (norm === 'linf') return down.neg().mul(waterLevel(size, room, excess.abs()))
    const reach = size.eq(0).where(size, room.div(size))
    return down
      .neg()
      .mul(size)
      .mul(waterLevel(size.square(), reach, excess.abs()))
  })

/** min(λ, rᵢ) [N, D] with the λ for which Σ aᵢ·min(λ, rᵢ) = c; a, r ≥ 0 [N, D], c ≥ 0 [N]. All rᵢ where their sum is less. */
function waterLevel(a: Tensor, r: Tensor, c: Tensor): Tensor {
  const [sorted, order] = r.sort({ dim: 1 })
  const weights = a.gather(1, order)
  const filled = weights.mul(sorted)
  const below = filled.cumsum(1).sub(filled) // Σ over smaller r, in which λ no longer takes part
  const open = weights.flip([1]).cumsum(1).flip([1]) // Σ over this and larger r
  const poured = below.add(sorted.mul(open)) // Σ aᵢ·min(r₍ₖ₎, rᵢ), rising with k
  const k = poured.lt(c.unsqueeze(1)).sum(1, { keepdim: true }) // the first r that holds it all
  const last = k.clampMax(r.shape[1]! - 1)
  const level = c.unsqueeze(1).sub(below.gather(1, last)).div(open.gather(1, last)).nanToNum({ nan: 0 }).clampMin(0)
  return k.gt(last).where(r, r.minimum(level))
}
