/** Images that a network was not trained on and that need no files: drawn, or made of test images. All are bytes. */
import { type Generator, noGrad, randint, randperm, scope } from '@robust-jem/torch'
import type { ClassGaussians } from '../data/class-gaussian.ts'
import { toBytes255 } from '../data/pixels.ts'
import { byteImages } from './byte-images.ts'
import type { ImageSource } from './image-source.ts'

const drawnAtOnce = 500

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
  const imageBytes = 3 * size[0] * size[1]
  const bytes = new Uint8Array(count * imageBytes)
  for (let at = 0; at < count; at += drawnAtOnce)
    scope(() => {
      const drawn = randint(0, 256, [Math.min(drawnAtOnce, count - at) * imageBytes], { generator: rng })
      bytes.set(drawn.to({ dtype: 'uint8' }).toTypedArray() as Uint8Array, at * imageBytes)
    })
  return byteImages('uniform-noise', bytes, size)
}

/** Draws of the class Gaussians, classes at random: the right colours and correlations, and no objects. */
export function gaussianNoise(count: number, gaussians: ClassGaussians, rng: Generator): ImageSource {
  const [, height, width] = gaussians.shape
  const classes = gaussians.mean.shape[0]!
  const bytes = new Uint8Array(count * 3 * height * width)
  const labels = new Uint8Array(count)
  for (let at = 0; at < count; at += drawnAtOnce) {
    const n = Math.min(drawnAtOnce, count - at)
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
