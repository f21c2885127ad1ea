/**
 * Square Attack (Andriushchenko et al. 2020, algorithm 1): random search without gradients. Each query changes the pixels of
 * one square; it is kept where it lowers the margin z_y − max_{i≠y} z_i.
 */
import { arange, type Generator, noGrad, scope, type Tensor, zeros } from '@robust-jem/torch'
import type { Logits } from '../energy.ts'
import { type Box, ballInBox, type Norm, perImage } from './ball-in-box.ts'
import { margin } from './dlr.ts'
import { type Proposals, squares } from './square-proposals.ts'

export interface SquareSettings {
  norm: Norm
  /** In the images' units. */
  epsilon: number
  /** Changes that are tried for each image, after the start. */
  queries: number
  /** The share of the pixels that the first squares cover. Default 0.8. */
  pInit?: number
  /** Stretch the schedule of 10,000 queries to `queries`; AutoAttack does not. Default false. */
  rescaled?: boolean
  /** Where images live. Default [-1, 1]. */
  box?: Box
}

export interface SquareResult {
  /** Which images have a margin ≤ 0 now, [N]. */
  broken: Tensor
  /** The images of the lowest margin found, [N, C, H, W]. */
  adversarial: Tensor
}

/** After which iterations the share of pixels is halved. */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]

/** p at an iteration: the share of the pixels that a square covers. */
export function squareShare(
  iteration: number,
  { pInit = 0.8, rescaled = false, queries }: { pInit?: number; rescaled?: boolean; queries: number },
): number {
  const it = rescaled ? Math.floor((iteration / queries) * 10000) : iteration
  return pInit / 2 ** halvings.filter((after) => it > after).length
}

/** The side of a square that covers the share p of H×W pixels. */
export const squareSide = (p: number, height: number, width: number): number =>
  Math.min(Math.max(Math.round(Math.sqrt(p * height * width)), 1), height, width)

/** Attacks images x₀ of the box that f classifies as y [N] int64. Images are left alone once they are broken. */
export function square(
  f: Logits,
  x0: Tensor,
  y: Tensor,
  s: SquareSettings,
  rng: Generator,
  { observe }: { observe?: (query: number) => void } = {},
): SquareResult {
  const { norm, epsilon, box = [-1, 1] } = s
  const [n, , height, width] = x0.shape as [number, number, number, number]
  const { start, propose }: Proposals = squares(norm, epsilon, rng)
  const within = (x: Tensor, around: Tensor) => ballInBox(norm, epsilon, around, box).project(x)
  const device = x0.device

  return scope(() =>
    noGrad(() => {
      const adversarial = within(start(x0), x0)
      const broken = zeros([n], { dtype: 'bool', device })
      /** What is not broken yet: the places in the batch, and for each x₀, y, the best image and its margin. */
      let open = scope(() => {
        const x = adversarial.clone()
        return { place: arange(n, { device }), x0: x0.clone(), y: y.clone(), x, margin: margin(f(x), y) }
      })
      /** Takes out what has been broken. */
      const settle = () => {
        const keep = open.margin.gt(0)
        if (keep.all().item()) return open
        adversarial.indexCopy_(0, open.place, open.x)
        broken.indexCopy_(0, open.place, keep.logicalNot())
        const rows = keep.nonzero().squeeze(1)
        const pick = (values: Tensor) => values.indexSelect(0, rows)
        const { place, x0, y, x, margin } = open
        return { place: pick(place), x0: pick(x0), y: pick(y), x: pick(x), margin: pick(margin) }
      }
      const goOn = () => {
        const remaining = scope(settle)
        if (remaining !== open) for (const values of Object.values(open)) values.dispose()
        open = remaining
      }

      goOn()
      for (let query = 0; query < s.queries && open.place.shape[0]! > 0; query++) {
        scope(() => {
          const side = squareSide(squareShare(query, s), height, width)
          const x = within(propose(open.x, open.x0, side), open.x0)
          const found = margin(f(x), open.y)
          const better = found.lt(open.margin).logicalOr(found.le(0))
          open.x.copy_(perImage(better).where(x, open.x))
          open.margin.copy_(better.where(found, open.margin))
        })
        goOn()
        observe?.(query + 1)
      }
      adversarial.indexCopy_(0, open.place, open.x)
      return { broken, adversarial }
    }),
  )
}
