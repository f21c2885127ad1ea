// Random calls of the typed API, right and wrong ones. Started by fuzz.test.ts in a process of its own:
//   node fuzz-child.mjs DIST SEED COUNT LOG [FIRST [LAST]]
// LOG always holds the call under way, so that the end of the process names it. With FIRST and LAST just those calls are
// made, one alone with all that it throws.
import { openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'

const [dist, seed, count, log, first = '0', last = count] = process.argv.slice(2)
const alone = first === last
const torch = await import(dist)
const logFile = openSync(log, 'w')

const camelCase = (name) => name.replace(/(?<!^)_+([a-zA-Z0-9])/g, (_, letter) => letter.toUpperCase())

/** The arguments of a schema: [{ type: 'int[]?', name, optional }]. */
function argumentsOf(schema) {
  const list = schema.slice(schema.indexOf('(') + 1, schema.lastIndexOf(') -> ')).replace(/\([^()]*\)/g, '')
  return [...list.matchAll(/([A-Z]?[a-zA-Z]+(?:\?)?(?:\[\d*\])?\??) (\w+)(=)?/g)].map(([, type, name, fallback]) => ({
    type,
    name,
    optional: fallback !== undefined,
  }))
}

const listed = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../operators.txt'), 'utf8')
  .split('\n')
  .flatMap((line) => line.replace(/#.*/, '').split(/\s+/).filter(Boolean))
const operators = [...listed, 'robust_jem::batch_norm_leaky_relu'].map((name) => {
  const base = name.split('.')[0]
  const key = camelCase(base) + (base.endsWith('_') && !camelCase(base).endsWith('_') ? '_' : '')
  const call = base.includes('::') ? torch.op(base) : torch[key]
  return { name: key, call, schema: argumentsOf(torch.schemaOf(name)) }
})

// ---- what a call is made of ----

const dtypes = 'float32 float64 bfloat16 float16 int64 int32 int16 int8 uint8 bool complex64'.split(' ')
const fills = ['normal', 'small', 'zeros', 'ones', 'minus', 'special', 'extreme']
const layouts = ['plain', 'plain', 'plain', 'channels_last', 'transposed', 'strided', 'expanded', 'disposed']
const mostly = (usual, rare, weight = 25) => fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare })

const smallInteger = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 6 }))
const absurdInteger = fc.constantFrom(
  -(2 ** 31),
  2 ** 40,
  2 ** 40 + 1,
  2 ** 50,
  -(2 ** 50),
  2 ** 53 - 1,
  1 - 2 ** 53,
  2n ** 63n - 1n,
  -(2n ** 63n),
)
const integer = mostly(smallInteger, absurdInteger, 20)
const number = fc.oneof(
  smallInteger,
  fc.double({ min: -4, max: 4, noNaN: true }),
  fc.constantFrom(
    0,
    1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    1e308,
    1e-308,
    2 ** 40,
  ),
)
const sizes = fc.constantFrom(0, 1, 1, 2, 2, 3, 3, 4, 5, 8)
const shape = fc.array(sizes, { maxLength: 5, size: 'max' })
const text = fc.constantFrom(
  ...['constant', 'reflect', 'replicate', 'circular', 'mean', 'sum', 'ij', 'xy', 'floor', 'trunc', 'linear', 'nearest'],
  ...[
    'none',
    'tanh',
    'reduced',
    'complete',
    'L',
    'fro',
    'nuc',
    'left',
    'right',
    'ij,jk->ik',
    'ii->i',
    '...i->i',
    '',
    '→',
  ],
)

// Shapes that fit together, for operators that random ones would seldom suit; 4 channels where there are channels.
const image = [2, 4, 5, 5]
const fitting = {
  ...Object.fromEntries(
    ['matmul', 'mm', 'einsum', 'tensordot'].map((name) => [
      name,
      [
        [3, 4],
        [4, 2],
      ],
    ]),
  ),
  ...{
    linear: [
      [2, 4],
      [4, 4],
    ],
    bmm: [
      [2, 3, 4],
      [2, 4, 2],
    ],
    mv: [[3, 4], [4]],
    dot: [[4], [4]],
    cdist: [
      [3, 4],
      [2, 4],
    ],
  },
  ...{
    addmm: [
      [3, 2],
      [3, 4],
      [4, 2],
    ],
    baddbmm: [
      [2, 3, 2],
      [2, 3, 4],
      [2, 4, 2],
    ],
    outer: [[3], [4]],
  },
  ...{
    conv1d: [
      [2, 4, 8],
      [4, 4, 3],
    ],
    conv2d: [image, [4, 4, 3, 3]],
    conv3d: [
      [1, 4, 3, 3, 3],
      [4, 4, 2, 2, 2],
    ],
  },
  ...{ convTranspose2d: [image, [4, 4, 3, 3]], embedding: [[5, 3], [4]], im2col: [image], col2im: [[1, 8, 16]] },
  ...Object.fromEntries(
    ['batchNorm', 'robustJem::batchNormLeakyRelu'].map((name) => [name, [image, [4], [4], [4], [4]]]),
  ),
  ...Object.fromEntries(
    'maxPool2d avgPool2d adaptiveAvgPool2d groupNorm instanceNorm pixelShuffle pixelUnshuffle reflectionPad2d upsampleNearest2d upsampleBilinear2d pad'
      .split(' ')
      .map((name) => [name, [[1, 4, 4, 4]]]),
  ),
  ...{
    nllLoss: [[3, 5], [3]],
    crossEntropyLoss: [[3, 5], [3]],
    choleskySolve: [
      [3, 2],
      [3, 3],
    ],
    trace: [[3, 3]],
  },
  ...{ quantile: [[5], [2]], searchsorted: [[5], [3]], bincount: [[5]], multinomial: [[4]] },
  ...{ take: [[5], [3]], indexSelect: [[5], [3]], indexAdd: [[5], [3], [3]], indexCopy: [[5], [3], [3]] },
}

/** Tensors of one call often share shape and dtype, as real ones do. */
const tensorOf = ({ shape: shared, dtype, fits }, argument, i) => {
  const channels = /^(weight|bias|running)/.test(argument) && fits && !fits[i] ? [4] : undefined
  const usual = fits?.[i] ?? channels ?? shared
  const whole = /^(index|indices|target|sorter)/.test(argument)
    ? 'int64'
    : /^(mask|condition)/.test(argument)
      ? 'bool'
      : dtype
  return fc.record({
    kind: fc.constant('tensor'),
    shape: fc.oneof({ weight: fits ? 6 : 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: shape }),
    dtype: fc.oneof({ weight: 5, arbitrary: fc.constant(whole) }, { weight: 1, arbitrary: fc.constantFrom(...dtypes) }),
    fill:
      whole === 'int64'
        ? mostly(fc.constantFrom('small', 'zeros', 'ones'), fc.constantFrom(...fills), 5)
        : fc.constantFrom(...fills),
    phase: fc.nat(6),
    layout: mostly(fc.constantFrom(...layouts.slice(0, -1)), fc.constant('disposed'), 50),
    requiresGrad: fc.boolean(),
  })
}
const junk = fc.constantFrom(
  ...[
    undefined,
    null,
    'text',
    {},
    [],
    [[1]],
    [undefined],
    () => 0,
    1.5,
    Number.NaN,
    2n ** 62n,
    2n ** 64n,
    true,
    -1,
    2 ** 60,
  ],
  ...[
    { kind: 'tensor', shape: [2], dtype: 'float32', fill: 'ones', layout: 'plain' },
    { kind: 'generator' },
    new Date(),
  ],
)

function anyValue(type, shared, argument = '', i = 0) {
  const dimensions = shared.shape
  if (type.endsWith('?')) return mostly(anyValue(type.slice(0, -1), shared, argument, i), fc.constant(null), 3)
  const list = /^(.*)\[(\d*)\]$/.exec(type)
  if (list) {
    const element = anyValue(list[1], shared, argument, i)
    if (list[1] === 'Tensor' && shared.fits)
      return fc.tuple(...shared.fits.map((_, at) => anyValue('Tensor', shared, argument, at)))
    const array = fc.array(element, {
      maxLength: list[2] ? Number(list[2]) + 1 : Math.max(3, dimensions.length),
      size: 'max',
    })
    if (list[1] === 'Tensor' || list[1] === 'Tensor?') return array
    const exact = fc.array(element, { minLength: Number(list[2] || 2), maxLength: Number(list[2] || 2), size: 'max' })
    return fc.oneof(array, exact, fc.constant(dimensions), element, fc.constant(dimensions.map((_, at) => at)))
  }
  switch (type) {
    case 'Tensor':
      return tensorOf(shared, argument, i)
    case 'int':
    case 'SymInt': {
      const rank = (shared.fits?.[0] ?? dimensions).length
      const usual = /^dim/.test(argument)
        ? fc.integer({ min: -rank, max: Math.max(0, rank - 1) })
        : fc.constantFrom(1, 2)
      return fc.oneof(usual, integer)
    }
    case 'float':
    case 'Scalar':
      return number
    case 'bool':
      return fc.boolean()
    case 'str':
      return text
    case 'ScalarType':
      return fc.constantFrom(...dtypes, 'float8')
    case 'Device':
      return fc.constantFrom('cpu', 'cpu', 'cuda:0', 'cuda:99', 'meta', 'nowhere')
    case 'MemoryFormat':
      return fc.constantFrom('contiguous', 'preserve', 'channels_last', 'channels_last_3d', 'other')
    case 'Generator':
      return fc.constant({ kind: 'generator' })
    case 'Layout':
      return fc.constantFrom('strided', 'sparse')
    default:
      throw new Error(`no arbitrary for ${type}`)
  }
}

const tensors = (...types) => types.map((type, i) => ({ type, name: `a${i}`, optional: false }))
const option = (type, name) => ({ type, name, optional: true })
const method = (name, ...schema) => ({
  name,
  call: (x, ...rest) => x[name](...rest),
  schema: [...tensors('Tensor'), ...schema],
})
const byHand = [
  ...['zeros', 'ones', 'empty'].map((name) => ({ name, schema: [...tensors('int[]'), option('ScalarType', 'dtype')] })),
  { name: 'full', schema: [...tensors('int[]', 'float'), option('ScalarType', 'dtype'), option('Device', 'device')] },
  { name: 'arange', schema: [...tensors('int'), option('ScalarType', 'dtype')] },
  { name: 'arange', schema: [...tensors('float', 'float', 'float'), option('ScalarType', 'dtype')] },
  { name: 'linspace', schema: [...tensors('float', 'float', 'int'), option('ScalarType', 'dtype')] },
  { name: 'eye', schema: [...tensors('int'), option('ScalarType', 'dtype')] },
  ...['rand', 'randn'].map((name) => ({ name, schema: [...tensors('int[]'), option('Generator', 'generator')] })),
  { name: 'randint', schema: [...tensors('int', 'int', 'int[]'), option('Generator', 'generator')] },
  { name: 'randperm', schema: [...tensors('int'), option('Generator', 'generator')] },
  { name: 'tensor', schema: [...tensors('float[]'), option('ScalarType', 'dtype'), option('int[]', 'shape')] },
  { name: 'toBytes', schema: tensors('Tensor') },
  {
    name: 'grad',
    schema: [...tensors('Tensor[]', 'Tensor[]'), option('Tensor[]', 'gradOutputs'), option('bool', 'createGraph')],
  },
  { name: 'backward', schema: [...tensors('Tensor'), option('Tensor', 'gradOutputs')] },
  method('to', option('ScalarType', 'dtype'), option('Device', 'device'), option('MemoryFormat', 'memoryFormat')),
  ...['item', 'toTypedArray', 'toArray', 'dispose', 'clearGrad', 'double', 'float'].map((name) => method(name)),
  method('requiresGrad_', ...tensors('bool')),
].map((entry) => ({ call: torch[entry.name], ...entry }))

const callOf = ({ name, call, schema }, shared) => {
  const required = schema.filter((argument) => !argument.optional)
  const optional = schema.filter((argument) => argument.optional && argument.name !== 'pin_memory')
  return fc.record({
    name: fc.constant(name),
    call: fc.constant(call),
    args: fc.tuple(...required.map(({ type, name }, i) => mostly(anyValue(type, shared, name, i), junk, 30))),
    options: fc.record(
      Object.fromEntries(
        optional.map(({ type, name }) => {
          const given = mostly(anyValue(type, shared, name, required.length), junk, 30)
          return [camelCase(name), fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, given)]
        }),
      ),
    ),
    surplus: mostly(fc.constant('none'), fc.constantFrom('argument', 'option', 'missing'), 30),
    after: fc.constantFrom('read', 'grad', 'double grad', 'nothing'),
  })
}
const anyCall = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...operators) },
      { weight: 1, arbitrary: fc.constantFrom(...byHand) },
    ),
    fc.oneof(shape, fc.constantFrom([3, 3], [2, 3, 3], image)),
    fc.oneof(fc.constantFrom('float32', 'float32', 'float64', 'bfloat16', 'int64'), fc.constantFrom(...dtypes)),
  )
  .chain(([entry, shared, dtype]) => {
    const square = entry.name.startsWith('linalg')
      ? [
          [3, 3],
          [3, 3],
          [3, 3],
        ]
      : undefined
    return callOf(entry, { shape: shared, dtype, fits: fitting[entry.name] ?? square })
  })

// ---- making it ----

const values = {
  normal: (i) => Math.sin(i * 12.9898) * 2,
  small: (i) => i % 4,
  zeros: () => 0,
  ones: () => 1,
  minus: () => -1,
  special: (i) => [Number.NaN, 1, Number.POSITIVE_INFINITY, -1, Number.NEGATIVE_INFINITY, 0][i % 6],
  extreme: (i) => [-(2 ** 63), 2 ** 53, -(2 ** 31), -(2 ** 15), -128, 1e300, -1][i % 7],
}

function makeTensor({ shape, dtype, fill, phase = 0, layout, requiresGrad }) {
  const made = layout === 'transposed' ? shape.toReversed() : layout === 'strided' ? shape.map((n) => n * 2) : shape
  const size = made.reduce((a, b) => a * b, 1)
  let x = torch.tensor(
    Float64Array.from({ length: size }, (_, i) => values[fill](i + phase)),
    { shape: made, dtype },
  )
  if (layout === 'transposed') x = x.permute(made.map((_, i) => made.length - 1 - i))
  if (layout === 'strided') for (const [i] of shape.entries()) x = x.slice({ dim: i, step: 2 })
  if (layout === 'expanded') x = torch.tensor([values[fill](phase)], { dtype }).expand(shape)
  if (layout === 'channels_last' && shape.length === 4) x = x.to({ memoryFormat: 'channels_last' })
  if (requiresGrad && /float|complex/.test(dtype)) {
    x = x.detach().requiresGrad_()
    if (fill === 'ones') x = x.mul(1) // not a leaf: in-place operators may write into it
  }
  if (layout === 'disposed') x.dispose()
  return x
}

function make(value) {
  if (value?.kind === 'tensor') return makeTensor(value)
  if (value?.kind === 'generator') return new torch.Generator(1)
  return Array.isArray(value) ? value.map(make) : value
}

const tensorsIn = (value) =>
  value instanceof torch.Tensor ? [value] : Array.isArray(value) ? value.flatMap(tensorsIn) : []
const onesOf = (outputs) => outputs.map((y) => torch.onesLike(y))

function perform({ call, args, options, surplus, after }) {
  const given = args.map(make)
  if (surplus === 'argument') given.push(1)
  if (surplus === 'missing') given.pop()
  const named = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, make(value)]))
  if (surplus === 'option') named.surplus = 1
  const results = tensorsIn(call(...given, named))
  if (after === 'read') for (const x of results) if (x.numel < 1e6) x.toTypedArray()
  const outputs = results.filter((x) => x.requiresGrad && x.numel < 1e6)
  const inputs = tensorsIn(given).filter((x) => !x.isDisposed && x.requiresGrad)
  if (!/grad/.test(after) || !outputs.length || !inputs.length) return
  const gradients = torch.grad(outputs, inputs, {
    gradOutputs: onesOf(outputs),
    createGraph: after === 'double grad',
    allowUnused: true,
  })
  const again = gradients.filter((g) => g?.requiresGrad)
  if (again.length) torch.grad(again, inputs, { gradOutputs: onesOf(again), allowUnused: true })
}

let index = 0
const before = torch.memory().tensors
const outcomes = { results: 0, errors: 0 }
fc.assert(
  fc.property(anyCall, (call) => {
    const mine = index++
    if (mine < Number(first) || mine > Number(last)) return
    const { name, args, options, surplus, after } = call
    const text = `call ${mine}: ${name} ${fc.stringify({ args, options, surplus, after })}\n`
    if (alone) console.error(text)
    writeSync(logFile, `${text}${' '.repeat(200)}\n`, 0)
    torch.scope(() => {
      try {
        perform(call)
        outcomes.results++
      } catch (error) {
        if (alone) console.error(error)
        if (!(error instanceof Error)) throw new Error(`threw ${String(error)}, which is no Error`)
        if (!error.message) throw new Error('threw an Error without a message')
        if (/INTERNAL ASSERT/.test(error.message)) outcomes.internal = error.message
        outcomes.errors++
      }
    })
  }),
  { seed: Number(seed), numRuns: Number(count), endOnFailure: true },
)
const after = torch.memory().tensors
if (after !== before) throw new Error(`${after - before} tensors are left over`)
console.log(JSON.stringify(outcomes))
