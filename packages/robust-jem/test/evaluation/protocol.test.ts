import { arange, setThreads } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { bufferImages, classesInTurn } from '../../src/evaluation/protocol.ts'
import { ReplayBuffer } from '../../src/samplers/replay-buffer.ts'

setThreads(1)

/** Slot i is grey of byte i; two classes, ten slots of each. */
const buffer = (dtype: 'float32' | 'uint8', scale = 1): ReplayBuffer => {
  const bytes = arange(20).reshape([20, 1, 1, 1]).expand([20, 3, 2, 2])
  const images = dtype === 'uint8' ? bytes.to({ dtype }) : bytes.float().div(127.5).sub(1).mul(scale)
  return new ReplayBuffer({ size: 20, restart: 0, dtype }, 2, images)
}
const slotsOf = (images: ReturnType<typeof bufferImages>) =>
  Array.from({ length: images.count }, (_, i) => images.read(i, 1)[0])

describe('the protocol buffer', () => {
  it.each(['float32', 'uint8'] as const)('%s: classes in turn, slots spread evenly over each class', (dtype) => {
    const images = bufferImages(buffer(dtype), 5, 'a file')
    expect([...images.labels!]).toEqual([0, 1, 0, 1, 0])
    expect(slotsOf(images)).toEqual([0, 10, 3, 15, 6])
  })

  it('all of it is each slot once: nothing is filtered', () => {
    expect(slotsOf(bufferImages(buffer('float32'), 20, 'a file')).sort((a, b) => a! - b!)).toEqual([
      ...Array(20).keys(),
    ])
  })

  it('chains outside of the box are clamped', () => {
    const images = bufferImages(buffer('float32', 3), 20, 'a file')
    expect(images.read(0, 1)[0]).toBe(0)
  })

  it('more images than it holds are refused', () => {
    expect(() => bufferImages(buffer('float32'), 21, 'a file')).toThrow(/in a file holds 20 images, fewer than 21/)
  })
})

it('classes in turn are balanced for every N', () => {
  expect(classesInTurn(7, 3)).toEqual([0, 1, 2, 0, 1, 2, 0])
})
