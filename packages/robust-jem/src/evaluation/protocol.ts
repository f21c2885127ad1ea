/** Which images stand for a model: new chains, or the chains that its training left. Nothing is ever filtered out. */
import { noGrad, scope, type Tensor, tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { byteImages } from './byte-images.ts'
import type { ImageSource } from './image-source.ts'
import { toBytes } from './ood-sets.ts'

/** 'fresh': new chains with running statistics. 'buffer': the training's replay buffer, as the JEM++ code measures. */
export const protocols = ['fresh', 'buffer'] as const
export type Protocol = (typeof protocols)[number]

/** 0, 1, … K − 1, 0, 1, …: the first N of them are balanced for every N, and so is every split. */
export const classesInTurn = (count: number, classes: number): number[] =>
  Array.from({ length: count }, (_, i) => i % classes)

/**
 * `count` chains of a buffer [size, 3, H, W] that has equally many slots per class, in class order: classes in turn, and slots spread
 * evenly over each class. Clamped to [-1, 1] and rounded to bytes. Throws a UserError where it holds fewer.
 */
export function bufferImages(buffer: Tensor, count: number, classes: number, name: string): ImageSource {
  const [size, , height, width] = buffer.shape as [number, number, number, number]
  if (count > size) {
    throw new UserError(
      'samples-few',
      `The replay buffer in ${name} holds ${size.toLocaleString('en-US')} images, fewer than ${count.toLocaleString('en-US')}. Take a smaller --count.`,
      { expected: count, received: size },
    )
  }
  const ofClass = (c: number) => Math.ceil((count - c) / classes)
  const first = (c: number) => Math.ceil((c * size) / classes)
  const labels = classesInTurn(count, classes)
  const slots = labels.map((c, i) => {
    const slotsOfClass = first(c + 1) - first(c)
    return first(c) + Math.floor((Math.floor(i / classes) * slotsOfClass) / ofClass(c))
  })
  const bytes = noGrad(() =>
    scope(() => {
      const chains = buffer.indexSelect(0, tensor(Int32Array.from(slots), { dtype: 'int64' }))
      return chains.dtype === 'uint8' ? (chains.toTypedArray() as Uint8Array) : toBytes(chains.float())
    }),
  )
  return byteImages(name, bytes, [height, width], Uint8Array.from(labels))
}
