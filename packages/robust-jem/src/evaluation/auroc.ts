/** Area under the ROC curve as the Mann–Whitney statistic: P(positive > negative) + ½·P(positive = negative). */
import { UserError } from '../errors.ts'

/** Scores of both sides, larger for positive. Throws a UserError where a side is empty or holds a NaN. */
export function auroc(positive: ArrayLike<number>, negative: ArrayLike<number>): number {
  const [p, n] = [Float64Array.from(positive).sort(), Float64Array.from(negative).sort()]
  if (p.length === 0 || n.length === 0) {
    throw new UserError('samples-few', 'An AUROC needs scores on both sides. Give more images.', {
      received: [p.length, n.length],
    })
  }
  // Sorting puts NaN last.
  if (Number.isNaN(p.at(-1)) || Number.isNaN(n.at(-1))) {
    throw new UserError('features-not-finite', 'A score is not a number. Look for damaged images or weights.')
  }
  let [below, upTo, twice] = [0, 0, 0]
  for (const score of p) {
    while (below < n.length && n[below]! < score) below++
    upTo = Math.max(upTo, below)
    while (upTo < n.length && n[upTo]! <= score) upTo++
    twice += below + upTo
  }
  return twice / (2 * p.length * n.length)
}
