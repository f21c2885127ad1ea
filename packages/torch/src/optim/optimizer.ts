import { noGrad } from '../autograd.ts'
import { zerosLike } from '../ops.ts'
import { scope } from '../scope.ts'
import type { Tensor } from '../tensor.ts'

/** Moves parameters against gradients. `lr` may be changed between steps; `state` is all that a resume needs. */
export abstract class Optimizer {
  readonly parameters: ReadonlyMap<string, Tensor>
  lr: number
  /** Tensors by 'slot.parameter', for example 'momentum_buffer.conv1.weight'. */
  readonly state = new Map<string, Tensor>()
  steps = 0

  constructor(parameters: ReadonlyMap<string, Tensor>, lr: number) {
    if (!(lr >= 0)) throw new RangeError(`Optimizer: expected a learning rate ≥ 0, received ${lr}`)
    this.parameters = parameters
    this.lr = lr
  }

  /** w ← w − …; `g` is the gradient of `w` and may be changed. */
  protected abstract update(name: string, w: Tensor, g: Tensor): void

  /** One step. Gradients in the order of the parameters, null where there is none; by default what `backward` left in `grad`. */
  step(gradients?: readonly (Tensor | null)[]): void {
    if (gradients && gradients.length !== this.parameters.size) {
      throw new RangeError(`Optimizer.step: ${this.parameters.size} parameters but ${gradients.length} gradients`)
    }
    this.steps++
    let i = 0
    for (const [name, parameter] of this.parameters) {
      const given = gradients?.[i++]
      scope(() => {
        const gradient = gradients ? given : parameter.grad
        if (gradient) noGrad(() => this.update(name, parameter.detach(), gradient.detach().clone()))
      })
    }
  }

  zeroGrad(): void {
    for (const parameter of this.parameters.values()) parameter.clearGrad()
  }

  /** The tensor in a slot, zero at first. */
  protected slot(kind: string, name: string, like: Tensor): Tensor {
    const key = `${kind}.${name}`
    const tensor = this.state.get(key) ?? zerosLike(like).keep()
    this.state.set(key, tensor)
    return tensor
  }

  stateDict(): { steps: number; tensors: Record<string, Tensor> } {
    return { steps: this.steps, tensors: Object.fromEntries(this.state) }
  }
  /** Copies what `stateDict` gave. Throws an Error where a tensor has another shape than its parameter; then nothing has changed. */
  loadStateDict({ steps, tensors }: { steps: number; tensors: Readonly<Record<string, Tensor>> }): void {
    for (const [key, { shape }] of Object.entries(tensors)) {
      const parameter = this.parameters.get(key.slice(key.indexOf('.') + 1))
      if (parameter && parameter.shape.join() !== shape.join())
        throw new Error(`${key} has shape [${shape}] in the state, [${parameter.shape}] as a parameter`)
    }
    const device = this.parameters.values().next().value?.device
    // Copied before the old ones go, which may be the very same.
    const given = Object.entries(tensors).map(([key, x]) => [key, x.detach().to({ device }).clone().keep()] as const)
    this.steps = steps
    for (const old of this.state.values()) old.dispose()
    this.state.clear()
    for (const [key, tensor] of given) this.state.set(key, tensor)
  }
}
