import { noGrad } from '../autograd.ts'
import { scope } from '../scope.ts'
import type { Dtype } from '../tensor.ts'
import { Tensor } from '../tensor.ts'

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * A layer is its tensors, its plain settings and a `forward`. Tensors and modules among its own properties (lists
 * included) make up its state; their names in the state dict are PyTorch's: `bn1.runningMean` is `bn1.running_mean`.
 */
export abstract class Module {
  /** Names of the properties that are buffers: state that does not learn. */
  static readonly buffers: readonly string[] = []

  private isBuffer(key: string): boolean {
    return (this.constructor as typeof Module).buffers.includes(key)
  }
  private *entries(prefix: string): Generator<{ name: string; tensor: Tensor; buffer: boolean }> {
    const entriesOf = function* (name: string, value: unknown, buffer: boolean): ReturnType<Module['entries']> {
      if (value instanceof Tensor) yield { name, tensor: value, buffer }
      else if (value instanceof Module) yield* value.entries(`${name}.`)
      else if (Array.isArray(value))
        for (const [i, item] of value.entries()) yield* entriesOf(`${name}.${i}`, item, buffer)
    }
    for (const [key, value] of Object.entries(this))
      yield* entriesOf(prefix + snakeCase(key), value, this.isBuffer(key))
  }

  namedParameters(): Map<string, Tensor> {
    return new Map([...this.entries('')].filter((e) => !e.buffer).map((e) => [e.name, e.tensor]))
  }
  namedBuffers(): Map<string, Tensor> {
    return new Map([...this.entries('')].filter((e) => e.buffer).map((e) => [e.name, e.tensor]))
  }
  parameters(): Tensor[] {
    return [...this.namedParameters().values()]
  }
  /** Parameters and buffers by name: the tensors themselves, not copies. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries([...this.entries('')].map((e) => [e.name, e.tensor]))
  }

  /**
   * Copies values into the parameters and buffers. Throws where a name is missing or left over or a shape differs, before
   * anything is written.
   */
  loadStateDict(
    state: Readonly<Record<string, Tensor>>,
    { ignore = () => false }: { ignore?: (name: string) => boolean } = {},
  ): void {
    const own = this.stateDict()
    const missing = Object.keys(own).filter((name) => !Object.hasOwn(state, name))
    const surplus = Object.keys(state).filter((name) => !Object.hasOwn(own, name) && !ignore(name))
    const some = (list: string[]) =>
      `${list.slice(0, 3).join(', ')}${list.length > 3 ? ` and ${list.length - 3} more` : ''}`
    if (missing.length) throw new Error(`The state lacks ${some(missing)}. Is it of another network?`)
    if (surplus.length)
      throw new Error(`The state has ${some(surplus)}, which the network lacks. Is it of another network?`)
    for (const [name, tensor] of Object.entries(own)) {
      const given = state[name]!.shape
      if (given.join() !== tensor.shape.join()) {
        throw new Error(
          `${name} has shape [${given.join(', ')}] in the state, [${tensor.shape.join(', ')}] in the network.`,
        )
      }
    }
    noGrad(() => {
      for (const [name, tensor] of Object.entries(own)) tensor.copy_(state[name]!)
    })
  }

  /**
   * A second view of this module with each parameter replaced by `change(parameter, name, owner)`; buffers are shared. So a
   * network runs with frozen, cast, averaged or perturbed weights, without a mode that could be forgotten.
   */
  map(change: (parameter: Tensor, name: string, owner: Module) => Tensor, prefix = ''): this {
    const view = Object.create(Object.getPrototypeOf(this)) as this
    const mapped = (name: string, value: unknown, buffer: boolean): unknown => {
      if (value instanceof Tensor) return buffer ? value : change(value, name, this)
      if (value instanceof Module) return value.map(change, `${name}.`)
      if (Array.isArray(value)) return value.map((item, i) => mapped(`${name}.${i}`, item, buffer))
      return value
    }
    for (const [key, value] of Object.entries(this)) {
      Object.assign(view, { [key]: mapped(prefix + snakeCase(key), value, this.isBuffer(key)) })
    }
    return view
  }

  /** Converts parameters and floating-point buffers in place of the old ones. */
  to({ dtype, device }: { dtype?: Dtype; device?: Tensor['device'] }): this {
    const moved = (value: unknown): unknown => {
      if (value instanceof Module) return value.to({ dtype, device })
      if (Array.isArray(value)) return value.map(moved)
      if (!(value instanceof Tensor)) return value
      const floating = /^b?float/.test(value.dtype)
      const tensor = scope(() => value.detach().to({ device, dtype: floating ? dtype : undefined }))
      return tensor.requiresGrad_(value.requiresGrad).keep()
    }
    for (const [key, value] of Object.entries(this)) Object.assign(this, { [key]: moved(value) })
    return this
  }
}
