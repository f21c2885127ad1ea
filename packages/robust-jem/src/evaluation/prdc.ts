/**
 * Precision and recall of manifolds (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), all from the distance
 * of each point to its k-th neighbour in its own set. Comparisons are strict, as in the code of the latter paper.
 */
import { noGrad, ones, scope, type Tensor, zeros } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { expectFinite } from './finite.ts'

export interface Prdc {
  precision: number
  recall: number
  density: number
  coverage: number
}

/** Euclidean distances by differences, not by ‖x‖² − 2xᵀy + ‖y‖², which cancels for near points. x [n, d], y [m, d] → [n, m]. */
const distances = (x: Tensor, y: Tensor): Tensor => x.cdist(y, { computeMode: 2 })

function* blocks(count: number, rows: number): Iterable<[from: number, length: number]> {
  for (let at = 0; at < count; at += rows) yield [at, Math.min(rows, count - at)]
}

/** Distance of each row to its k-th nearest other row: [n]. */
function radii(x: Tensor, k: number, rows: number): Tensor {
  const r = zeros([x.shape[0]!], { dtype: 'float64' })
  for (const [at, length] of blocks(x.shape[0]!, rows)) {
    scope(() => {
      const [nearest] = distances(x.narrow(0, at, length), x).kthvalue(k + 1, { dim: 1 }) // itself is the first
      r.narrow(0, at, length).copy_(nearest)
    })
  }
  return r
}

/** real [n, d], fake [m, d]; k = 3 is usual for precision and recall, 5 for density and coverage. Throws a UserError for k or fewer rows. */
export function prdc(real: Tensor, fake: Tensor, k: number, { rows = 512 } = {}): Prdc {
  for (const features of [real, fake]) {
    const [count = 0] = features.shape
    if (count <= k) {
      throw new UserError(
        'samples-few',
        `${k}-th neighbours need more than ${k} images on each side, not ${count}. Give more images.`,
        { expected: `> ${k}`, received: count },
      )
    }
    expectFinite(features)
  }
  return noGrad(() =>
    scope(() => {
      const [x, y] = [real.double(), fake.double()]
      const [n, m] = [x.shape[0]!, y.shape[0]!]
      const [realRadii, fakeRadii] = [radii(x, k, rows), radii(y, k, rows)]
      const balls = zeros([m], { dtype: 'int64' }) // real balls around each fake
      const recalled = zeros([n], { dtype: 'bool' })
      const covered = ones([n], { dtype: 'bool' })
      for (const [at, length] of blocks(n, rows)) {
        scope(() => {
          const d = distances(x.narrow(0, at, length), y) // [length, m]
          const r = realRadii.narrow(0, at, length)
          balls.add_(d.lt(r.reshape([-1, 1])).sum([0]))
          recalled.narrow(0, at, length).copy_(d.lt(fakeRadii).any(1))
          covered.narrow(0, at, length).copy_(d.amin({ dim: 1 }).lt(r))
        })
      }
      return {
        precision: balls.gt(0).sum().item() / m,
        recall: recalled.sum().item() / n,
        density: balls.sum().item() / (k * m),
        coverage: covered.sum().item() / n,
      }
    }),
  )
}
