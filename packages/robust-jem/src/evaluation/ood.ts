/**
 * Telling images of the training's kind from others by a score of each image (Grathwohl et al. 2020, §5.3); larger means more
 * like the training images. No noise is added to the images, unlike in the released JEM code.
 */
import { type Device, type Generator, noGrad, scope, softmax, type Tensor, tensor } from '@robust-jem/torch'
import { toModelRange } from '../data/pixels.ts'
import { type Logits, marginal, withInputGradient } from '../energy.ts'
import { auroc } from './auroc.ts'
import type { Interval } from './figure-record.ts'
import type { ImageSource } from './image-source.ts'
import { bootstrap } from './intervals.ts'

/** log p(x) + const = logsumexp f(x); max_y p(y | x); the approximate mass −‖∇ₓ log p(x)‖₂. */
export const oodScoreNames = ['log-p', 'max-softmax', 'gradient-norm'] as const
export type OodScore = (typeof oodScoreNames)[number]
export type OodScores = Record<OodScore, Float64Array>

/** The scores of all images, which are bytes and become model units here. */
export function oodScores(
  f: Logits,
  images: Pick<ImageSource, 'count' | 'size' | 'read'>,
  { device = 'cpu', batchSize = 100, onProgress }: OodSettings = {},
): OodScores {
  const { count, size } = images
  const scores = { 'log-p': [], 'max-softmax': [], 'gradient-norm': [] } as Record<OodScore, number[]>
  for (let at = 0; at < count; at += batchSize) {
    const n = Math.min(batchSize, count - at)
    scope(() => {
      const x = toModelRange(tensor(images.read(at, n), { shape: [n, 3, ...size], device }))
      const { value, gradient } = withInputGradient(marginal(f), x)
      const norm = gradient.double().square().sum([1, 2, 3]).sqrt()
      const p = noGrad(() => softmax(f(x), 1, { dtype: 'float64' }).amax({ dim: 1 }))
      scores['log-p'].push(...numbers(value))
      scores['max-softmax'].push(...numbers(p))
      scores['gradient-norm'].push(...numbers(norm.neg()))
    })
    onProgress?.(at + n, count)
  }
  return Object.fromEntries(oodScoreNames.map((name) => [name, Float64Array.from(scores[name])])) as OodScores
}

interface OodSettings {
  device?: Device
  batchSize?: number
  onProgress?: (done: number, total: number) => void
}

const numbers = (x: Tensor): Float64Array => x.double().toTypedArray() as Float64Array

/** AUROC of telling `inside` (positive) from `outside`, with its bootstrap interval over the images of both. */
export function aurocWithInterval(
  inside: Float64Array,
  outside: Float64Array,
  rng: Generator,
  settings: { resamples?: number } = {},
): { value: number; interval: Interval } {
  const value = auroc(inside, outside)
  // Ranks are found once, so that each resample only counts.
  const levels = Float64Array.from(new Set([...inside, ...outside])).sort()
  const rankOf = new Map([...levels].map((level, rank) => [level, rank]))
  const [p, n] = [inside, outside].map((scores) => Int32Array.from(scores, (score) => rankOf.get(score)!)) as [
    Int32Array,
    Int32Array,
  ]
  const [positive, negative] = [new Int32Array(levels.length), new Int32Array(levels.length)]
  const resampled = ([i, j]: readonly Int32Array[]) => {
    positive.fill(0)
    negative.fill(0)
    for (const place of i!) positive[p[place]!]!++
    for (const place of j!) negative[n[place]!]!++
    let [below, twice] = [0, 0]
    for (let rank = 0; rank < levels.length; rank++) {
      twice += positive[rank]! * (2 * below + negative[rank]!)
      below += negative[rank]!
    }
    return twice / (2 * p.length * n.length)
  }
  return { value, interval: bootstrap([p.length, n.length], resampled, rng, settings) }
}
