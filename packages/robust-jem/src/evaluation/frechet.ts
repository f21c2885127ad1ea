/**
 * The Fréchet distance of two Gaussians (Dowson & Landau 1982; Heusel et al. 2017 for FID):
 * d² = ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), with means and covariances (divisor N − 1) of features in float64.
 */
import { linalgEigh, linalgEigvalsh, noGrad, scope, type Tensor, zeros } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { expectFinite } from './finite.ts'

/** Mean [d] and covariance [d, d] in float64 on the CPU. */
export interface FeatureGaussian {
  mean: Tensor
  covariance: Tensor
  /** Where it is known; files of statistics may not tell. */
  count: number | undefined
}

/** Mean and covariance of features that come in batches; keeps d² numbers, however many features there are. */
export class FeatureStatistics {
  readonly dim: number
  #count = 0
  readonly #mean: Tensor // [d]
  readonly #scatter: Tensor // [d, d]: Σ (x − mean)(x − mean)ᵀ

  constructor(dim: number) {
    this.dim = dim
    this.#mean = zeros([dim], { dtype: 'float64' }).keep()
    this.#scatter = zeros([dim, dim], { dtype: 'float64' }).keep()
  }

  get count(): number {
    return this.#count
  }

  /** features: [n, d] of any float dtype. Throws a UserError where one is not finite. */
  add(features: Tensor): void {
    const [n, dim] = features.shape
    if (features.shape.length !== 2 || dim !== this.dim)
      throw new RangeError(`Features of shape [n, ${this.dim}] are expected, not [${features.shape.join(', ')}].`)
    if (n === 0) return
    expectFinite(features)
    noGrad(() =>
      scope(() => {
        const x = features.to({ dtype: 'float64', device: 'cpu' })
        const mean = x.mean([0])
        const centred = x.sub(mean)
        // Chan, Golub & LeVeque 1979: two sets' scatter about their common mean.
        const delta = mean.sub(this.#mean)
        const total = this.#count + n!
        // In place: d² numbers set aside for every batch would break up the heap.
        this.#scatter.addmm_(centred.t(), centred)
        this.#scatter.addmm_(delta.reshape([-1, 1]), delta.reshape([1, -1]), { alpha: (this.#count * n!) / total })
        this.#mean.add_(delta, { alpha: n! / total })
        this.#count = total
      }),
    )
  }

  /** Throws a UserError where there are fewer than two features. */
  gaussian(): FeatureGaussian {
    if (this.#count < 2) {
      throw new UserError(
        'samples-few',
        `A covariance needs at least 2 images; there ${this.#count === 1 ? 'is 1' : 'are none'}. Give more images.`,
        { expected: '≥ 2', received: this.#count },
      )
    }
    const covariance = noGrad(() => this.#scatter.div(this.#count - 1))
    return { mean: this.#mean.clone(), covariance, count: this.#count }
  }
}

/** Statistics of features [N, d] at once. */
export const gaussianOf = (features: Tensor): FeatureGaussian => {
  const statistics = new FeatureStatistics(features.shape[1] ?? 0)
  statistics.add(features)
  return statistics.gaussian()
}

/**
 * d² ≥ 0 of two Gaussians of the same width. Finite for singular covariances too, as fewer features than dimensions give.
 * Throws a UserError where a covariance is not finite or not positive semidefinite.
 */
export function frechetDistance(a: FeatureGaussian, b: FeatureGaussian): number {
  if (a.mean.numel !== b.mean.numel) {
    throw new UserError(
      'features-differ',
      `Features of ${a.mean.numel} and of ${b.mean.numel} dimensions cannot be compared. Take both from the same layer.`,
      { expected: a.mean.numel, received: b.mean.numel },
    )
  }
  for (const { mean, covariance } of [a, b]) {
    expectFinite(mean, 'The means')
    expectFinite(covariance, 'The covariances')
  }
  return noGrad(() =>
    scope(() => {
      const between = a.mean.sub(b.mean).square().sum().item()
      const traces = a.covariance.trace().add(b.covariance.trace()).item()
      return Math.max(0, between + traces - 2 * traceOfRoot(a, b))
    }),
  )
}

/**
 * tr (Σ₁Σ₂)^½ = Σ √λᵢ(R Σ₂ Rᵀ) with RᵀR = Σ₁: a symmetric matrix, so its λ are real. R takes the covariance of fewer features
 * and leaves out its null space, whose rounding errors would enter as their square roots.
 */
function traceOfRoot(a: FeatureGaussian, b: FeatureGaussian): number {
  const [first, second] = (a.count ?? Infinity) <= (b.count ?? Infinity) ? [a, b] : [b, a]
  const [values, vectors] = linalgEigh(first.covariance) // ascending; columns
  const lambda = values.toTypedArray() as Float64Array
  const largest = lambda.at(-1)!
  const zero = largest * lambda.length * Number.EPSILON
  if (lambda[0]! < -1e-4 * largest || largest < 0) {
    throw new UserError(
      'covariance-indefinite',
      'A covariance has a negative eigenvalue, so it is none. Compute the statistics again.',
      { received: lambda[0] },
    )
  }
  const nullity = lambda.findIndex((value) => value > zero)
  if (nullity < 0) return 0
  const rank = lambda.length - nullity
  const root = vectors
    .narrow(1, nullity, rank)
    .t()
    .mul(values.narrow(0, nullity, rank).sqrt().reshape([-1, 1])) // [r, d]
  const product = root.matmul(second.covariance).matmul(root.t()) // [r, r]
  return linalgEigvalsh(product.add(product.t()).div(2)).clamp({ min: 0 }).sqrt().sum().item()
}
