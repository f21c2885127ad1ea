/**
 * What Square Attack tries: stripes and squares of ±ε for L∞ (Andriushchenko et al. 2020, algorithm 2), and squares that
 * gather the perturbation of two windows in one for L2 (algorithm 3). Nothing here keeps to the ball or the box.
 */
import { type Generator, rand, scope, type Tensor, tensor } from '@robust-jem/torch'
import { lengthOf, type Norm, normalized, perImage } from './ball-in-box.ts'

export interface Proposals {
  /** First images for x₀ [N, C, H, W]. */
  start(x0: Tensor): Tensor
  /** The images x with one square of this side changed. The square is the same for all of them. */
  propose(x: Tensor, x0: Tensor, side: number): Tensor
}

export const squares = (norm: Norm, epsilon: number, rng: Generator): Proposals =>
  norm === 'linf' ? linfSquares(epsilon, rng) : l2Squares(epsilon, rng)

/** Uniform on [0, 1). */
const numbers = (count: number, rng: Generator): number[] =>
  scope(() => [
    ...(rand([count], { generator: rng, dtype: 'float64', device: rng.device }).toTypedArray() as Float64Array),
  ])
/** −1 or +1, as x has its dtype. */
const signs = (shape: number[], x: Tensor, rng: Generator): Tensor =>
  rand(shape, { generator: rng, dtype: x.dtype, device: x.device }).ge(0.5).to({ dtype: x.dtype }).mul(2).sub(1)

interface Window {
  top: number
  left: number
  side: number
}
/** From uniform numbers u, v; the last row and column are reached only by squares that fill the image, as in the released code. */
const windowAt = (u: number, v: number, x: Tensor, side: number): Window => {
  const [height, width] = x.shape.slice(2) as [number, number]
  return { top: Math.floor(u * (height - side)), left: Math.floor(v * (width - side)), side }
}
/** The view of x in the window, [N, C, side, side]. */
const inside = (x: Tensor, { top, left, side }: Window): Tensor => x.narrow(2, top, side).narrow(3, left, side)

const linfSquares = (epsilon: number, rng: Generator): Proposals => ({
  start: (x0) => {
    const [n, channels, , width] = x0.shape as [number, number, number, number]
    return x0.add(signs([n, channels, 1, width], x0, rng), { alpha: epsilon })
  },
  propose: (x, _x0, side) => {
    const [u, v] = numbers(2, rng) as [number, number]
    const changed = x.clone()
    inside(changed, windowAt(u, v, x, side)).add_(signs([1, x.shape[1]!, 1, 1], x, rng), { alpha: 2 * epsilon })
    return changed
  },
})

const l2Squares = (epsilon: number, rng: Generator): Proposals => ({
  start: (x0) => {
    const [n, channels, height, width] = x0.shape as [number, number, number, number]
    const side = Math.max(1, Math.floor(Math.min(height, width) / 5))
    const delta = x0.zerosLike()
    const margins = [height, width].map((length) => Math.max(0, Math.floor((length - 5 * side) / 2))) as [
      number,
      number,
    ]
    for (let top = margins[0]; top + side <= height; top += side) {
      for (let left = margins[1]; left + side <= width; left += side) {
        const [u] = numbers(1, rng) as [number]
        const tile = pattern(side, u, x0).mul(signs([n, channels, 1, 1], x0, rng))
        inside(delta, { top, left, side }).add_(tile)
      }
    }
    return x0.add(normalized(delta, 'l2'), { alpha: epsilon })
  },

  propose: (x, x0, side) => {
    const [n, channels, height, width] = x.shape as [number, number, number, number]
    const s = oddSide(side, Math.min(height, width))
    const [u1, v1, u2, v2, turn] = numbers(5, rng) as [number, number, number, number, number]
    const [grown, cleared] = [windowAt(u1, v1, x, s), windowAt(u2, v2, x, s)]
    const delta = x.sub(x0)
    const unused = perImage(lengthOf(delta, 'l2'))
      .square()
      .neg()
      .add(epsilon ** 2)
      .clampMin(0) // ε² − ‖δ‖²
    const rest = delta.clone()
    for (const window of [grown, cleared]) inside(rest, window).zero_()
    const gathered = perImage(lengthOf(delta.sub(rest), 'l2')).square()
    const budget = unused.div(channels).add(gathered).sqrt() // [N, 1, 1, 1]

    const old = inside(delta, grown)
    const unit = (d: Tensor) => d.div(d.square().sum([2, 3], { keepdim: true }).sqrt().add(1e-12))
    const fresh = pattern(s, turn, x)
      .mul(signs([n, channels, 1, 1], x, rng))
      .add(unit(old))
    inside(rest, grown).copy_(unit(fresh).mul(budget))
    return x0.add(normalized(rest, 'l2'), { alpha: epsilon })
  },
})

/** The square's side for L2: odd and at least 3, where the image is large enough. */
const oddSide = (side: number, largest: number): number => {
  const odd = Math.max(side, 3) | 1
  return odd <= largest ? odd : largest - (largest % 2 === 0 ? 1 : 0)
}

/** η [1, 1, s, s] of length 1: a hill above a valley, or beside it where `turn` > ½. */
function pattern(s: number, turn: number, x: Tensor): Tensor {
  const half = Math.floor(s / 2)
  const rows = [...hill(half, s), ...hill(s - half, s).map((row) => row.map((value) => -value))]
  const length = Math.hypot(...rows.flat())
  const values = rows.map((row, i) => row.map((value, k) => (turn > 0.5 ? rows[k]![i]! : value) / length))
  return tensor([[values]], { dtype: x.dtype, device: x.device })
}

/** Rows × columns of length 1: nested frames around the middle, what lies in the k-th is higher by 1/k². */
function hill(rows: number, columns: number): number[][] {
  const middle = [Math.floor(rows / 2), Math.floor(columns / 2)] as const
  const height = (i: number, k: number) => {
    let sum = 0
    for (let frame = 0; frame <= Math.max(...middle); frame++) {
      const covered = Math.abs(i - middle[0]) <= frame && Math.abs(k - middle[1]) <= frame
      if (covered) sum += 1 / (frame + 1) ** 2
    }
    return sum
  }
  const values = Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, k) => height(i, k)))
  const length = Math.hypot(...values.flat())
  return values.map((row) => row.map((value) => value / length))
}
