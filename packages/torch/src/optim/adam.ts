import type { Tensor } from '../tensor.ts'
import { Optimizer } from './optimizer.ts'

export interface AdamOptions {
  lr?: number
  betas?: readonly [number, number]
  eps?: number
  weightDecay?: number
}

/** m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  w ← w − lr·m̂ / (√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).  (Kingma & Ba, Algorithm 1.) */
export class Adam extends Optimizer {
  readonly betas: readonly [number, number]
  readonly eps: number
  readonly weightDecay: number

  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 }: AdamOptions = {},
  ) {
    super(parameters, lr)
    this.betas = betas
    this.eps = eps
    this.weightDecay = weightDecay
  }

  protected override update(name: string, w: Tensor, g: Tensor): void {
    const [β1, β2] = this.betas
    const t = this.steps
    if (this.weightDecay) g.add_(w, { alpha: this.weightDecay })
    const m = this.slot('exp_avg', name, w)
    const v = this.slot('exp_avg_sq', name, w)
    m.mul_(β1).add_(g, { alpha: 1 - β1 })
    v.mul_(β2).addcmul_(g, g, { value: 1 - β2 })
    const denominator = v
      .sqrt()
      .div_(Math.sqrt(1 - β2 ** t))
      .add_(this.eps)
    w.addcdiv_(m, denominator, { value: -this.lr / (1 - β1 ** t) })
  }
}

/** Adam with the infinity norm: u ← max(β₂u, |g| + ε);  w ← w − lr/(1−β₁ᵗ)·m/u.  (Kingma & Ba, Algorithm 2.) */
export class Adamax extends Adam {
  constructor(parameters: ReadonlyMap<string, Tensor>, { lr = 2e-3, ...rest }: AdamOptions = {}) {
    super(parameters, { lr, ...rest })
  }

  protected override update(name: string, w: Tensor, g: Tensor): void {
    const [β1, β2] = this.betas
    if (this.weightDecay) g.add_(w, { alpha: this.weightDecay })
    const m = this.slot('exp_avg', name, w)
    const u = this.slot('exp_inf', name, w)
    m.mul_(β1).add_(g, { alpha: 1 - β1 })
    u.copy_(u.mul(β2).maximum(g.abs().add_(this.eps)))
    w.addcdiv_(m, u, { value: -this.lr / (1 - β1 ** this.steps) })
  }
}
