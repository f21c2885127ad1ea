/** Tensors from nothing, from JavaScript values and from random numbers. */
import { binding, type NativeTypedArray } from './binding.ts'
import { overloaded } from './dispatch.ts'
import { Generator } from './random.ts'
import { type Device, type Dtype, type NestedArray, type Shape, Tensor } from './tensor.ts'

export interface TensorOptions {
  /** Default float32. */
  dtype?: Dtype
  /** Default 'cpu'. */
  device?: Device
}
/** Random functions take the stream that they draw from: there is no global one. */
export interface RandomOptions extends TensorOptions {
  generator: Generator
}

const isTypedArray = (data: unknown): data is NativeTypedArray =>
  ArrayBuffer.isView(data) && !(data instanceof DataView)

function dtypeOfTypedArray(data: NativeTypedArray): Dtype {
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof BigInt64Array) return 'int64'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Int16Array) return 'int16'
  if (data instanceof Int8Array) return 'int8'
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return 'uint8'
  return 'float32'
}

function shapeOfNested(data: NestedArray): number[] {
  const shape: number[] = []
  for (let level: NestedArray | undefined = data; Array.isArray(level); level = level[0]) shape.push(level.length)
  return shape
}

const isBoolean = (data: NestedArray): boolean =>
  Array.isArray(data) ? data.length > 0 && data.every(isBoolean) : typeof data === 'boolean'

function flatten(data: NestedArray, shape: Shape, into: Float64Array, at = 0, depth = 0): number {
  if (depth === shape.length) {
    if (typeof data !== 'number' && typeof data !== 'boolean') {
      throw new TypeError(
        `tensor: expected a number at depth ${depth}, received ${Array.isArray(data) ? 'a list' : typeof data}`,
      )
    }
    into[at] = Number(data)
    return at + 1
  }
  if (!Array.isArray(data) || data.length !== shape[depth]) {
    throw new RangeError(
      `tensor: ragged lists: expected ${shape[depth]} elements at depth ${depth}, received ${Array.isArray(data) ? data.length : 'a number'}`,
    )
  }
  let next = at
  for (const item of data) next = flatten(item, shape, into, next, depth + 1)
  return next
}

/**
 * A tensor from a number, nested lists (float32 unless `dtype` says otherwise; all booleans become bool) or a typed array
 * (its own dtype; `shape` defaults to one dimension). The data are copied.
 */
export function tensor(data: NestedArray | NativeTypedArray, options: TensorOptions & { shape?: Shape } = {}): Tensor {
  for (const key of Object.keys(options)) {
    if (!['dtype', 'device', 'shape'].includes(key))
      throw new TypeError(`tensor: unknown option '${key}'; its options are: dtype, device, shape`)
  }
  let source: NativeTypedArray
  let { shape, dtype } = options
  if (isTypedArray(data)) {
    source = data
    shape ??= [data.length]
    dtype ??= dtypeOfTypedArray(data)
  } else {
    const nested = shapeOfNested(data)
    source = new Float64Array(nested.reduce((product, size) => product * size, 1))
    flatten(data, nested, source)
    shape ??= nested
    dtype ??= isBoolean(data) ? 'bool' : 'float32'
  }
  const made = Tensor.wrap(binding.fromData(source, shape, dtype))
  if (!options.device || options.device === 'cpu') return made
  try {
    return made.to({ device: options.device })
  } finally {
    made.dispose()
  }
}

/** A CPU tensor of the raw little-endian bytes of `dtype`, in C order. */
export function fromBytes(bytes: Uint8Array, { shape, dtype }: { shape: Shape; dtype: Dtype }): Tensor {
  return Tensor.wrap(binding.fromBytes(bytes, shape, dtype))
}
/** The raw little-endian bytes of the elements in C order. */
export function toBytes(tensor: Tensor): Uint8Array {
  return new Uint8Array(binding.toBytes(Tensor.handleOf(tensor)))
}

const aten = {
  empty: overloaded('empty.memory_format'),
  full: overloaded('full'),
  arange: overloaded('arange', 'arange.start_step'),
  linspace: overloaded('linspace'),
  eye: overloaded('eye', 'eye.m'),
  rand: overloaded('rand.generator'),
  randn: overloaded('randn.generator'),
  randint: overloaded('randint.low_generator'),
  randperm: overloaded('randperm.generator'),
}

export const empty = (shape: Shape, { dtype = 'float32', ...rest }: TensorOptions = {}): Tensor =>
  aten.empty(shape, { dtype, ...rest }) as Tensor
export const full = (shape: Shape, value: number, { dtype = 'float32', ...rest }: TensorOptions = {}): Tensor =>
  aten.full(shape, value, { dtype, ...rest }) as Tensor
export const zeros = (shape: Shape, options: TensorOptions = {}): Tensor => full(shape, 0, options)
export const ones = (shape: Shape, options: TensorOptions = {}): Tensor => full(shape, 1, options)
export const eye = (n: number, { dtype = 'float32', ...rest }: TensorOptions = {}): Tensor =>
  aten.eye(n, { dtype, ...rest }) as Tensor

/** 0, 1, …, end − 1, or start, start + step, …; int64 where all are whole, else float32, unless `dtype` says otherwise. */
export function arange(end: number, options?: TensorOptions): Tensor
export function arange(start: number, end: number, options?: TensorOptions): Tensor
export function arange(start: number, end: number, step: number, options?: TensorOptions): Tensor
export function arange(...args: (number | TensorOptions | undefined)[]): Tensor {
  const ends = args.filter((arg) => arg !== undefined && typeof arg !== 'object')
  const whole = ends.every(Number.isSafeInteger)
  const { dtype = whole ? 'int64' : 'float32', ...rest } = args.find((arg) => typeof arg === 'object') ?? {}
  const step = ends.length === 3 ? { step: ends.pop() } : {}
  return aten.arange(...ends, { ...step, dtype, ...rest }) as Tensor
}
/** `steps` numbers from start to end, both included. */
export const linspace = (
  start: number,
  end: number,
  steps: number,
  { dtype = 'float32', ...rest }: TensorOptions = {},
): Tensor => aten.linspace(start, end, steps, { dtype, ...rest }) as Tensor

/** On the generator's device unless `device` says otherwise. */
function drawn(name: string, options: RandomOptions, defaultDtype: Dtype): RandomOptions {
  const { generator, dtype = defaultDtype, device = generator?.device, ...rest } = options ?? {}
  if (!(generator instanceof Generator)) {
    throw new TypeError(`${name}: expected a generator in its options; make one with new Generator(seed)`)
  }
  return { generator, dtype, device, ...rest }
}
/** Uniform on [0, 1). */
export const rand = (shape: Shape, options: RandomOptions): Tensor => {
  const { generator, ...rest } = drawn('rand', options, 'float32')
  return aten.rand(shape, generator, rest) as Tensor
}
/** Standard normal. */
export const randn = (shape: Shape, options: RandomOptions): Tensor => {
  const { generator, ...rest } = drawn('randn', options, 'float32')
  return aten.randn(shape, generator, rest) as Tensor
}
/** Whole numbers from low to high − 1; int64 unless `dtype` says otherwise. */
export const randint = (low: number, high: number, shape: Shape, options: RandomOptions): Tensor => {
  const { generator, ...rest } = drawn('randint', options, 'int64')
  return aten.randint(low, high, shape, generator, rest) as Tensor
}
/** A random order of 0, …, n − 1; int64. */
export const randperm = (n: number, options: RandomOptions): Tensor => {
  const { generator, ...rest } = drawn('randperm', options, 'int64')
  return aten.randperm(n, generator, rest) as Tensor
}
