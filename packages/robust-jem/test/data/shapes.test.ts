import { describe, expect, it } from 'vitest'
import type { ImageSet } from '../../src/data/image-set.ts'
import { shapeLayouts, shapes } from '../../src/data/shapes.ts'

const classes = shapeLayouts.length

/** Mean of each class, [K, 3072]. */
function classMeans({ images, labels }: ImageSet): Float64Array[] {
  const sums = Array.from({ length: classes }, () => new Float64Array(3072))
  const counts = new Float64Array(classes)
  for (const [i, label] of labels.entries()) {
    counts[label]!++
    for (let j = 0; j < 3072; j++) sums[label]![j]! += images[i * 3072 + j]!
  }
  return sums.map((sum, label) => sum.map((s) => s / counts[label]!))
}

describe('the drawn shapes', () => {
  it('are ten balanced classes of 32×32 images', () => {
    const { train, test, notes } = shapes({ train: 200, test: 50 })
    expect([train.shape, test.shape]).toEqual([
      [200, 3, 32, 32],
      [50, 3, 32, 32],
    ])
    expect(new Set(train.classNames).size).toBe(10)
    expect([...train.labels].filter((label) => label === 7)).toHaveLength(20)
    expect(train.origin).toBe('shapes train, 200 images drawn from seed 0')
    expect(notes).toEqual([])
  })

  it('are the same bytes for the same seed on every machine', () => {
    expect(shapes({ train: 100, test: 10 }).train.sha256).toBe(
      'e07ee32e7391ed65db6082b683e76365dffe7a10bb379b6deb1171d671612854',
    )
    expect(shapes({ train: 10, test: 20 }).test.sha256).toBe(
      '36ae60af1c81c3d0e5248013dc3963aecbacd5233a7980d5b3497caade7550a5',
    )
  })

  it('differ between seeds, also above 32 bits, between the parts, and between all images', () => {
    const sets = [0, 1, 2 ** 32, 2 ** 32 + 1].flatMap((seed) => Object.values(shapes({ train: 50, test: 50, seed })))
    const hashes = sets.filter((set): set is ImageSet => 'sha256' in set).map((set) => set.sha256)
    expect(hashes).toHaveLength(8)
    expect(new Set(hashes).size).toBe(8)
    const { images } = shapes({ train: 300, test: 0 }).train
    const each = Array.from({ length: 300 }, (_, i) => String(images.subarray(i * 3072, (i + 1) * 3072)))
    expect(new Set(each).size).toBe(300)
  })

  it('begin alike whatever the count', () => {
    const few = shapes({ train: 30, test: 10 })
    const many = shapes({ train: 60, test: 20 })
    expect(many.train.images.subarray(0, 30 * 3072)).toEqual(few.train.images)
    expect(many.test.images.subarray(0, 10 * 3072)).toEqual(few.test.images)
  })

  it('tell their class by the nearest class mean, so class Gaussians say something', () => {
    const { train, test } = shapes({ train: 1000, test: 200 })
    const means = classMeans(train)
    let right = 0
    for (const [i, label] of test.labels.entries()) {
      const distances = means.map((mean) => mean.reduce((s, m, j) => s + (m - test.images[i * 3072 + j]!) ** 2, 0))
      if (distances.indexOf(Math.min(...distances)) === label) right++
    }
    expect(right / 200).toBeGreaterThan(0.9)
  })

  it('run along rows in stripes, along columns in bars, and neither way elsewhere, colour aside', () => {
    const { images, labels } = shapes({ train: 400, test: 0 }).train
    const contrast = Array.from({ length: classes }, () => [0, 0])
    for (const [i, label] of labels.entries()) {
      // Energy of the differences down a column against those along a row, on the luminance.
      const grey = (p: number) => images[i * 3072 + p]! + images[i * 3072 + 1024 + p]! + images[i * 3072 + 2048 + p]!
      for (let p = 0; p < 31 * 32; p++) {
        contrast[label]![0]! += (grey(p + 32) - grey(p)) ** 2
        contrast[label]![1]! += p % 32 === 31 ? 0 : (grey(p + 1) - grey(p)) ** 2
      }
    }
    const ratio = (name: string) => {
      const [down, along] = contrast[shapeLayouts.findIndex((layout) => layout.name === name)]!
      return down! / along!
    }
    expect(ratio('stripes')).toBeGreaterThan(4)
    expect(ratio('bars')).toBeLessThan(1 / 4)
    for (const name of ['disc', 'ring', 'square', 'cross', 'checker', 'star']) {
      expect(ratio(name), name).toBeGreaterThan(0.6)
      expect(ratio(name), name).toBeLessThan(1.6)
    }
  })

  it('stay clear of the corners, which show the ground alone', () => {
    const { images, labels } = shapes({ train: 1000, test: 0 }).train
    for (const [i, label] of labels.entries()) {
      const { name } = shapeLayouts[label]!
      if (!['disc', 'ring', 'square'].includes(name)) continue
      // Red less blue tells the ink of these classes from their ground by 100 and more.
      const corners = [0, 31, 31 * 32, 1023].map((p) => images[i * 3072 + p]! - images[i * 3072 + 2048 + p]!)
      expect(Math.max(...corners) - Math.min(...corners), `${name} ${i}`).toBeLessThan(60)
    }
  })
})
