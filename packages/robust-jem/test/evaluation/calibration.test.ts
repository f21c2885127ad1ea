import { Generator, randn, type Tensor, tensor, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { calibration } from '../../src/evaluation/calibration.ts'

/** Logits whose largest probability is `confidence`, for class 0 of two. */
const sure = (...confidences: number[]): Tensor =>
  tensor(
    confidences.map((p) => [Math.log(p / (1 - p)), 0]),
    { dtype: 'float64' },
  )

describe('expected calibration error', () => {
  it('is 0 where confidence and accuracy agree in each bin', () => {
    const { ece, accuracy, confidence } = calibration(sure(0.75, 0.75, 0.75, 0.75), [0, 0, 1, 0])
    expect(ece).toBeCloseTo(0, 14)
    expect([accuracy, confidence]).toEqual([0.75, expect.closeTo(0.75, 14)])
  })

  it('is the share-weighted gap: 0.9-sure and always wrong is 0.9', () => {
    expect(calibration(sure(0.9, 0.9), [1, 1]).ece).toBeCloseTo(0.9, 14)
    expect(calibration(sure(0.9, 0.9, 0.6, 0.6), [0, 0, 0, 0]).ece).toBeCloseTo(0.5 * 0.1 + 0.5 * 0.4, 14)
  })

  it('has bins that are open on the left and closed on the right', () => {
    const two = calibration(zeros([2, 2]), [0, 0], { bins: 2 }) // confidence exactly ½
    expect(two.bins.map((bin) => bin.count)).toEqual([2, 0])
    const certain = calibration(tensor([[1000, 0]]), [0], { bins: 20 })
    expect(certain.bins.at(-1)).toEqual({ lower: 0.95, upper: 1, count: 1, confidence: 1, accuracy: 1 })
    const tenths = calibration(zeros([1, 10]), [0], { bins: 10 }) // 0.1 lies in (0, 0.1]
    expect(tenths.bins.findIndex((bin) => bin.count > 0)).toBe(0)
    for (const n of [10, 15, 20]) {
      const { bins } = calibration(zeros([1, 5]), [0], { bins: n }) // 0.2
      const { lower, upper } = bins.find((bin) => bin.count > 0)!
      expect(lower < 0.2 && 0.2 <= upper).toBe(true)
    }
  })

  it('says nothing of empty bins, and counts all images', () => {
    const { bins, count } = calibration(sure(0.6, 0.99), [0, 1], { bins: 5 })
    expect(bins[0]).toEqual({ lower: 0, upper: 0.2, count: 0, confidence: null, accuracy: null })
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(count)
  })

  it('gives ties to the lowest class', () => {
    expect(calibration(zeros([2, 3]), [0, 1]).accuracy).toBe(0.5)
  })
})

describe('proper scores', () => {
  it('are −mean log p(y) and mean ‖p − y‖², by a second way', () => {
    const logits = randn([12, 4], { generator: new Generator(1), dtype: 'float64' }).mul(3)
    const labels = Array.from({ length: 12 }, (_, i) => i % 4)
    const p = logits.softmax(1).toArray() as number[][]
    const nll = p.reduce((sum, row, i) => sum - Math.log(row[labels[i]!]!), 0) / 12
    const brier =
      p.reduce((s, row, i) => s + row.reduce((t, q, c) => t + (q - (c === labels[i] ? 1 : 0)) ** 2, 0), 0) / 12
    expect(calibration(logits, labels)).toMatchObject({
      nll: expect.closeTo(nll, 12),
      brier: expect.closeTo(brier, 12),
    })
  })

  it('survive logits that would overflow', () => {
    expect(calibration(tensor([[5000, -5000]]), [0])).toMatchObject({ nll: 0, brier: 0 })
    expect(calibration(tensor([[5000, -5000]], { dtype: 'float64' }), [1]).nll).toBe(10000)
  })
})

it('refuses no images, other labels and NaN', () => {
  expect(() => calibration(zeros([0, 3]), [])).toThrow(/^0 predictions for 0 labels\. Give one for each image\.$/)
  expect(() => calibration(zeros([2, 3]), [1])).toThrow(/^2 predictions for 1 labels/)
  expect(() => calibration(tensor([[Number.NaN, 0]]), [1])).toThrow(/^The logits are not all finite/)
})
