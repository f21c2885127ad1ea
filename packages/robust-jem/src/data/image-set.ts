import { createHash } from 'node:crypto'
import { UserError } from '../errors.ts'

/** Labelled images as they lie on disk: planar bytes, no augmentation, no scaling. Treat it as read-only. */
export interface ImageSet {
  /** 'cifar10', 'shapes' or the name of the folder. */
  readonly name: string
  /** [N, 3, H, W], 0..255. */
  readonly images: Uint8Array
  /** [N], each below the number of class names. */
  readonly labels: Uint8Array
  readonly shape: readonly [number, 3, number, number]
  readonly classNames: readonly string[]
  /** Of the images followed by the labels, in hexadecimal. */
  readonly sha256: string
  /** One line: what it is and how much of it. */
  readonly origin: string
}

export interface DataSets {
  readonly train: ImageSet
  readonly test: ImageSet
  /** What a user should know about these sets: incomplete files, held-out images, a stand-in for what was asked. */
  readonly notes: readonly string[]
}

/** 50000 as '50,000'. */
export const thousands = (n: number): string => n.toLocaleString('en-US')

/** An image set from its bytes; counts and hashes them. Throws a RangeError where the lengths disagree. */
export function imageSet(set: {
  name: string
  images: Uint8Array
  labels: Uint8Array
  size: readonly [height: number, width: number]
  classNames: readonly string[]
  origin: string
}): ImageSet {
  const { name, images, labels, classNames, origin } = set
  const [height, width] = set.size
  const expected = labels.length * 3 * height * width
  if (images.length !== expected) {
    throw new RangeError(
      `${name}: ${labels.length} labels need ${expected} image bytes, but ${images.length} were given. Pass [N, 3, ${height}, ${width}] images.`,
    )
  }
  const sha256 = createHash('sha256').update(images).update(labels).digest('hex')
  return { name, images, labels, shape: [labels.length, 3, height, width], classNames, sha256, origin }
}

/** The images at `indices`, in that order. */
export function select(set: ImageSet, indices: ArrayLike<number>, origin: string): ImageSet {
  const [count, , height, width] = set.shape
  const stride = 3 * height * width
  const images = new Uint8Array(indices.length * stride)
  const labels = new Uint8Array(indices.length)
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]!
    if (!Number.isInteger(from) || from < 0 || from >= count) {
      throw new RangeError(
        `Index ${from} is outside ${set.name}'s ${count} images. Pass indices from 0 to ${count - 1}.`,
      )
    }
    images.set(set.images.subarray(from * stride, (from + 1) * stride), i * stride)
    labels[i] = set.labels[from]!
  }
  return imageSet({ name: set.name, images, labels, size: [height, width], classNames: set.classNames, origin })
}

/**
 * Holds back the images at the first `validationCount` places of a permutation of 0..N−1.
 * Both parts keep the order of the set, so they depend only on *which* images the permutation puts first.
 */
export function split(
  set: ImageSet,
  validationCount: number,
  permutation: Uint32Array,
): { train: ImageSet; validation: ImageSet } {
  const count = set.shape[0]
  if (!Number.isInteger(validationCount) || validationCount < 0 || validationCount >= count) {
    throw new UserError(
      'validation-count',
      `Cannot hold back ${validationCount} of ${count} images for validation. Use a whole number from 0 to ${count - 1}.`,
      { path: set.origin, expected: `0..${count - 1}`, received: validationCount },
    )
  }
  if (permutation.length !== count || new Set(permutation).size !== count || permutation.some((i) => i >= count)) {
    throw new RangeError(`The split needs a permutation of 0..${count - 1}. Draw one with as many entries as images.`)
  }
  const held = permutation.slice(0, validationCount).sort()
  const kept = permutation.slice(validationCount).sort()
  const say = (n: number, part: string) => `${set.origin}; ${n.toLocaleString('en-US')} images ${part}`
  return {
    train: select(set, kept, say(kept.length, 'kept for training')),
    validation: select(set, held, say(held.length, 'held back for validation')),
  }
}
