/** Images in memory as a source of images. */
import { createHash } from 'node:crypto'
import type { ImageSet } from '../data/image-set.ts'
import type { ImageSource } from './image-source.ts'

/** Bytes [N, 3, H, W] under a name that errors tell. */
export function byteImages(
  name: string,
  images: Uint8Array,
  size: readonly [height: number, width: number],
  labels?: Uint8Array,
): ImageSource {
  const imageBytes = 3 * size[0] * size[1]
  return {
    path: name,
    kind: 'npz',
    count: images.length / imageBytes,
    size,
    labels,
    sha256: createHash('sha256').update(images).digest('hex'),
    notes: [],
    read: (from, count) => images.subarray(from * imageBytes, (from + count) * imageBytes),
  }
}

/** The first `limit` images of a set. */
export function firstImages(set: ImageSet, limit = Infinity): ImageSource {
  const [total, , height, width] = set.shape
  const count = Math.min(total, limit)
  return byteImages(
    set.name,
    set.images.subarray(0, count * 3 * height * width),
    [height, width],
    set.labels.subarray(0, count),
  )
}
