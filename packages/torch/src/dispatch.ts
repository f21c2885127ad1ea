import { binding, type NativeOperator, type TensorHandle } from './binding.ts'
import { Generator } from './random.ts'
import { Tensor } from './tensor.ts'

export type Options = Readonly<Record<string, unknown>>
export type Operator = (...args: unknown[]) => unknown

function toNative(value: unknown): unknown {
  if (value instanceof Tensor) return Tensor.handleOf(value)
  if (value instanceof Generator) return Generator.handleOf(value)
  if (Array.isArray(value)) return value.map(toNative)
  return value
}

function fromNative(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(fromNative)
  return Tensor.wrap(value as TensorHandle)
}

function isOptions(value: unknown): value is Options {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function invoke(operator: NativeOperator, positional: unknown[], options: Options | undefined): unknown {
  const native = options && Object.fromEntries(Object.entries(options).map(([name, value]) => [name, toNative(value)]))
  const result = binding.call(operator.index, positional.map(toNative), native)
  return operator.inPlace ? positional[0] : fromNative(result)
}

const known = new Map<string, NativeOperator>()

function find(name: string): NativeOperator {
  const before = known.get(name)
  if (before) return before
  const [base = '', overload = ''] = name.split('.')
  const qualified = base.includes('::') ? base : `aten::${base}`
  const found = binding.findOperator(qualified, overload)
  if (!found) {
    const { libtorch } = binding.versions()
    throw new Error(
      `libtorch ${libtorch} has no operator ${qualified}${overload && `.${overload}`}. See operators() for those it has.`,
    )
  }
  known.set(name, found)
  return found
}

/** Splits the options off the end. An argument left undefined at the end was not given. */
function split(args: unknown[]): { positional: unknown[]; options: Options | undefined } {
  let count = args.length
  while (count && args[count - 1] === undefined) count--
  const last = args[count - 1]
  return isOptions(last)
    ? { positional: args.slice(0, count - 1), options: last }
    : { positional: args.slice(0, count), options: undefined }
}

/** One function over several overloads of an operator, told apart by how many arguments are given by position. */
export function overloaded(...names: string[]): Operator {
  let byCount: Map<number, NativeOperator> | undefined
  return (...args) => {
    byCount ??= new Map(names.map(find).map((operator) => [operator.required, operator]))
    const { positional, options } = split(args)
    // Where no overload fits, the first one's own complaint names its arguments.
    const operator = byCount.get(positional.length) ?? byCount.values().next().value!
    return invoke(operator, positional, options)
  }
}

/**
 * Any operator of libtorch's dispatcher, `op('aten::logsumexp')` or `op('aten::add', 'Tensor')`: arguments without a
 * default by position, the others in one trailing object with camelCase names. Checked against its schema when called.
 */
export function op(name: string, overload = ''): Operator {
  const operator = find(overload ? `${name}.${overload}` : name)
  return (...args) => {
    const { positional, options } = split(args)
    return invoke(operator, positional, options)
  }
}

/** The schema of an operator as libtorch prints it. */
export const schemaOf = (name: string): string => find(name).schema

/** Names of all operators that this libtorch has, as 'aten::add.Tensor'. */
export const operators = (): string[] =>
  binding
    .operators()
    .map(([name, overload]) => (overload ? `${name}.${overload}` : name))
    .sort()
