/** Every export of the native side with its type; `native/addon.cc` is the list. Loaded once per thread. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

declare const tensorHandle: unique symbol
declare const generatorHandle: unique symbol
export type TensorHandle = { [tensorHandle]: true }
export type GeneratorHandle = { [generatorHandle]: true }
export type NativeTypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray

export interface NativeOperator {
  index: number
  schema: string
  /** How many arguments have no default: those are given by position. */
  required: number
  /** The operator writes into its first argument and returns it. */
  inPlace: boolean
}

export interface Binding {
  // dispatch.cc
  findOperator(name: string, overload: string): NativeOperator | null
  /** undefined from an operator that works in place. */
  call(index: number, positional: unknown[], options: object | undefined): unknown
  operators(): [name: string, overload: string][]
  // tensor.cc
  fromData(data: NativeTypedArray, shape: readonly number[], dtype: string): TensorHandle
  fromBytes(bytes: Uint8Array, shape: readonly number[], dtype: string): TensorHandle
  toData(tensor: TensorHandle): NativeTypedArray
  toBytes(tensor: TensorHandle): ArrayBuffer
  shapeOf(tensor: TensorHandle): number[]
  dtypeOf(tensor: TensorHandle): string
  deviceOf(tensor: TensorHandle): string
  itemOf(tensor: TensorHandle): number
  isDisposed(tensor: TensorHandle): boolean
  isChannelsLast(tensor: TensorHandle): boolean
  dispose(tensor: TensorHandle): void
  // autograd.cc
  grad(
    outputs: TensorHandle[],
    inputs: TensorHandle[],
    gradOutputs: (TensorHandle | null)[],
    retainGraph: boolean,
    createGraph: boolean,
    allowUnused: boolean,
  ): (TensorHandle | null)[]
  backward(
    outputs: TensorHandle[],
    gradOutputs: (TensorHandle | null)[],
    retainGraph: boolean,
    createGraph: boolean,
  ): void
  setGradEnabled(enabled: boolean): boolean
  requiresGrad(tensor: TensorHandle): boolean
  setRequiresGrad(tensor: TensorHandle, requires: boolean): void
  gradientOf(tensor: TensorHandle): TensorHandle | null
  clearGradient(tensor: TensorHandle): void
  // random.cc
  generator(seed: bigint, device: string): GeneratorHandle
  generatorState(generator: GeneratorHandle): Uint8Array
  setGeneratorState(generator: GeneratorHandle, state: Uint8Array): void
  // memory.cc
  memory(): { tensors: number; bytes: number; peakBytes: number }
  resetPeak(): void
  getThreads(): number
  setThreads(count: number): void
  versions(): { libtorch: string; origin: string; path: string }
  cudaDevices(): number
  synchronize(device: number): void
  setTf32(allowed: boolean): void
  usesOneDnn(): boolean
  setOneDnn(used: boolean): void
  setDeterministic(deterministic: boolean): void
}

function load(): Binding {
  const path = fileURLToPath(new URL('../build/torch_node.node', import.meta.url))
  if (!existsSync(path)) {
    throw new Error(
      `The native side of @robust-jem/torch is not built (${path} is missing). Run "node scripts/setup.mjs" in the project's folder.`,
    )
  }
  const module = { exports: {} as Binding }
  try {
    process.dlopen(module, path)
  } catch (error) {
    throw new Error(
      `libtorch could not be loaded: ${(error as Error).message}. It may have moved or changed its version since the build: run "node scripts/setup.mjs --rebuild".`,
    )
  }
  return module.exports
}

export const binding: Binding = load()
