/**
 * Kernel inception distance (Bińkowski et al. 2018): the unbiased MMD² of features under k(x, y) = (xᵀy/d + 1)³, in float64.
 * Being unbiased, it may be a little below 0, and is comparable between counts.
 */
import { type Generator, noGrad, randperm, scope, type Tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { expectFinite } from './finite.ts'

/** Σᵢⱼ k(xᵢ, yⱼ), by blocks of rows, so that memory does not grow with n·m. */
function kernelSum(x: Tensor, y: Tensor, rows = 1024): number {
  const [n, d] = x.shape as [number, number]
  let sum = 0
  for (let at = 0; at < n; at += rows) {
    sum += scope(() =>
      x
        .narrow(0, at, Math.min(rows, n - at))
        .double()
        .matmul(y.t())
        .div(d)
        .add(1)
        .pow(3)
        .sum()
        .item(),
    )
  }
  return sum
}

/** Σᵢ k(xᵢ, xᵢ). */
const kernelTrace = (x: Tensor): number => x.square().sum([1]).div(x.shape[1]!).add(1).pow(3).sum().item()

/** MMD²ᵤ of all rows of x [n, d] against all of y [m, d]. Throws a UserError for fewer than two rows and for NaN. */
export function kid(x: Tensor, y: Tensor): number {
  for (const features of [x, y]) {
    const [count = 0] = features.shape
    if (count < 2) {
      throw new UserError('samples-few', `KID needs at least 2 images on each side, not ${count}. Give more images.`, {
        expected: '≥ 2',
        received: count,
      })
    }
    expectFinite(features)
  }
  return noGrad(() =>
    scope(() => {
      const [a, b] = [x.double(), y.double()]
      const [n, m] = [a.shape[0]!, b.shape[0]!]
      const within = (z: Tensor, count: number) => (kernelSum(z, z) - kernelTrace(z)) / (count * (count - 1))
      return within(a, n) + within(b, m) - (2 * kernelSum(a, b)) / (n * m)
    }),
  )
}

/** Rows of both sides for one estimate, int64. */
export type Subset = readonly [x: Tensor, y: Tensor]

/** Subsets of `size` rows each, without replacement inside a subset: of x first, then of y. */
export const drawSubsets = (
  n: number,
  m: number,
  { count = 100, size = 1000 }: { count?: number; size?: number },
  rng: Generator,
): Subset[] => {
  if (size > Math.min(n, m)) {
    throw new UserError('samples-few', `Subsets of ${size} need as many images; there are ${Math.min(n, m)}.`, {
      expected: size,
      received: Math.min(n, m),
    })
  }
  const draw = (total: number) => scope(() => randperm(total, { generator: rng }).narrow(0, 0, size).clone())
  return Array.from({ length: count }, () => [draw(n), draw(m)] as const)
}

/** Mean and population standard deviation of the estimates over subsets, as the figures in papers mostly are. */
export function kidOverSubsets(x: Tensor, y: Tensor, subsets: readonly Subset[]): { mean: number; std: number } {
  const values = subsets.map(([i, j]) => scope(() => kid(x.indexSelect(0, i), y.indexSelect(0, j))))
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, std: Math.sqrt(variance) }
}
