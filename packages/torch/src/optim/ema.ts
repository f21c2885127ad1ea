import { noGrad } from '../autograd.ts'
import type { Tensor } from '../tensor.ts'

/** An exponential moving average of parameters: θ̄ ← d·θ̄ + (1 − d)·θ, d = min(decay, (1 + t)/(10 + t)) after t updates. */
export class Ema {
  readonly decay: number
  readonly average: ReadonlyMap<string, Tensor>
  updates = 0

  constructor(parameters: ReadonlyMap<string, Tensor>, decay: number) {
    this.decay = decay
    this.average = new Map([...parameters].map(([name, parameter]) => [name, parameter.detach().clone().keep()]))
  }

  update(parameters: ReadonlyMap<string, Tensor>): void {
    this.updates++
    const d = Math.min(this.decay, (1 + this.updates) / (10 + this.updates))
    noGrad(() => {
      for (const [name, average] of this.average) average.lerp_(parameters.get(name)!.detach(), 1 - d)
    })
  }
}
