/** Options and arguments declared as data: parsing, types and help all come from the declaration. */
import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest.ts'
import { UserError } from '../errors.ts'

export interface OptionDeclaration {
  kind: 'flag' | 'string' | 'integer' | 'number'
  description: string
  /** What stands for the value in help: FILE, N. */
  value?: string
  /** One letter. */
  short?: string
  choices?: readonly string[]
  default?: string | number
  /** Least value of a number. */
  minimum?: number
  /** May be given several times; the value is a list. */
  repeated?: boolean
}
/** Names in camelCase; on the command line they are kebab-case. */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>

export interface ArgumentDeclaration {
  description: string
  choices?: readonly string[]
  optional?: boolean
  /** All arguments from here on, as a list; only the last one may be so. */
  many?: boolean
}
export type ArgumentDeclarations = Readonly<Record<string, ArgumentDeclaration>>

type Word<D> = D extends { choices: readonly (infer C)[] } ? C : string
type ValueOf<D> = D extends { kind: 'flag' } ? boolean : D extends { kind: 'integer' | 'number' } ? number : Word<D>
type OptionValue<D> = D extends { repeated: true }
  ? ValueOf<D>[]
  : D extends { kind: 'flag' } | { default: string | number }
    ? ValueOf<D>
    : ValueOf<D> | undefined
export type OptionValues<O> = { -readonly [K in keyof O]: OptionValue<O[K]> }
export type ArgumentValues<A> = {
  -readonly [K in keyof A]: A[K] extends { many: true }
    ? Word<A[K]>[]
    : A[K] extends { optional: true }
      ? Word<A[K]> | undefined
      : Word<A[K]>
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
/** '--max-minutes' of `maxMinutes`. */
export const flagOf = (name: string): string => `--${kebab(name)}`
/** 'SYSTEM' of `system`, 'DATA_DIR' of `dataDir`. */
export const placeholderOf = (name: string): string => kebab(name).replaceAll('-', '_').toUpperCase()

const usageError = (message: string, details: Record<string, unknown> = {}) =>
  new UserError('usage', message, { exitCode: 2, ...details })

interface Parsed {
  /** By name; absent where not given. */
  given: Record<string, (string | true)[]>
  positionals: { value: string; index: number }[]
  unknown: string[]
}

/** Sorts the words into options and arguments; checks nothing. */
export function scan(words: readonly string[], declarations: OptionDeclarations): Parsed {
  const names = new Map(Object.keys(declarations).map((name) => [kebab(name), name]))
  const options = Object.entries(declarations).map(([name, { kind, short }]) => {
    const type: 'boolean' | 'string' = kind === 'flag' ? 'boolean' : 'string'
    return [kebab(name), { type, ...(short && { short }) }] as const
  })
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const parsed: Parsed = { given: {}, positionals: [], unknown: [] }
  for (const token of tokens) {
    if (token.kind === 'positional') parsed.positionals.push({ value: token.value, index: token.index })
    if (token.kind !== 'option') continue
    const name = names.get(token.name)
    if (name === undefined) parsed.unknown.push(token.rawName)
    else parsed.given[name] = [...(parsed.given[name] ?? []), token.value ?? true]
  }
  return parsed
}

/** The values of options and arguments, checked. Throws a UserError (exit code 2) of one line; `command` is who should be asked for help. */
export function parse<O extends OptionDeclarations, A extends ArgumentDeclarations>(
  words: readonly string[],
  { options, arguments: wanted, command }: { options: O; arguments: A; command: string },
): { options: OptionValues<O>; arguments: ArgumentValues<A> } {
  const help = `See ${command} --help.`
  const { given, positionals, unknown } = scan(words, options)
  const [stranger] = unknown
  if (stranger !== undefined) {
    const meant = nearest(stranger.replace(/^-+/, ''), Object.keys(options).map(kebab))
    const suggestion = meant && stranger.startsWith('--') ? `; did you mean --${meant}?` : '.'
    throw usageError(`Unknown option ${stranger}${suggestion} ${help}`, { received: stranger })
  }
  const values = Object.entries(options).map(([name, declaration]) => {
    const read = (given[name] ?? []).map((value) => readValue(name, declaration, value))
    if (declaration.repeated) return [name, read]
    return [name, read.at(-1) ?? declaration.default ?? (declaration.kind === 'flag' ? false : undefined)]
  })
  return {
    options: Object.fromEntries(values) as OptionValues<O>,
    arguments: argumentsOf(
      positionals.map(({ value }) => value),
      wanted,
      help,
    ) as ArgumentValues<A>,
  }
}

function readValue(name: string, declaration: OptionDeclaration, text: string | true): string | number | true {
  const { kind, choices, minimum } = declaration
  const flag = flagOf(name)
  if (kind === 'flag') {
    if (text === true) return true
    throw usageError(`${flag} takes no value, but received ${text}. Write just ${flag}.`, { received: text })
  }
  const isNegativeNumber = kind !== 'string' && /^-[\d.]/.test(String(text))
  if (text === true || (text.length > 1 && text.startsWith('-') && !isNegativeNumber)) {
    throw usageError(`${flag} needs a value. Write ${flag} ${placeholder(declaration)}.`, { path: flag })
  }
  if (choices) return oneOf(flag, text, choices)
  if (kind === 'string') return text
  const number = text.trim() === '' ? Number.NaN : Number(text)
  const fits = kind === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number)
  if (fits && number >= (minimum ?? -Infinity)) return number
  const expected = `${kind === 'integer' ? 'whole number' : 'number'}${minimum === undefined ? '' : ` ≥ ${minimum}`}`
  throw usageError(`${flag}: expected ${expected}, received ${JSON.stringify(text)}.`, { expected, received: text })
}

/** What stands for an option's value in help. */
export const placeholder = ({ kind, value, choices }: OptionDeclaration): string =>
  value ?? (choices ? choices.join('|') : kind === 'string' ? 'TEXT' : 'N')

function oneOf(what: string, text: string, choices: readonly string[]): string {
  if (choices.includes(text)) return text
  // A short list needs no guess.
  const meant = choices.length > 4 ? nearest(text, choices) : undefined
  const suggestion = meant ? `; did you mean ${meant}?` : '.'
  throw usageError(`${what}: unknown ${JSON.stringify(text)}${suggestion} It is one of ${choices.join(', ')}.`, {
    expected: choices,
    received: text,
  })
}

function argumentsOf(words: readonly string[], wanted: ArgumentDeclarations, help: string): Record<string, unknown> {
  const rest = [...words]
  const values: Record<string, unknown> = {}
  for (const [name, { choices, optional, many }] of Object.entries(wanted)) {
    const label = placeholderOf(name)
    const taken = rest.splice(0, many ? rest.length : 1)
    if (taken.length === 0 && !optional) {
      const remedy = choices ? `It is one of ${choices.join(', ')}. ${help}` : help
      throw usageError(`${label} is missing. ${remedy}`, { path: label })
    }
    const checked = choices ? taken.map((word) => oneOf(label, word, choices)) : taken
    values[name] = many ? checked : checked[0]
  }
  if (rest.length > 0)
    throw usageError(`Nothing is known to do with ${JSON.stringify(rest[0])}. ${help}`, { received: rest[0] })
  return values
}
