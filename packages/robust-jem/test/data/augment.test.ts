import { Generator, randint, setThreads } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { augmentedAt, imagesAt, labelsAt, withNoise } from '../../src/data/augment.ts'
import { type ImageSet, imageSet } from '../../src/data/image-set.ts'
import { distance, numbersOf } from '../small.ts'

setThreads(1)
const [height, width] = [5, 6]
const random = (count: number): ImageSet =>
  imageSet({
    name: 'random',
    images: randint(0, 256, [count * 3 * height * width], {
      generator: new Generator(1),
      dtype: 'uint8',
    }).toTypedArray() as Uint8Array,
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    size: [height, width],
    classNames: ['a', 'b', 'c'],
    origin: 'drawn',
  })
const set = random(4)
const planes = (i: number): number[][][] =>
  [0, 1, 2].map((c) =>
    Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => set.images[((i * 3 + c) * height + y) * width + x]!),
    ),
  )

/** Reflect-pads the whole image by `pad`, as a list of rows: … 2 1 | 0 1 2 … without the border twice. */
function padded(plane: number[][], pad: number): number[][] {
  const widen = <T>(row: T[]): T[] => [
    ...row.slice(1, pad + 1).reverse(),
    ...row,
    ...row.slice(row.length - 1 - pad, row.length - 1).reverse(),
  ]
  return widen(plane.map((row) => widen(row)))
}
/** Every crop of the padded image, as it is and mirrored. */
function allCrops(i: number, pad: number, flip: boolean): string[] {
  const wide = planes(i).map((plane) => padded(plane, pad))
  const crops: string[] = []
  for (let dy = 0; dy <= 2 * pad; dy++)
    for (let dx = 0; dx <= 2 * pad; dx++) {
      const crop = wide.map((plane) => plane.slice(dy, dy + height).map((row) => row.slice(dx, dx + width)))
      crops.push(String(crop))
      if (flip) crops.push(String(crop.map((plane) => plane.map((row) => row.toReversed()))))
    }
  return crops
}
const bytesOf = (x: ReturnType<typeof imagesAt>): number[] =>
  numbersOf(x).map((value) => Math.round((value + 1) * 127.5))
const drawn = (i: number, pad: number, flip: boolean, count: number): string[] => {
  const bytes = bytesOf(augmentedAt(set, new Array<number>(count).fill(i), { pad, flip }, new Generator(2)))
  const size = 3 * height * width
  return Array.from({ length: count }, (_, k) => String(bytes.slice(k * size, (k + 1) * size)))
}

describe('images as they are', () => {
  it('x = 2·(u/255) − 1, and nothing beyond [-1, 1]', () => {
    const every = imageSet({
      name: 'every byte',
      images: Uint8Array.from({ length: 768 }, (_, i) => i % 256),
      labels: Uint8Array.of(2),
      size: [16, 16],
      classNames: ['a', 'b', 'c'],
      origin: 'made',
    })
    const x = imagesAt(every, [0])
    expect(x.shape).toEqual([1, 3, 16, 16])
    for (const [i, value] of numbersOf(x).entries())
      expect(Math.abs(value - ((i % 256) / 255) * 2 + 1)).toBeLessThan(2e-7)
    expect([x.min().item(), x.max().item()]).toEqual([-1, 1])
  })
  it('come in the order asked for, with their labels', () => {
    expect(bytesOf(imagesAt(set, [3, 0, 3]))).toEqual([3, 0, 3].flatMap((i) => planes(i).flat(2)))
    expect(numbersOf(labelsAt(set, [3, 1, 2]))).toEqual([0, 1, 2])
    expect(labelsAt(set, [0]).dtype).toBe('int64')
  })
})

describe('augmentation', () => {
  it('without border and flip is the identity', () => {
    const indices = [2, 0, 1, 3]
    const x = augmentedAt(set, indices, { pad: 0, flip: false }, new Generator(1))
    expect(distance(x, imagesAt(set, indices))).toBe(0)
  })
  it('is a crop of the reflect-padded image, mirrored or not: all of them occur, alike often, half of them mirrored', () => {
    const crops = allCrops(1, 2, true)
    expect(new Set(crops).size).toBe(50)
    const n = 5000
    const counts = new Map(crops.map((crop) => [crop, 0]))
    for (const crop of drawn(1, 2, true, n)) {
      expect(counts.has(crop)).toBe(true)
      counts.set(crop, counts.get(crop)! + 1)
    }
    for (const count of counts.values()) expect(Math.abs(count - n / 50)).toBeLessThan(5 * Math.sqrt(n / 50))
    const mirrored = crops.reduce((sum, crop, k) => (k % 2 ? sum + counts.get(crop)! : sum), 0)
    expect(Math.abs(mirrored / n - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n))
  })
  it('without flip mirrors nothing, without border only mirrors', () => {
    const shifted = new Set(allCrops(2, 1, false))
    expect(new Set(drawn(2, 1, false, 200))).toEqual(shifted)
    expect(new Set(drawn(0, 0, true, 50))).toEqual(new Set(allCrops(0, 0, true)))
  })
  it('moves each image of a batch by itself, and follows from its generator', () => {
    const same = new Array<number>(20).fill(0)
    const of = (seed: number) => bytesOf(augmentedAt(set, same, { pad: 2, flip: true }, new Generator(seed)))
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    expect(new Set(drawn(0, 2, true, 20)).size).toBeGreaterThan(5)
  })
  it('leaves the set as it was', () => {
    const before = set.images.slice()
    augmentedAt(set, [0, 1], { pad: 2, flip: true }, new Generator(1)).zero_()
    imagesAt(set, [0, 1]).zero_()
    expect(set.images).toEqual(before)
  })
})

describe('data noise', () => {
  it('is N(0, σ²) a pixel, and may leave the box', () => {
    const x = imagesAt(random(400), [...Array(400).keys()])
    const noise = withNoise(x, 0.03, new Generator(3)).sub(x)
    expect(Math.abs(noise.mean().item())).toBeLessThan(4 * (0.03 / Math.sqrt(noise.numel)))
    expect(noise.square().mean().sqrt().item()).toBeCloseTo(0.03, 3)
    expect(withNoise(x, 0.03, new Generator(3)).abs().max().item()).toBeGreaterThan(1)
  })
  it('of σ = 0 is none, and draws nothing', () => {
    const rng = new Generator(4)
    const before = rng.state()
    const x = imagesAt(set, [0])
    expect(distance(withNoise(x, 0, rng), x)).toBe(0)
    expect(rng.state()).toEqual(before)
  })
})
