/**
 * Class Gaussians (JEM++ §3.3; Santurkar et al. 2019): per class c the mean μ_c and full covariance Σ_c (divisor N) of the
 * images, [D] and [D, D] with D = 3·H·W; a draw is clamp(μ_c + L_c z, −1, 1), L_c L_cᵀ = Σ_c + 1e-4·I.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Device,
  eye,
  type Generator,
  linalgCholesky,
  linalgEigh,
  linalgQr,
  loadSafetensors,
  randn,
  saveSafetensors,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { imagesAt } from './augment.ts'
import { fromCosines, toCosines } from './cosine-basis.ts'
import type { ImageSet } from './image-set.ts'

/** Of the file: what the residual is of belongs to it. */
const format = 'class-gaussians, residual of cosines'

/** Added to the diagonal of Σ, as the released codes do. */
const ridge = 1e-4

/** μ [D] and Σ [D, D] of images [N, D], divisor N. */
export function momentsOf(x: Tensor): { mean: Tensor; covariance: Tensor } {
  return scope(() => {
    const mean = x.mean([0])
    const centred = x.sub(mean)
    return { mean, covariance: centred.t().matmul(centred).div(x.shape[0]!) }
  })
}

/** L with L Lᵀ = Σ + 1e-4·I, lower triangular. */
export const choleskyFactor = (covariance: Tensor): Tensor =>
  scope(() => linalgCholesky(covariance.add(eye(covariance.shape[0]!, { dtype: covariance.dtype }), { alpha: ridge })))

export class ClassGaussians {
  /** [K, D] */
  readonly mean: Tensor
  /** [K, D, R]: Σ_c ≈ F_c F_cᵀ + Bᵀ diag(residual_c²) B, B the cosine basis. The exact form has R = D and F_c the Cholesky factor. */
  readonly factor: Tensor
  /** [K, D]: standard deviations of the coefficients B x that the factor leaves out; 0 in the exact form. */
  readonly residual: Tensor
  /** [3, H, W] */
  readonly shape: readonly [number, number, number]

  constructor(mean: Tensor, factor: Tensor, residual: Tensor, shape: readonly [number, number, number]) {
    this.mean = mean
    this.factor = factor
    this.residual = residual
    this.shape = shape
  }

  /** One draw for each class of y [N]: [N, 3, H, W] in [-1, 1]. */
  draw(y: Tensor, rng: Generator): Tensor {
    return scope(() => {
      const [, d, rank] = this.factor.shape as [number, number, number]
      const z = randn([y.numel, rank], { generator: rng })
      const rest = randn([y.numel, d], { generator: rng })
      const x = zeros([y.numel, d], { device: this.mean.device })
      const classes = Array.from(y.toTypedArray() as BigInt64Array, Number)
      for (const c of new Set(classes)) {
        const rows = indicesOf(classes, c).to({ device: this.mean.device })
        const correlated = z.indexSelect(0, rows).matmul(this.factor.select(0, c).float().t()) // [n, D]
        x.indexCopy_(0, rows, correlated.add(this.mean.select(0, c).float()))
        rest.indexCopy_(0, rows, rest.indexSelect(0, rows).mul(this.residual.select(0, c).float()))
      }
      const images = [y.numel, ...this.shape]
      return x
        .reshape(images)
        .add(fromCosines(rest.reshape(images)))
        .clamp({ min: -1, max: 1 })
    })
  }

  /**
   * Estimated on the images of the set as they are: no augmentation, no noise. Seconds for CIFAR-10. Throws a UserError where a
   * class has no image.
   */
  static fit(set: ImageSet): ClassGaussians {
    const classes = set.classNames.length
    const d = set.images.length / set.labels.length
    const mean = zeros([classes, d])
    const factor = zeros([classes, d, d])
    for (let c = 0; c < classes; c++) {
      scope(() => {
        const members = [...set.labels.keys()].filter((i) => set.labels[i] === c)
        if (members.length === 0) {
          throw new UserError(
            'class-empty',
            `There is no training image of ${set.classNames[c]}, so its Gaussian cannot be estimated. Add some, or leave the class out.`,
            { path: set.origin, received: 0 },
          )
        }
        const moments = momentsOf(imagesAt(set, members).reshape([members.length, d]))
        mean.select(0, c).copy_(moments.mean)
        factor.select(0, c).copy_(choleskyFactor(moments.covariance.double())) // the small pivots need float64
      })
    }
    const [, ...shape] = set.shape
    return new ClassGaussians(mean, factor, zeros([classes, d]), shape)
  }

  /**
   * The form that travels beside a model: the leading `rank` eigenvectors of each covariance, found by subspace iteration
   * (Halko, Martinsson & Tropp 2011, Algorithm 4.4), and the variance that they leave out of each coefficient of the cosine basis:
   * pixel by pixel it would be white noise, which no image has.
   */
  compact(rank: number, rng: Generator): ClassGaussians {
    const [classes, d, full] = this.factor.shape as [number, number, number]
    if (rank >= full) return this
    const factor = zeros([classes, d, rank])
    const residual = zeros([classes, d])
    for (let c = 0; c < classes; c++) {
      scope(() => {
        const l = this.factor.select(0, c).float()
        const covariance = (v: Tensor) => l.matmul(l.t().matmul(v)) // Σv
        let [q] = linalgQr(covariance(randn([d, Math.min(full, rank + 16)], { generator: rng })))
        for (let iteration = 0; iteration < 4; iteration++) [q] = linalgQr(covariance(q))
        const [values, vectors] = linalgEigh(q.t().matmul(covariance(q))) // ascending
        const top = q.shape[1]! - rank
        const u = q.matmul(vectors.narrow(1, top, rank)) // [D, rank]
        const f = u.mul(values.narrow(0, top, rank).clamp({ min: 0 }).sqrt())
        factor.select(0, c).copy_(f)
        const left = this.#variances(l).sub(this.#variances(f)).clamp({ min: 0 }) // [D]
        residual.select(0, c).copy_(left.add(this.residual.select(0, c).float().square()).sqrt())
      })
    }
    return new ClassGaussians(this.mean, factor, residual, this.shape)
  }

  /** The diagonal of B M Mᵀ Bᵀ, [D], for M [D, R]. */
  #variances(m: Tensor): Tensor {
    const coefficients = toCosines(m.t().reshape([-1, ...this.shape])) // [R, 3, H, W]
    return coefficients.square().sum([0]).reshape([-1])
  }

  to({ device }: { device: Device }): ClassGaussians {
    if (device === this.mean.device) return this
    return new ClassGaussians(
      this.mean.to({ device }),
      this.factor.to({ device }),
      this.residual.to({ device }),
      this.shape,
    )
  }

  /** Writes the file that `load` reads; the factor in `dtype`. */
  save(path: string, { dtype = 'float32' }: { dtype?: 'float32' | 'float16' } = {}): void {
    scope(() =>
      saveSafetensors(
        path,
        { mean: this.mean, factor: this.factor.to({ dtype }), residual: this.residual },
        { format, shape: JSON.stringify(this.shape) },
      ),
    )
  }

  /** Throws an Error where the file is not one that `save` wrote. */
  static load(path: string): ClassGaussians {
    const { tensors, metadata } = loadSafetensors(path)
    const { mean, factor, residual } = tensors
    if (metadata.format !== format || !metadata.shape || !mean || !factor || !residual) {
      throw new Error(`${path} holds no class Gaussians. Name a file that training wrote.`)
    }
    return new ClassGaussians(mean, factor, residual, JSON.parse(metadata.shape))
  }
}

/** Reads a file that the user names. Throws a UserError with the remedy where it is missing, damaged, or of other classes than its owner. */
export function loadClassGaussians(
  path: string,
  remedy: string,
  owner?: { name: string; classes: number },
): ClassGaussians {
  const unusable = (fact: string) => new UserError('gaussians-damaged', `${fact} ${remedy}`, { path })
  if (!existsSync(path)) throw unusable(`There are no class Gaussians at ${path}.`)
  let gaussians: ClassGaussians
  try {
    gaussians = ClassGaussians.load(path)
  } catch (error) {
    throw unusable(`${path} is no readable file of class Gaussians (${(error as Error).message}).`)
  }
  const [classes] = gaussians.mean.shape
  if (owner && classes !== owner.classes)
    throw unusable(`${path} is of ${classes} classes, ${owner.name} of ${owner.classes}.`)
  return gaussians
}

/** `ClassGaussians.fit`, kept in `folder` by the data's checksum. A cache that cannot be read or written is done without. */
export function cachedClassGaussians(set: ImageSet, folder: string, onNote: (note: string) => void): ClassGaussians {
  const path = join(folder, `class-gaussians-${set.sha256.slice(0, 16)}.safetensors`)
  if (existsSync(path)) {
    try {
      return ClassGaussians.load(path)
    } catch (error) {
      onNote(`${(error as Error).message} Estimating the class Gaussians anew.`)
    }
  }
  const gaussians = ClassGaussians.fit(set)
  try {
    mkdirSync(folder, { recursive: true })
    gaussians.save(path)
  } catch (error) {
    onNote(`The class Gaussians could not be kept for next time: ${(error as Error).message}`)
  }
  return gaussians
}

const indicesOf = (classes: readonly number[], c: number): Tensor =>
  tensor(Int32Array.from([...classes.keys()].filter((i) => classes[i] === c)), { dtype: 'int64' })
