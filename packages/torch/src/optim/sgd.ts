import type { Tensor } from '../tensor.ts'
import { Optimizer } from './optimizer.ts'

export interface SgdOptions {
  lr: number
  momentum?: number
  weightDecay?: number
  nesterov?: boolean
}

/** g ← ∇ + λw;  v ← g at first, then μv + g;  w ← w − lr·v, or with Nesterov w ← w − lr·(g + μv).  (PyTorch's SGD.) */
export class SGD extends Optimizer {
  readonly momentum: number
  readonly weightDecay: number
  readonly nesterov: boolean

  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    { lr, momentum = 0, weightDecay = 0, nesterov = false }: SgdOptions,
  ) {
    super(parameters, lr)
    if (nesterov && momentum === 0) throw new RangeError('SGD: nesterov needs a momentum > 0')
    this.momentum = momentum
    this.weightDecay = weightDecay
    this.nesterov = nesterov
  }

  protected override update(name: string, w: Tensor, g: Tensor): void {
    if (this.weightDecay) g.add_(w, { alpha: this.weightDecay })
    let direction = g
    if (this.momentum) {
      const v = this.slot('momentum_buffer', name, w) // zero at first, so μv + g is g
      v.mul_(this.momentum).add_(g)
      direction = this.nesterov ? g.add_(v, { alpha: this.momentum }) : v
    }
    w.sub_(direction, { alpha: this.lr })
  }
}
