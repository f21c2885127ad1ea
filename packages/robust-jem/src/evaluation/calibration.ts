/**
 * How far confidences are from accuracies: expected calibration error and reliability diagram (Guo et al. 2017), negative
 * log-likelihood and Brier score.
 */
import type { Tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { expectFinite } from './finite.ts'

/** Predictions with a confidence in (lower, upper]. */
export interface ReliabilityBin {
  lower: number
  upper: number
  count: number
  /** Means over the bin; null where it is empty. */
  confidence: number | null
  accuracy: number | null
}

export interface Calibration {
  count: number
  accuracy: number
  /** Mean of the largest probability. */
  confidence: number
  /** Σ |accuracy − confidence|·share over equal-width bins. */
  ece: number
  /** −mean log p(y), in nats. */
  nll: number
  /** mean Σ_c (p_c − [c = y])². */
  brier: number
  bins: ReliabilityBin[]
}

/** The bin (i/n, (i+1)/n] of a confidence; 0 falls into the first. An edge belongs to the bin below it. */
function binOf(confidence: number, n: number): number {
  let i = Math.min(Math.max(Math.ceil(confidence * n) - 1, 0), n - 1)
  // The product may round across an edge.
  if (i > 0 && confidence <= i / n) i--
  else if (i < n - 1 && confidence > (i + 1) / n) i++
  return i
}

/**
 * logits [N, K], labels: N classes. The predicted class is the lowest of those with the largest logit. 15 bins are usual; the
 * JEM++ code has 20. Throws a UserError without images and for NaN.
 */
export function calibration(logits: Tensor, labels: ArrayLike<number>, { bins: n = 15 } = {}): Calibration {
  const [count = 0, classes = 0] = logits.shape
  if (count === 0 || labels.length !== count) {
    throw new UserError('samples-few', `${count} predictions for ${labels.length} labels. Give one for each image.`, {
      expected: labels.length,
      received: count,
    })
  }
  expectFinite(logits, 'The logits')
  const z = logits.double().toTypedArray() as Float64Array
  const sums = Array.from({ length: n }, () => ({ count: 0, confidence: 0, right: 0 }))
  let [nll, brier] = [0, 0]
  for (let i = 0; i < count; i++) {
    const row = z.subarray(i * classes, (i + 1) * classes)
    const best = row.reduce((most, value, c) => (value > row[most]! ? c : most), 0)
    const label = labels[i]!
    const total = row.reduce((sum, value) => sum + Math.exp(value - row[best]!), 0)
    const confidence = 1 / total
    nll += Math.log(total) - (row[label]! - row[best]!)
    row.forEach((value, c) => {
      brier += (Math.exp(value - row[best]!) / total - (c === label ? 1 : 0)) ** 2
    })
    const bin = sums[binOf(confidence, n)]!
    bin.count++
    bin.confidence += confidence
    bin.right += best === label ? 1 : 0
  }
  const sumOf = (of: 'confidence' | 'right') => sums.reduce((sum, bin) => sum + bin[of], 0)
  return {
    count,
    accuracy: sumOf('right') / count,
    confidence: sumOf('confidence') / count,
    ece: sums.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0) / count,
    nll: nll / count,
    brier: brier / count,
    bins: sums.map((bin, i) => ({
      lower: i / n,
      upper: (i + 1) / n,
      count: bin.count,
      confidence: bin.count ? bin.confidence / bin.count : null,
      accuracy: bin.count ? bin.right / bin.count : null,
    })),
  }
}
