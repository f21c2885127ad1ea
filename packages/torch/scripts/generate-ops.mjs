// Writes src/ops.ts: typed functions and methods for the operators listed in operators.txt, from libtorch's schemas.
//   node scripts/generate-ops.mjs          writes the file
//   node scripts/generate-ops.mjs --check  exits 1 where the file no longer fits the libtorch at hand
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const native = { exports: {} }
process.dlopen(native, fileURLToPath(new URL('../build/torch_node.node', import.meta.url)))
const output = new URL('../src/ops.ts', import.meta.url)

const camelCase = (name) => name.replace(/(?<!^)_+([a-zA-Z0-9])/g, (_, letter) => letter.toUpperCase())
const hidden = new Set(['layout', 'pin_memory', 'names', 'out'])

/** 'Tensor self, int[2] stride=1, *, Generator? generator=None' as [{ type, name, optional }]. */
function argumentsOf(schema) {
  const list = schema.slice(schema.indexOf('(') + 1, schema.lastIndexOf(') -> '))
  const parts = []
  let depth = 0
  let part = ''
  for (const letter of list) {
    if (letter === '[' || letter === '(') depth++
    if (letter === ']' || letter === ')') depth--
    if (letter === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += letter
  }
  parts.push(part)
  return parts
    .map((text) => text.trim())
    .filter((text) => text && text !== '*')
    .map((text) => {
      const [, type, name, fallback] = /^(.+?) (\w+)(=.*)?$/.exec(text)
      return { type: type.replace(/\([^)]*\)/, ''), name, optional: fallback !== undefined }
    })
}

// Operands that may be a plain number, which takes part as a scalar, as in Python.
const scalarOperands = new Set(['other', 'exponent'])

function typeScript(type, name) {
  if (type.endsWith('?')) return `${typeScript(type.slice(0, -1), name)} | null`
  const list = /^(.*)\[(\d*)\]$/.exec(type)
  if (list) {
    const element = typeScript(list[1], name)
    const array = element.includes('|') ? `readonly (${element})[]` : `readonly ${element}[]`
    return list[2] ? `${element} | ${array}` : array
  }
  switch (type) {
    case 'Tensor':
      return scalarOperands.has(name) ? 'Tensor | number' : 'Tensor'
    case 'int':
    case 'SymInt':
    case 'float':
    case 'Scalar':
      return 'number'
    case 'bool':
      return 'boolean'
    case 'str':
      return 'string'
    case 'ScalarType':
      return 'Dtype'
    case 'Device':
    case 'MemoryFormat':
    case 'Generator':
      return type
    default:
      throw new Error(`no TypeScript type for ${type}`)
  }
}

function resultType(schema) {
  const text = schema
    .slice(schema.lastIndexOf(' -> ') + 4)
    .replace(/\((?:[a-z](?: ->)?|[a-z]!|[a-z]\|[a-z])[^)]*\)/g, '')
  const names = /^\((.*)\)$/.exec(text)
  if (names) {
    if (!names[1]) return 'void'
    return `[${names[1]
      .split(', ')
      .map((entry) => `${entry.split(' ')[1] ? `${camelCase(entry.split(' ')[1].toLowerCase())}: ` : ''}Tensor`)
      .join(', ')}]`
  }
  return text.split(' ')[0] === 'Tensor[]' ? 'Tensor[]' : typeScript(text.split(' ')[0], '')
}

const isGenerator = ({ type }) => type === 'Generator?'

function signature(schema, method) {
  let list = argumentsOf(schema)
  if (method) list = list.slice(1)
  const positional = list.filter((a) => !a.optional)
  const options = list.filter((a) => a.optional && !hidden.has(a.name))
  const parameters = positional.map((a) => `${camelCase(a.name)}: ${typeScript(a.type, a.name)}`)
  const draws = options.some(isGenerator)
  // Randomness is always given: the dispatcher refuses a call without it.
  const option = (a) =>
    isGenerator(a) ? 'generator: Generator' : `${camelCase(a.name)}?: ${typeScript(a.type, a.name)}`
  if (options.length) parameters.push(`options${draws ? '' : '?'}: { ${options.map(option).join('; ')} }`)
  return `(${parameters.join(', ')}): ${resultType(schema)}`
}

const groups = new Map()
for (const line of readFileSync(new URL('../operators.txt', import.meta.url), 'utf8').split('\n')) {
  for (const name of line.replace(/#.*/, '').split(/\s+/).filter(Boolean)) {
    const [base, overload = ''] = name.split('.')
    const qualified = base.includes('::') ? base : `aten::${base}`
    const found = native.exports.findOperator(qualified, overload)
    if (!found) throw new Error(`libtorch has no operator ${name}`)
    const key = camelCase(base.replace(/^.*::/, '')) + (base.endsWith('_') && !camelCase(base).endsWith('_') ? '_' : '')
    groups.set(key, [...(groups.get(key) ?? []), { name, schema: found.schema }])
  }
}

if (process.argv.includes('--check')) {
  const text = readFileSync(output, 'utf8')
  let wrong = 0
  for (const overloads of groups.values()) {
    for (const { name, schema } of overloads) {
      const committed = new RegExp(
        `/\\*\\* (${schema.slice(0, schema.indexOf('(') + 1).replace(/[.()*+?^$[\]\\]/g, '\\$&')}.*) \\*/`,
      ).exec(text)?.[1]
      // A newer libtorch may add options; it must not lose one or change what stands by position.
      const now = argumentsOf(schema)
      const then = committed ? argumentsOf(committed) : []
      const kept = then.every((a) => now.some((b) => b.name === a.name && b.optional === a.optional))
      const positional = now.filter((b) => !b.optional).length === then.filter((a) => !a.optional).length
      if (!committed || !kept || !positional) {
        wrong++
        console.error(`${name}: written for ${committed ?? 'nothing'}\n  this libtorch has ${schema}`)
      }
    }
  }
  if (wrong) process.exit(1)
  process.exit(0)
}

const functions = []
const methods = []
const exported = []
for (const [key, overloads] of groups) {
  const names = overloads.map(({ name }) => `'${name}'`).join(', ')
  const inPlace = key.endsWith('_')
  const isMethod = overloads.every(
    ({ schema }) =>
      argumentsOf(schema)[0]?.type.startsWith('Tensor') && !/^Tensor[?[]/.test(argumentsOf(schema)[0].type),
  )
  for (const { schema } of overloads) {
    functions.push(`  /** ${schema} */\n  ${key}${signature(schema, false)}`)
    if (isMethod) methods.push(`  /** ${schema} */\n  ${key}${signature(schema, true)}`)
  }
  const variable = key === 'var' ? 'variance' : key // a reserved word cannot be declared, but exported
  exported.push(
    `${variable === key ? 'export ' : ''}const ${variable} = overloaded(${names}) as Operators['${key}']`,
    ...(isMethod ? [`method('${key}', ${variable})`] : []),
    ...(variable === key ? [] : [`export { ${variable} as ${key} }`]),
  )
  if (inPlace && !isMethod) throw new Error(`${key} should be a method`)
}
writeFileSync(
  output,
  `// Written by scripts/generate-ops.mjs from libtorch's schemas and operators.txt; not by hand.
import { overloaded } from './dispatch.ts'
import type { Generator } from './random.ts'
import { type Device, type Dtype, type MemoryFormat, Tensor } from './tensor.ts'

export interface Operators {
${functions.join('\n')}
}

export interface TensorMethods {
${methods.join('\n')}
}

function method(name: string, operator: (self: Tensor, ...rest: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: never[]) {
      return operator(this, ...rest)
    },
  })
}

${exported.join('\n')}
`,
)
console.log(`${groups.size} operators, ${functions.length} overloads`)
