/** How far a figure may be off: Wilson's interval for shares, the bootstrap over images, the spread over splits. */
import { type Generator, randint, scope } from '@robust-jem/torch'
import type { Interval } from './figure-record.ts'

/** The 97.5 % point of the normal law. */
const z = 1.959964

/** Wilson (1927): does not leave [0, 1], and is not empty where none or all are right. */
export function wilson(successes: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1, method: 'wilson-95' }
  const p = successes / count
  const scale = 1 + z ** 2 / count
  const centre = (p + z ** 2 / (2 * count)) / scale
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / count + z ** 2 / (4 * count ** 2))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half), method: 'wilson-95' }
}

/**
 * The percentile bootstrap (Efron 1979): 2.5 % and 97.5 % points of the statistic over sets of the same sizes, drawn with
 * replacement. `statistic` gets the places drawn of each set.
 */
export function bootstrap(
  sizes: readonly number[],
  statistic: (places: readonly Int32Array[]) => number,
  rng: Generator,
  { resamples = 1000 } = {},
): Interval {
  const draw = (size: number) =>
    scope(() => randint(0, size, [size], { generator: rng, dtype: 'int32' }).toTypedArray()) as Int32Array
  const values = Float64Array.from({ length: resamples }, () => statistic(sizes.map(draw))).sort()
  const at = (share: number) => values[Math.min(resamples - 1, Math.floor(share * resamples))]!
  return { low: at(0.025), high: at(0.975), method: 'bootstrap-95' }
}

const meanAndSd = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, variance: square / Math.max(1, values.length - 1) }
}

/** The 97.5 % point of Student's t with ν degrees of freedom, expanded around the normal law's (Abramowitz & Stegun 26.7.5). */
const studentPoint = (nu: number): number =>
  z +
  (z ** 3 + z) / (4 * nu) +
  (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * nu ** 2) +
  (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * nu ** 3)

/** Around the value of all images, from its values over equal splits of them: ± t·sd/√splits. */
export function overSplits(value: number, values: readonly number[]): Interval {
  const half = studentPoint(values.length - 1) * Math.sqrt(meanAndSd(values).variance / values.length)
  return { low: value - half, high: value + half, method: 'splits-95' }
}
