import { binding, type NativeTypedArray, type TensorHandle } from './binding.ts'
import type { TensorMethods } from './ops.ts'
import { track, untrack } from './scope.ts'

export type Dtype =
  | 'float64'
  | 'float32'
  | 'bfloat16'
  | 'float16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool'
  | 'complex64'
  | 'complex128'
export type Device = 'cpu' | 'cuda' | `cuda:${number}`
export type MemoryFormat = 'contiguous' | 'preserve' | 'channels_last' | 'channels_last_3d'
export type Shape = readonly number[]
export type NestedArray = number | boolean | NestedArray[]

/** A tensor of libtorch. Operators are methods with PyTorch's names in camelCase; see `ops.ts` for their signatures. */
export interface Tensor extends TensorMethods {}
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the operators are methods by way of the generated interface
export class Tensor implements Disposable {
  readonly #handle: TensorHandle

  private constructor(handle: TensorHandle) {
    this.#handle = handle
    track(this)
  }

  /** For the engine's own files: a tensor around a native handle, and the handle of a tensor. */
  static wrap(handle: TensorHandle): Tensor {
    return new Tensor(handle)
  }
  static handleOf(tensor: Tensor): TensorHandle {
    if (!(tensor instanceof Tensor)) throw new TypeError(`Expected a tensor, received ${typeof tensor}`)
    return tensor.#handle
  }

  get shape(): number[] {
    return binding.shapeOf(this.#handle)
  }
  get dtype(): Dtype {
    return binding.dtypeOf(this.#handle) as Dtype
  }
  get device(): Device {
    return binding.deviceOf(this.#handle) as Device
  }
  get numel(): number {
    return this.shape.reduce((product, size) => product * size, 1)
  }
  get requiresGrad(): boolean {
    return binding.requiresGrad(this.#handle)
  }
  /** True where the elements lie as [N, H, W, C] in memory, the layout in which convolutions are fastest. */
  get isChannelsLast(): boolean {
    return binding.isChannelsLast(this.#handle)
  }
  get isDisposed(): boolean {
    return binding.isDisposed(this.#handle)
  }

  /** Marks a leaf as one that gradients are wanted for, and returns it. */
  requiresGrad_(requires = true): this {
    binding.setRequiresGrad(this.#handle, requires)
    return this
  }

  /** What `backward` has accumulated here, or null. */
  get grad(): Tensor | null {
    const handle = binding.gradientOf(this.#handle)
    return handle ? new Tensor(handle) : null
  }
  clearGrad(): void {
    binding.clearGradient(this.#handle)
  }

  /** The value of a one-element tensor. Throws where there are more elements or none. */
  item(): number {
    return binding.itemOf(this.#handle)
  }

  /** A copy of the elements in C order: bfloat16 and float16 as Float32Array, bool as Uint8Array, int64 as BigInt64Array. */
  toTypedArray(): NativeTypedArray {
    return binding.toData(this.#handle)
  }

  /** Nested plain arrays; a number for a tensor without dimensions. */
  toArray(): NestedArray {
    const data = this.toTypedArray()
    const boolean = this.dtype === 'bool'
    const shape = this.shape
    let at = 0
    const build = (dimension: number): NestedArray => {
      if (dimension === shape.length) {
        const value = data[at++]!
        return boolean ? value !== 0 : Number(value)
      }
      return Array.from({ length: shape[dimension]! }, () => build(dimension + 1))
    }
    return build(0)
  }

  /** This tensor in another dtype, device or memory format; itself where nothing changes. Differentiable. */
  to({ dtype, device, memoryFormat }: { dtype?: Dtype; device?: Device; memoryFormat?: MemoryFormat } = {}): Tensor {
    const same =
      (dtype === undefined || dtype === this.dtype) &&
      (device === undefined || device === this.device) &&
      (memoryFormat === undefined || (memoryFormat === 'channels_last' && this.isChannelsLast))
    if (same) return this
    return this._toCopy({ dtype, device, memoryFormat })
  }
  double(): Tensor {
    return this.to({ dtype: 'float64' })
  }
  float(): Tensor {
    return this.to({ dtype: 'float32' })
  }

  /** Frees the memory now. Any later use is an Error. Freeing twice is harmless. */
  dispose(): void {
    binding.dispose(this.#handle)
    untrack(this)
  }
  [Symbol.dispose](): void {
    this.dispose()
  }

  /** Takes the tensor out of the scopes around it, so that it outlives them; returns it. */
  keep(): this {
    untrack(this)
    return this
  }

  toString(): string {
    return this.isDisposed ? 'Tensor(disposed)' : `Tensor(${this.dtype} [${this.shape.join(', ')}] ${this.device})`
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}
