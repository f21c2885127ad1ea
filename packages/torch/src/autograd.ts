import { binding } from './binding.ts'
import { Tensor } from './tensor.ts'

const list = (value: Tensor | readonly Tensor[]): readonly Tensor[] => (value instanceof Tensor ? [value] : value)
const handles = (tensors: readonly (Tensor | null)[]) => tensors.map((t) => (t ? Tensor.handleOf(t) : null))
const own = (tensors: readonly Tensor[]) => tensors.map((t) => Tensor.handleOf(t))

export interface GradOptions {
  /** ∂/∂outputs, shaped as the outputs; needed where an output has more than one element. */
  gradOutputs?: Tensor | readonly (Tensor | null)[]
  /** Keep the graph for another gradient; default: as `createGraph`. */
  retainGraph?: boolean
  /** Make the gradients differentiable themselves. */
  createGraph?: boolean
  /** null instead of an Error for inputs that the outputs do not depend on. */
  allowUnused?: boolean
}

function checkOptions(name: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      throw new TypeError(`${name}: unknown option '${key}'; its options are: ${known.join(', ')}`)
  }
}

/** ∂ outputs / ∂ inputs, one gradient per input, of the input's shape. Nothing accumulates anywhere. */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): (Tensor | null)[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  checkOptions('grad', options, ['gradOutputs', 'retainGraph', 'createGraph', 'allowUnused'])
  const { gradOutputs = [], createGraph = false, retainGraph = createGraph, allowUnused = false } = options
  const ones = gradOutputs instanceof Tensor ? [gradOutputs] : gradOutputs
  const gradients = binding.grad(
    own(list(outputs)),
    own(list(inputs)),
    handles(ones),
    retainGraph,
    createGraph,
    allowUnused,
  )
  return gradients.map((handle) => handle && Tensor.wrap(handle))
}

/** Adds ∂ outputs / ∂ leaf to `leaf.grad` of every leaf that requires a gradient. */
export function backward(outputs: Tensor | readonly Tensor[], options: Omit<GradOptions, 'allowUnused'> = {}): void {
  checkOptions('backward', options, ['gradOutputs', 'retainGraph', 'createGraph'])
  const { gradOutputs = [], createGraph = false, retainGraph = createGraph } = options
  const ones = gradOutputs instanceof Tensor ? [gradOutputs] : gradOutputs
  binding.backward(own(list(outputs)), handles(ones), retainGraph, createGraph)
}

function withGradMode<T>(enabled: boolean, body: () => T): T {
  const before = binding.setGradEnabled(enabled)
  try {
    const result = body()
    if (result instanceof Promise) throw new TypeError('noGrad and enableGrad take a synchronous function')
    return result
  } finally {
    binding.setGradEnabled(before)
  }
}

/** Runs `body` without recording a graph. */
export const noGrad = <T>(body: () => T): T => withGradMode(false, body)
/** Runs `body` with a graph, inside a `noGrad` too. */
export const enableGrad = <T>(body: () => T): T => withGradMode(true, body)
