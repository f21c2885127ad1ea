import { createHash } from 'node:crypto'
import { binding, type GeneratorHandle } from './binding.ts'
import type { Device } from './tensor.ts'

/** One stream of random numbers. Every random function takes one; there is no global stream. */
export class Generator {
  readonly #handle: GeneratorHandle
  readonly seed: bigint
  readonly device: Device

  /** `seed`: an integer from 0 to 2^64 − 1. The same seed on the same device gives the same numbers. */
  constructor(seed: number | bigint, device: Device = 'cpu') {
    if (typeof seed === 'number' && (!Number.isSafeInteger(seed) || seed < 0)) {
      throw new RangeError(`Generator: expected a seed that is a whole number ≥ 0, received ${seed}`)
    }
    this.seed = BigInt(seed)
    this.device = device
    this.#handle = binding.generator(this.seed, device)
  }

  static handleOf(generator: Generator): GeneratorHandle {
    return generator.#handle
  }

  /** An independent stream named by `name`: it depends on this stream's seed and the name, not on what was drawn. */
  split(name: string, device: Device = this.device): Generator {
    const digest = createHash('sha256').update(`${this.seed}/${name}`).digest()
    return new Generator(digest.readBigUInt64LE(0), device)
  }

  /** Everything that decides the next numbers, as bytes to save. */
  state(): Uint8Array {
    return binding.generatorState(this.#handle)
  }
  /** Goes on where `state` was taken. Throws where the bytes are no state of such a generator. */
  setState(state: Uint8Array): void {
    binding.setGeneratorState(this.#handle, state)
  }
}
