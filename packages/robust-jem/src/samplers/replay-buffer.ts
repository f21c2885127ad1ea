/** The replay buffer of persistent chains (JEM §4, JEM++ §3.3): a drawn chain goes on where it was left, or restarts with probability ρ. */
import { arange, type Generator, noGrad, rand, randint, scope, type Tensor, tensor, zeros } from '@robust-jem/torch'
import { toByteRange } from '../data/pixels.ts'
import type { Starts } from './starts.ts'

export interface ReplayBufferSettings {
  /** Images kept. */
  size: number
  /** ρ. */
  restart: number
  /** How the chains are stored; anything less than float32 rounds their state. */
  dtype: 'float32' | 'float16' | 'uint8'
}

export class ReplayBuffer {
  readonly settings: ReplayBufferSettings
  readonly classes: number
  /** [size, 3, H, W]; equally many slots per class, in class order. */
  readonly images: Tensor

  constructor(settings: ReplayBufferSettings, classes: number, images: Tensor) {
    this.settings = settings
    this.classes = classes
    this.images = images
  }

  /** All slots fresh from `starts`. */
  static fill(
    s: ReplayBufferSettings,
    classes: number,
    starts: Starts,
    shape: readonly [number, number, number],
    rng: Generator,
  ): ReplayBuffer {
    const images = zeros([s.size, ...shape], { dtype: s.dtype, device: rng.device }).keep()
    const buffer = new ReplayBuffer(s, classes, images)
    const chunk = 500
    for (let at = 0; at < s.size; at += chunk) {
      scope(() => {
        const slots = arange(at, Math.min(s.size, at + chunk), { device: rng.device })
        buffer.update(slots, starts(buffer.classesOf(slots), rng))
      })
    }
    return buffer
  }

  /** The class that each slot belongs to, [N] int64. */
  classesOf(slots: Tensor): Tensor {
    return slots.mul(this.classes).div(this.settings.size, 'floor').to({ dtype: 'int64' })
  }

  /** N chains: their slots [N], the slots' classes [N] and the images [N, 3, H, W] in [-1, 1] to go on from. */
  draw(n: number, starts: Starts, rng: Generator): { slots: Tensor; y: Tensor; x: Tensor } {
    return scope(() => {
      const slots = randint(0, this.settings.size, [n], { generator: rng })
      const y = this.classesOf(slots)
      const kept = fromStored(this.images.indexSelect(0, slots))
      const restarts = rand([n], { generator: rng }).lt(this.settings.restart).nonzero().squeeze(1)
      if (restarts.numel === 0) return { slots, y, x: kept }
      return { slots, y, x: kept.indexCopy(0, restarts, starts(y.indexSelect(0, restarts), rng)) }
    })
  }

  /** Slots of class c, in order. */
  slotsOf(c: number): number[] {
    const first = Math.ceil((c * this.settings.size) / this.classes)
    const next = Math.ceil(((c + 1) * this.settings.size) / this.classes)
    return Array.from({ length: next - first }, (_, i) => first + i)
  }

  /** The chains in these slots, [N, 3, H, W] in [-1, 1]. */
  chainsAt(slots: readonly number[]): Tensor {
    const index = tensor(Int32Array.from(slots), { dtype: 'int64' }).to({ device: this.images.device })
    return fromStored(this.images.indexSelect(0, index))
  }

  /** Writes the ends of the chains back; of a slot that was drawn more than once, the last. */
  update(slots: Tensor, x: Tensor): void {
    noGrad(() =>
      scope(() => {
        // indexCopy_ writes a slot that comes twice in no order, from several threads.
        const last = new Map([...slots.toTypedArray()].map((slot, i) => [slot, i]))
        const rows = tensor(Int32Array.from(last.values()), { dtype: 'int64', device: slots.device })
        const ends = toStored(x.indexSelect(0, rows), this.settings.dtype)
        this.images.indexCopy_(0, slots.indexSelect(0, rows), ends)
      }),
    )
  }
}

const toStored = (x: Tensor, dtype: ReplayBufferSettings['dtype']): Tensor =>
  dtype === 'uint8' ? toByteRange(x) : x.to({ dtype })

const fromStored = (images: Tensor): Tensor =>
  images.dtype === 'uint8' ? images.float().div(127.5).sub(1) : images.float()
