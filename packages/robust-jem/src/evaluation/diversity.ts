/** Whether samples differ from each other and from the training images: their classes, and their nearest training neighbours. */
import { noGrad, scope, type Tensor, tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { expectFinite } from './finite.ts'

/** exp H of the shares of the classes predicted, from 1 (all of one class) to K (all equally often). */
export function effectiveClasses(predicted: ArrayLike<number>, classes: number): { value: number; counts: number[] } {
  const counts = new Array<number>(classes).fill(0)
  for (let i = 0; i < predicted.length; i++) counts[predicted[i]!]!++
  const entropy = counts.reduce(
    (sum, n) => (n === 0 ? sum : sum - (n / predicted.length) * Math.log(n / predicted.length)),
    0,
  )
  return { value: Math.exp(entropy), counts }
}

export interface Neighbours {
  /** Places among the reference, nearest first: k for each sample. */
  places: number[][]
  /** Their distances. */
  distances: number[][]
}

/** The k rows of `reference` [m, d] nearest to each row of `samples` [n, d]. Throws a UserError where there are fewer than k. */
export function nearestNeighbours(samples: Tensor, reference: Tensor, k: number, { rows = 256 } = {}): Neighbours {
  const [n, m] = [samples.shape[0]!, reference.shape[0]!]
  if (m < k) {
    throw new UserError('samples-few', `${k} neighbours need as many training images; there are ${m}. Give more.`, {
      expected: k,
      received: m,
    })
  }
  for (const features of [samples, reference]) expectFinite(features)
  const found: Neighbours = { places: [], distances: [] }
  noGrad(() =>
    scope(() => {
      const y = reference.double()
      for (let at = 0; at < n; at += rows) {
        scope(() => {
          const x = samples.narrow(0, at, Math.min(rows, n - at)).double()
          // By differences: products cancel for images that are nearly the same, and those are looked for.
          const [distances, places] = x.cdist(y, { computeMode: 2 }).topk(k, { dim: 1, largest: false })
          found.distances.push(...(distances.toArray() as number[][]))
          const flat = Array.from(places.toTypedArray() as BigInt64Array, Number)
          for (let i = 0; i < flat.length; i += k) found.places.push(flat.slice(i, i + k))
        })
      }
    }),
  )
  return found
}

/** Training images that are looked at for the distance that is usual among them. */
const usualOf = 1000

/**
 * Median distance of samples to their nearest training image over that of training images to their nearest other one: near 0 for
 * copies, about 1 or more for samples as far from the training images as those from each other. Undefined where half of the
 * training images have a duplicate.
 */
export function distanceRatio(samples: Tensor, reference: Tensor): number | undefined {
  const toTraining = nearestNeighbours(samples, reference, 1).distances.map(([d]) => d!)
  const some = reference.narrow(0, 0, Math.min(usualOf, reference.shape[0]!))
  const among = nearestNeighbours(some, reference, 2).distances.map(([, other]) => other!) // the first is the image itself
  const usual = median(among)
  return usual > 0 ? median(toTraining) / usual : undefined
}

const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort()
  const half = sorted.length / 2
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!
}

/** Images of `images` [N, 3, H, W] bytes at these places, one after another. */
export function pick(images: Uint8Array, places: readonly number[], imageBytes: number): Uint8Array {
  const picked = new Uint8Array(places.length * imageBytes)
  for (const [i, place] of places.entries())
    picked.set(images.subarray(place * imageBytes, (place + 1) * imageBytes), i * imageBytes)
  return picked
}

/** The largest entry of each row [N, K]; the lowest of equal ones. */
export const predictedClasses = (scores: Tensor): number[] =>
  Array.from(scope(() => scores.argmax({ dim: 1 }).toTypedArray()) as BigInt64Array, Number)

/** Rows of a tensor at these places. */
export const rowsAt = (x: Tensor, places: ArrayLike<number>): Tensor =>
  x.indexSelect(0, tensor(Int32Array.from(places), { dtype: 'int64', device: x.device }))
