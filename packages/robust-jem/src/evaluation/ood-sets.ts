/** Images that a network was not trained on and that need no files: drawn, or made of test images. All are bytes. */
import { type Generator, noGrad, randint, randperm, scope } from '@robust-jem/torch'
import type { ClassGaussians } from '../data/class-gaussian.ts'
import { toBytes255 } from '../data/pixels.ts'
import { byteImages } from './byte-images.ts'
import type { ImageSource } from './image-source.ts'

/** Half of one test image and half of the next in a random order, as the JEM code makes them: as many as there are images. */
export function interpolations(images: ImageSource, rng: Generator): ImageSource {
  const { count, size } = images
  const bytes = images.read(0, count)
  const each = bytes.length / count
  const order = scope(() => randperm(count, { generator: rng }).toTypedArray()) as BigInt64Array
  const mixed = new Uint8Array(bytes.length)
  for (let i = 0; i < count; i++) {
    const [a, b] = [Number(order[i]) * each, Number(order[(i + 1) % count]) * each]
    for (let j = 0; j < each; j++) mixed[i * each + j] = Math.round((bytes[a + j]! + bytes[b + j]!) / 2)
  }
  return byteImages('interpolations', mixed, size)
}

/** Every byte equally likely. */
export function uniformNoise(count: number, size: readonly [number, number], rng: Generator): ImageSource {
  const bytes = scope(() =>
    randint(0, 256, [count, 3, ...size], { generator: rng })
      .to({ dtype: 'uint8' })
      .toTypedArray(),
  )
  return byteImages('uniform-noise', bytes as Uint8Array, size)
}

/** Draws of the class Gaussians, classes at random: the right colours and correlations, and no objects. */
export function gaussianNoise(count: number, gaussians: ClassGaussians, rng: Generator): ImageSource {
  const [, height, width] = gaussians.shape
  const classes = gaussians.mean.shape[0]!
  const bytes = new Uint8Array(count * 3 * height * width)
  const labels = new Uint8Array(count)
  const batch = 500
  for (let at = 0; at < count; at += batch) {
    const n = Math.min(batch, count - at)
    noGrad(() =>
      scope(() => {
        const y = randint(0, classes, [n], { generator: rng })
        labels.set(Uint8Array.from(y.toTypedArray() as BigInt64Array, Number), at)
        bytes.set(toBytes255(gaussians.draw(y, rng)), at * 3 * height * width)
      }),
    )
  }
  return byteImages('class-gaussians', bytes, [height, width], labels)
}
