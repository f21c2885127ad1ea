import { arange, full, Generator, getThreads, setThreads, type Tensor, tensor, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { ReplayBuffer, type ReplayBufferSettings, type Starts } from '../../src/samplers/replay-buffer.ts'
import { distance, numbersOf, smallImages } from '../small.ts'

const shape = [3, 2, 2] as const
/** Images whose pixels all say their class: −1, −0.75, … */
const sayClass: Starts = (y) =>
  y
    .float()
    .mul(0.25)
    .sub(1)
    .reshape([-1, 1, 1, 1])
    .expand([y.numel, ...shape])
const sayClass32: Starts = (y) => zeros([y.numel, 3, 32, 32])
const settings: ReplayBufferSettings = { size: 40, restart: 0.05, dtype: 'float32' }
const filled = (change: Partial<ReplayBufferSettings> = {}, classes = 4, starts = sayClass) =>
  ReplayBuffer.fill({ ...settings, ...change }, classes, starts, shape, new Generator(1))
const slots = (...values: number[]) => tensor(values, { dtype: 'int64' })
const everySlot = (size: number) => Array.from({ length: size }, (_, i) => i)

describe('the replay buffer', () => {
  it('is filled from fresh starts, equally many slots a class, in class order', () => {
    const buffer = filled()
    const expected = everySlot(40).map((slot) => Math.floor(slot / 10))
    expect(numbersOf(buffer.classesOf(slots(...everySlot(40))))).toEqual(expected)
    const pixels = numbersOf(buffer.chainsAt(everySlot(40)).mean([1, 2, 3]))
    expect(pixels).toEqual(expected.map((c) => c * 0.25 - 1))
  })
  it('is filled in full where it is larger than one portion, and near-equally where classes do not divide it', () => {
    const large = filled({ size: 1234 }, 3)
    const classes = numbersOf(large.classesOf(slots(...everySlot(1234))))
    const counts = [0, 1, 2].map((c) => classes.filter((value) => value === c).length)
    expect(counts).toEqual([412, 411, 411])
    expect(numbersOf(large.chainsAt(everySlot(1234)).mean([1, 2, 3]))).toEqual(classes.map((c) => c * 0.25 - 1))
  })

  it('restarts a drawn chain with probability ρ, from a fresh start of its own class', () => {
    const buffer = filled({ size: 400 }, 4, (y) => full([y.numel, ...shape], 0))
    const n = 20_000
    const { x, y } = buffer.draw(n, (classes) => sayClass(classes, new Generator(0)).add(4), new Generator(2))
    const pixels = numbersOf(x.mean([1, 2, 3]))
    const restarted = pixels.filter((value) => value !== 0).length
    expect(Math.abs(restarted / n - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / n))
    const classes = numbersOf(y)
    for (const [i, value] of pixels.entries()) expect([0, classes[i]! * 0.25 + 3]).toContain(value)
  })
  it.each([
    [0, 0],
    [1, 1],
  ])('with ρ = %d the share of restarts is %d', (restart, share) => {
    const buffer = filled({ restart })
    const { x } = buffer.draw(500, (y) => full([y.numel, ...shape], 9), new Generator(3))
    expect(x.eq(9).float().mean().item()).toBe(share)
  })
  it('draws all slots alike', () => {
    const { slots: drawn, y } = filled().draw(40_000, sayClass, new Generator(4))
    const counts = new Array<number>(40).fill(0)
    for (const slot of numbersOf(drawn)) counts[slot]!++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000))
    expect(numbersOf(y)).toEqual(numbersOf(drawn).map((slot) => Math.floor(slot / 10)))
  })
  it('draws the same for the same seed', () => {
    const draw = () => filled().draw(30, sayClass, new Generator(5))
    expect(numbersOf(draw().slots)).toEqual(numbersOf(draw().slots))
    expect(numbersOf(draw().x)).toEqual(numbersOf(draw().x))
  })

  it('goes on where a chain was left: what is written back comes back, and the other slots stay', () => {
    const buffer = filled()
    const ends = smallImages(3, 6, { side: 2 })
    const before = buffer.chainsAt(everySlot(40))
    buffer.update(slots(7, 0, 39), ends)
    expect(distance(buffer.chainsAt([7, 0, 39]), ends)).toBe(0)
    const others = everySlot(40).filter((slot) => ![7, 0, 39].includes(slot))
    expect(distance(buffer.chainsAt(others), before.indexSelect(0, slots(...others)))).toBe(0)
  })
  it('keeps the last of the chains that a batch writes into one slot, whole, with several threads too', () => {
    const buffer = ReplayBuffer.fill({ ...settings, size: 100 }, 4, sayClass32, [3, 32, 32], new Generator(1))
    const threads = getThreads()
    setThreads(2)
    try {
      for (let time = 0; time < 20; time++) {
        const drawn = Array.from({ length: 64 }, (_, i) => (i % 32) + time) // each twice
        const ends = arange(64).float().reshape([-1, 1, 1, 1]).expand([64, 3, 32, 32]).contiguous()
        buffer.update(slots(...drawn), ends)
        const kept = buffer.chainsAt(drawn.slice(32)).sub(ends.narrow(0, 32, 32))
        expect(kept.abs().max().item()).toBe(0)
      }
    } finally {
      setThreads(threads)
    }
  })
  it('hands out copies: a draw that is moved does not move the buffer', () => {
    const buffer = filled({ restart: 0 })
    const { x } = buffer.draw(20, sayClass, new Generator(1))
    x.add_(1)
    buffer.chainsAt([0, 1]).add_(1)
    expect(buffer.images.max().item()).toBe(-0.25)
  })

  it.each([
    ['float32', 0],
    ['float16', 2 ** -12],
    ['uint8', 1 / 255 + 1e-6],
  ] as const)('stored as %s, a chain is rounded by at most %d, once', (dtype, bound) => {
    const buffer = filled({ dtype })
    const all = slots(...everySlot(40))
    const ends = smallImages(40, 8, { side: 2 })
    buffer.update(all, ends)
    const kept = buffer.chainsAt(everySlot(40))
    expect(buffer.images.dtype).toBe(dtype)
    expect(kept.dtype).toBe('float32')
    expect(distance(kept, ends)).toBeLessThanOrEqual(bound)
    buffer.update(all, kept)
    expect(distance(buffer.chainsAt(everySlot(40)), kept)).toBe(0)
  })
  it('stored as uint8, the ends of the box are exact and what lies beyond is brought to them', () => {
    const buffer = filled({ dtype: 'uint8' })
    const at = (value: number): Tensor => full([1, ...shape], value)
    for (const [value, expected] of [
      [-1, -1],
      [1, 1],
      [-1.4, -1],
      [1.4, 1],
    ] as const) {
      buffer.update(slots(3), at(value))
      expect(distance(buffer.chainsAt([3]), at(expected))).toBe(0)
    }
  })
})
