import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { imageSet, select, split } from '../../src/data/image-set.ts'

const tiny = (count: number) =>
  imageSet({
    name: 'tiny',
    images: Uint8Array.from({ length: count * 12 }, (_, i) => Math.floor(i / 12)),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    size: [2, 2],
    classNames: ['a', 'b', 'c'],
    origin: 'tiny, made up',
  })

describe('image set', () => {
  it('hashes the images and then the labels', () => {
    const set = tiny(5)
    expect(set.shape).toEqual([5, 3, 2, 2])
    expect(set.sha256).toBe(createHash('sha256').update(set.images).update(set.labels).digest('hex'))
  })

  it('refuses a number of bytes that is not labels × 3 × height × width', () => {
    const { images, labels } = tiny(5)
    const set = { name: 'tiny', images: images.subarray(1), labels, size: [2, 2] as const, classNames: [], origin: '' }
    expect(() => imageSet(set)).toThrow('5 labels need 60 image bytes, but 59 were given')
  })

  it('selects images with their labels, in the order asked for', () => {
    const chosen = select(tiny(5), [4, 0], 'two of them')
    expect([...chosen.labels]).toEqual([1, 0])
    expect([chosen.images[0], chosen.images[12]]).toEqual([4, 0])
    expect(() => select(tiny(5), [5], '')).toThrow('Index 5 is outside')
  })
})

describe('validation split', () => {
  it('holds back exactly the images that the permutation puts first, and every image lands in one part', () => {
    const set = tiny(6)
    const { train, validation } = split(set, 2, Uint32Array.of(5, 1, 0, 3, 2, 4))
    const first = (part: typeof set) => Array.from({ length: part.shape[0] }, (_, i) => part.images[i * 12])
    expect(first(validation)).toEqual([1, 5])
    expect(first(train)).toEqual([0, 2, 3, 4])
    expect([...validation.labels]).toEqual([1, 2])
    expect(validation.origin).toBe('tiny, made up; 2 images held back for validation')
  })

  it('depends only on which images come first, so equal choices have equal hashes', () => {
    const a = split(tiny(6), 2, Uint32Array.of(5, 1, 0, 3, 2, 4))
    const b = split(tiny(6), 2, Uint32Array.of(1, 5, 4, 2, 3, 0))
    expect(a.train.sha256).toBe(b.train.sha256)
    expect(a.validation.sha256).toBe(b.validation.sha256)
  })

  it('leaves the whole set for training where nothing is held back', () => {
    const { train, validation } = split(tiny(4), 0, Uint32Array.of(3, 2, 1, 0))
    expect([train.shape[0], validation.shape[0]]).toEqual([4, 0])
    expect(train.sha256).toBe(tiny(4).sha256)
  })

  it('refuses to hold back everything, a fraction, and what is no permutation', () => {
    const order = Uint32Array.of(0, 1, 2, 3)
    expect(() => split(tiny(4), 4, order)).toThrow('Cannot hold back 4 of 4 images for validation')
    expect(() => split(tiny(4), 1.5, order)).toThrow('Use a whole number from 0 to 3')
    for (const bad of [Uint32Array.of(0, 1, 2), Uint32Array.of(0, 1, 2, 2), Uint32Array.of(0, 1, 2, 4)]) {
      expect(() => split(tiny(4), 1, bad)).toThrow('permutation of 0..3')
    }
  })
})
