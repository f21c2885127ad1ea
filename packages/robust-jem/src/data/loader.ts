import { type Generator, randperm, scope, type Tensor, tensor } from '@robust-jem/torch'

/** Batches of indices, each epoch in a new random order; a last, incomplete batch of an epoch is dropped. */
export class Loader {
  readonly count: number
  readonly batchSize: number
  readonly rng: Generator
  epoch = 0
  #order: Uint32Array
  #position = 0

  constructor(count: number, batchSize: number, rng: Generator) {
    if (count < batchSize) throw new RangeError(`${count} training images are fewer than one batch of ${batchSize}.`)
    this.count = count
    this.batchSize = batchSize
    this.rng = rng
    this.#order = this.#shuffled()
  }

  #shuffled(): Uint32Array {
    return scope(() =>
      Uint32Array.from(randperm(this.count, { generator: this.rng }).toTypedArray() as BigInt64Array, Number),
    )
  }

  next(): Uint32Array {
    if (this.#position + this.batchSize > this.count) {
      this.epoch++
      this.#order = this.#shuffled()
      this.#position = 0
    }
    const batch = this.#order.subarray(this.#position, this.#position + this.batchSize)
    this.#position += this.batchSize
    return batch
  }

  /** Everything that decides the next batches, but the generator's own state. */
  state(): { epoch: number; position: number; order: Tensor } {
    return { epoch: this.epoch, position: this.#position, order: tensor(Int32Array.from(this.#order)) }
  }
  setState({ epoch, position, order }: { epoch: number; position: number; order: Tensor }): void {
    if (order.numel !== this.count) {
      throw new Error(
        `The saved order has ${order.numel} images, the training set ${this.count}. Resume with the same data.`,
      )
    }
    this.epoch = epoch
    this.#position = position
    this.#order = Uint32Array.from(order.toTypedArray() as Int32Array)
  }
}
