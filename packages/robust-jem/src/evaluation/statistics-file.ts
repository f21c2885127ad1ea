/** Files of a feature set's mean and covariance, as TTUR and pytorch-fid write them: an .npz with `mu` [d] and `sigma` [d, d]. */
import { type NpyArray, writeNpz } from '@robust-jem/formats'
import { noGrad, type Tensor, tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import type { FeatureGaussian } from './frechet.ts'

export const isStatistics = (arrays: Readonly<Record<string, NpyArray>>): boolean =>
  Object.hasOwn(arrays, 'mu') || Object.hasOwn(arrays, 'sigma')

/** float64, whatever the file has. Throws a UserError where the arrays are not a mean and its covariance. */
export function statisticsFrom(
  path: string,
  { mu, sigma, count }: Readonly<Record<string, NpyArray>>,
): FeatureGaussian {
  const [dim] = mu?.shape ?? []
  const floats = [mu, sigma].every((array) => array?.dtype.startsWith('float'))
  if (!mu || !sigma || !floats || mu.shape.length !== 1 || !dim || sigma.shape.join() !== [dim, dim].join()) {
    throw new UserError(
      'statistics-shape',
      `${path} does not hold statistics: mu [d] and sigma [d, d] of floats. Name a file that pytorch-fid or TTUR wrote.`,
      { path, received: [mu?.shape ?? null, sigma?.shape ?? null] },
    )
  }
  const number = count?.data.length === 1 ? Number(count.data[0]) : undefined
  const doubles = ({ data, shape }: NpyArray) => tensor(Float64Array.from(data as Float64Array), { shape })
  return { mean: doubles(mu), covariance: doubles(sigma), count: number }
}

/** The bytes of such a file; `count` beside the two, which other programs pass over. */
export function statisticsFile({ mean, covariance, count }: FeatureGaussian): Uint8Array {
  const doubles = (x: Tensor): NpyArray => ({
    dtype: 'float64',
    shape: x.shape,
    data: noGrad(() => x.double().toTypedArray()) as Float64Array,
  })
  const known: Record<string, NpyArray> =
    count === undefined ? {} : { count: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) } }
  return writeNpz({ mu: doubles(mean), sigma: doubles(covariance), ...known })
}
