/** Which images stand for a model: new chains, or the chains that its training left. Nothing is ever filtered out. */
import { noGrad, scope } from '@robust-jem/torch'
import { thousands } from '../data/image-set.ts'
import { toBytes255 } from '../data/pixels.ts'
import { UserError } from '../errors.ts'
import type { ReplayBuffer } from '../samplers/replay-buffer.ts'
import { byteImages } from './byte-images.ts'
import { expectFinite } from './finite.ts'
import type { ImageSource } from './image-source.ts'

/** 'fresh': new chains with running statistics. 'buffer': the training's replay buffer, as the JEM++ code measures. */
export const protocols = ['fresh', 'buffer'] as const
export type Protocol = (typeof protocols)[number]

/** 0, 1, … K − 1, 0, 1, …: the first N of them are balanced for every N, and so is every split. */
export const classesInTurn = (count: number, classes: number): number[] =>
  Array.from({ length: count }, (_, i) => i % classes)

/**
 * `count` chains of a buffer: classes in turn, and slots spread evenly over each class. Clamped to [-1, 1] and rounded to bytes.
 * Throws a UserError where it holds fewer.
 */
export function bufferImages(buffer: ReplayBuffer, count: number, name: string): ImageSource {
  const { classes } = buffer
  const [size, , height, width] = buffer.images.shape as [number, number, number, number]
  if (count > size) {
    throw new UserError(
      'samples-few',
      `The replay buffer in ${name} holds ${thousands(size)} images, fewer than ${thousands(count)}. Take a smaller --count.`,
      { expected: count, received: size },
    )
  }
  const ofClass = (c: number) => Math.ceil((count - c) / classes)
  const labels = classesInTurn(count, classes)
  const slotsOf = Array.from({ length: classes }, (_, c) => buffer.slotsOf(c))
  const slots = labels.map((c, i) => {
    const own = slotsOf[c]!
    return own[Math.floor((Math.floor(i / classes) * own.length) / ofClass(c))]!
  })
  const bytes = noGrad(() =>
    scope(() => {
      const chains = buffer.chainsAt(slots)
      expectFinite(chains, `The chains in ${name}`)
      return toBytes255(chains)
    }),
  )
  return byteImages(name, bytes, [height, width], Uint8Array.from(labels))
}
