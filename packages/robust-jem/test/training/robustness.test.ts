import { Generator, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { imageSet } from '../../src/data/image-set.ts'
import type { Logits } from '../../src/energy.ts'
import { robustness } from '../../src/evaluation/robustness.ts'
import { pgdSettings } from '../../src/training/settings.ts'

/** Grey images of one brightness each, of class 1 where brighter than half. */
const bytes = [0, 100, 120, 126, 129, 135, 155, 255]
const size = 3 * 2 * 2
const set = imageSet({
  name: 'grey',
  images: Uint8Array.from({ length: bytes.length * size }, (_, i) => bytes[Math.floor(i / size)]!),
  labels: Uint8Array.from(bytes, (u) => Number(u > 127.5)),
  size: [2, 2],
  classNames: ['dark', 'bright'],
  origin: 'grey',
})
/** Right about every image: f(x) = mean x · (−1, 1). */
const f: Logits = (x) =>
  x
    .mean([1, 2, 3])
    .unsqueeze(1)
    .mul(tensor([[-1, 1]]))
const attack = (epsilon: string) => pgdSettings({ norm: 'linf', epsilon, steps: 10 })

describe('accuracy under PGD', () => {
  it('loses exactly the images that lie within ε of the boundary', () => {
    const distances = bytes.map((u) => Math.abs(u - 127.5)) // in 255ths of pixel units
    for (const epsilon of [0, 1, 5, 10, 40]) {
      const found = robustness(f, set, attack(`${epsilon}/255`), new Generator(0))
      const robust = distances.filter((distance) => distance > epsilon).length / bytes.length
      expect(found).toEqual({ count: 8, accuracy: 1, robustAccuracy: robust })
    }
  })

  it('counts an image that is wrong from the start as not robust', () => {
    const inverted: Logits = (x) => f(x).neg()
    expect(robustness(inverted, set, attack('200/255'), new Generator(0))).toMatchObject({
      accuracy: 0,
      robustAccuracy: 0,
    })
  })

  it('looks at the first images, in batches of any size', () => {
    const told: string[] = []
    const options = {
      count: 5,
      batchSize: 2,
      onProgress: (done: number, total: number) => told.push(`${done}/${total}`),
    }
    const found = robustness(f, set, attack('5/255'), new Generator(0), options)
    expect(found).toEqual({ count: 5, accuracy: 1, robustAccuracy: 3 / 5 })
    expect(told).toEqual(['2/5', '4/5', '5/5'])
  })
})
