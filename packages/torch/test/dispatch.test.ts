import { describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'

const loose = torch as unknown as Record<string, (...args: unknown[]) => unknown>
const messageOf = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    expect(error).toBeInstanceOf(Error)
    return (error as Error).message
  }
  throw new Error('expected an Error')
}
const x = torch.ones([2, 3])

describe('a call', () => {
  it('takes required arguments by position and the rest by name', () => {
    expect(torch.sum(x, [1], { keepdim: true }).toArray()).toEqual([[3], [3]])
    expect(x.sum([1], { keepdim: true }).shape).toEqual([2, 1])
    expect(x.add(x, { alpha: 2 }).toArray()).toEqual([
      [3, 3, 3],
      [3, 3, 3],
    ])
  })
  it('tells overloads apart by the number of arguments', () => {
    expect(x.sum().item()).toBe(6)
    expect(x.sum(0).toArray()).toEqual([2, 2, 2])
    const [values, indices] = torch.tensor([1, 5, 2]).max(0)
    expect([values.item(), indices.item()]).toEqual([5, 1])
    expect(torch.tensor([1, 5, 2]).max().item()).toBe(5)
  })
  it('ignores arguments and options that are undefined', () => {
    expect(x.sum(undefined as never).item()).toBe(6)
    expect(x.sum(0, { keepdim: undefined }).shape).toEqual([3])
  })
  it('takes a number for a tensor as Python does: it changes no dtype', () => {
    expect(torch.tensor([1, 2], { dtype: 'bfloat16' }).mul(1.5).dtype).toBe('bfloat16')
    expect(torch.tensor([1, 2], { dtype: 'int32' }).add(1).dtype).toBe('int32')
    expect(torch.tensor([1, 2], { dtype: 'int32' }).add(0.5).dtype).toBe('float32')
  })
  it('takes one number for a pair', () => {
    const image = torch.ones([1, 1, 6, 6])
    expect(torch.maxPool2d(image, 2).shape).toEqual([1, 1, 3, 3])
    expect(torch.maxPool2d(image, [2, 3]).shape).toEqual([1, 1, 3, 2])
  })
  it('reaches any operator of the dispatcher by its name', () => {
    const add = torch.op('aten::add', 'Tensor')
    expect((add(x, x, { alpha: 3 }) as torch.Tensor).sum().item()).toBe(24)
    expect((torch.op('relu')(torch.tensor([-1, 2])) as torch.Tensor).toArray()).toEqual([0, 2])
    expect(torch.operators()).toContain('aten::logsumexp')
    expect(torch.schemaOf('logsumexp')).toContain('aten::logsumexp(Tensor self, int[1] dim')
  })
  it('returns the very tensor that an in-place operator wrote into', () => {
    const y = torch.zeros([3])
    expect(y.add_(1)).toBe(y)
    expect(y.clamp_({ max: 0.5 })).toBe(y)
    expect(y.toArray()).toEqual([0.5, 0.5, 0.5])
    expect(y.indexCopy_(0, torch.tensor([1], { dtype: 'int64' }), torch.tensor([7]))).toBe(y)
    expect(y.toArray()).toEqual([0.5, 7, 0.5])
  })
})

describe('an Error names operator, argument, what was expected and what came', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'a string for a tensor',
      () => loose.relu!('x'),
      /^aten::relu: argument 'self': expected a tensor, received the string 'x'$/,
    ],
    ['a list for a tensor', () => loose.relu!([1, 2]), /argument 'self': expected a tensor, received a list/],
    [
      'a string for an integer',
      () => loose.cumsum!(x, 'one'),
      /aten::cumsum: argument 'dim': expected an integer, received the string 'one'/,
    ],
    [
      'a fraction for an integer',
      () => loose.cumsum!(x, 0.5),
      /argument 'dim': expected a safe integer, received the number 0.5/,
    ],
    [
      'an unsafe integer',
      () => x.narrow(0, 2 ** 53, 1),
      /argument 'start': expected a safe integer, received the number 9007199254740992/,
    ],
    [
      'NaN for an integer',
      () => x.select(0, Number.NaN),
      /argument 'index': expected a safe integer, received the number NaN/,
    ],
    [
      'a fraction in a list',
      () => x.reshape([1.5, 4]),
      /argument 'shape': element 0: expected a safe integer, received the number 1.5/,
    ],
    ['a tensor for a list', () => loose.cat!(x), /argument 'tensors': expected a list, received a tensor/],
    [
      'a number in a list of tensors',
      () => loose.cat!([x, 1]),
      /argument 'tensors': expected a list of tensors, received the number 1/,
    ],
    [
      'a number for a boolean',
      () => loose.sum!(x, 0, { keepdim: 1 }),
      /argument 'keepdim': expected true or false, received the number 1/,
    ],
    [
      'an unknown dtype',
      () => x.to({ dtype: 'float8' as never }),
      /argument 'dtype': expected a dtype such as 'float32', received the string 'float8'/,
    ],
    ['an unknown device', () => x.to({ device: 'abacus' as never }), /argument 'device': .*abacus/],
    [
      'a device without memory',
      () => x.to({ device: 'meta' as never }),
      /expected the device 'cpu' or 'cuda:N', received 'meta'/,
    ],
    [
      'an unknown memory format',
      () => x.to({ memoryFormat: 'rows' as never }),
      /expected 'contiguous', 'preserve', 'channels_last' or/,
    ],
    [
      'a pair of three',
      () => torch.avgPool2d(torch.ones([1, 1, 4, 4]), [2, 2, 2]),
      /argument 'kernelSize': expected a number or a list of 2, received a list of 3/,
    ],
    [
      'a pair of none',
      () => torch.reflectionPad2d(torch.ones([1, 1, 4, 4]), []),
      /argument 'padding': expected a number or a list of 4, received a list of 0/,
    ],
    [
      'a number for a generator',
      () => loose.bernoulli!(x, { generator: 5 }),
      /argument 'generator': expected a generator, received the number 5/,
    ],
    [
      'an object for a tensor',
      () => loose.matmul!(x, new Date()),
      /argument 'other': expected a tensor, received an object/,
    ],
    ['a symbol', () => loose.relu!(Symbol('x')), /received a symbol/],
  ])('%s', (_, body, message) => {
    expect(messageOf(body)).toMatch(message)
  })
  it('a missing argument', () => {
    expect(messageOf(() => loose.matmul!(x))).toBe('aten::matmul: expected 2 arguments (self, other), received 1')
  })
  it('a surplus argument', () => {
    expect(messageOf(() => loose.relu!(x, x))).toBe('aten::relu: expected 1 arguments (self), received 2')
  })
  it('an unknown option, with those there are', () => {
    expect(messageOf(() => loose.sum!(x, 0, { keepDim: true }))).toBe(
      "aten::sum: unknown option 'keepDim'; its options are: dtype, keepdim",
    )
    expect(messageOf(() => loose.relu!(x, { slope: 1 }))).toContain('its options are: none')
    expect(messageOf(() => loose.zeros!([1], { dtyp: 'int64' }))).toContain("unknown option 'dtyp'")
    expect(messageOf(() => loose.tensor!([1], { dtyp: 'int64' }))).toContain("unknown option 'dtyp'")
    expect(messageOf(() => loose.randn!([1], { generator: new torch.Generator(1), dtyp: 'x' }))).toContain("'dtyp'")
  })
  it('the shapes and dtypes of the tensors where libtorch refuses', () => {
    const message = messageOf(() => torch.matmul(x, torch.ones([4, 5], { dtype: 'float64' })))
    expect(message).toMatch(/^aten::matmul: /)
    expect(message).toContain('(self float32 [2, 3], other float64 [4, 5])')
    expect(message).not.toContain('\n')
  })
  it('an operator that is not there', () => {
    expect(messageOf(() => torch.op('aten::no_such'))).toMatch(
      /^libtorch \S+ has no operator aten::no_such\. See operators\(\)/,
    )
  })
  it('a disposed tensor, wherever it is used', () => {
    const gone = torch.ones([2])
    gone.dispose()
    gone.dispose()
    expect(gone.isDisposed).toBe(true)
    expect(String(gone)).toBe('Tensor(disposed)')
    for (const use of [
      () => gone.add(1),
      () => torch.cat([x, gone]),
      () => gone.shape,
      () => gone.item(),
      () => gone.grad,
    ]) {
      expect(messageOf(use)).toContain('The tensor was disposed')
    }
    expect(messageOf(() => gone.toTypedArray())).toContain('The tensor was disposed')
    expect(messageOf(() => torch.grad(gone, gone))).toContain('The tensor was disposed')
  })
  it.skipIf(torch.cuda.isAvailable())('a GPU where there is none', () => {
    for (const use of [() => torch.ones([2], { device: 'cuda:0' }), () => x.to({ device: 'cuda' })]) {
      expect(messageOf(use)).toMatch(/there is no device 'cuda(:0)?': libtorch sees 0 CUDA devices here/)
    }
    expect(messageOf(() => new torch.Generator(1, 'cuda:0'))).toContain("there is no device 'cuda:0'")
    expect(messageOf(() => torch.tensor([1], { device: 'cuda:0' }))).toContain("there is no device 'cuda:0'")
  })
})

describe('what libtorch would not survive is an Error', () => {
  const int = (values: bigint[], dtype: torch.Dtype = 'int64') => torch.tensor(BigInt64Array.from(values), { dtype })
  const image = torch.ones([1, 4, 2, 2])
  it.each<[string, () => unknown, RegExp]>([
    ['more elements than memory', () => torch.zeros([2 ** 50]), /can't allocate memory/],
    ['a product that overflows', () => torch.zeros([2 ** 50, 2 ** 50]), /overflow/],
    ['a negative size', () => torch.zeros([-1]), /negative/],
    [
      'the smallest int64 over -1',
      () => torch.floorDivide(int([-(2n ** 63n)]), int([-1n])),
      /smallest int64 has no quotient/,
    ],
    [
      'the smallest int32 modulo -1',
      () => torch.remainder(int([-(2n ** 31n)], 'int32'), -1),
      /smallest int32 has no quotient/,
    ],
    [
      'the smallest int32 modulo a number that is -1 in 32 bits',
      () => torch.op('aten::remainder', 'Scalar')(int([-(2n ** 31n)], 'int32'), -1),
      /smallest int32 has no quotient/,
    ],
    [
      'a stride that begins beyond all memory',
      () => torch.ones([4]).asStrided([1], [1], { storageOffset: (2n ** 61n) as unknown as number }),
      /offset within the tensor's memory/,
    ],
    ['an integer over zero', () => torch.floorDivide(int([1n]), int([0n])), /ZeroDivisionError/],
    [
      'groups beyond all channels',
      () => torch.conv2d(image, torch.ones([4, 4, 1, 1]), { groups: 2 ** 40 }),
      /groups to divide the channels/,
    ],
    ['a shuffle factor that overflows', () => torch.pixelShuffle(image, 2 ** 32), /upscale_factor/],
    [
      'a sorter that points outside',
      () => torch.searchsorted(x, x, { sorter: x.mul(1e9).to({ dtype: 'int64' }) }),
      /sorter has indices outside/,
    ],
    ['the largest int64 as a bin', () => torch.bincount(int([2n ** 63n - 1n])), /expected bins below 2\^53/],
    [
      'infinity in a singular value decomposition',
      () => torch.linalgSvd(torch.eye(3).mul(Infinity)),
      /expected finite elements/,
    ],
    [
      'infinity in an eigenvalue problem',
      () => torch.linalgEigvals(torch.full([3, 3], Infinity)),
      /expected finite elements/,
    ],
    [
      'infinity in a spectral norm',
      () => torch.linalgMatrixNorm(torch.full([3, 3], Infinity), 2),
      /expected finite elements/,
    ],
    [
      'many indices into a scalar',
      () => torch.tensor(3).indexSelect(0, int([0n, 0n])),
      /expected one index into a scalar/,
    ],
    ['an index outside', () => x.indexSelect(0, int([7n])), /out of range/],
    [
      'more than 4 GiB in an array',
      () =>
        torch
          .zeros([1])
          .expand([2 ** 40])
          .toTypedArray(),
      /takes more than 4 GiB/,
    ],
  ])('%s', (_, body, message) => {
    expect(messageOf(body)).toMatch(message)
  })
  it('but the same operators do their work on what is right', () => {
    expect(torch.floorDivide(int([-(2n ** 63n), 7n]), int([2n, 2n])).toTypedArray()).toEqual(
      BigInt64Array.from([-(2n ** 62n), 3n]),
    )
    expect(torch.remainder(int([-7n]), -1).item()).toBe(0)
    expect(torch.conv2d(image, torch.ones([4, 1, 1, 1]), { groups: 4 }).shape).toEqual([1, 4, 2, 2])
    expect(torch.pixelShuffle(image, 2).shape).toEqual([1, 1, 4, 4])
    expect(torch.linalgMatrixNorm(torch.eye(2), 1).item()).toBe(1)
  })
})

describe('warnings', () => {
  it('of libtorch become warnings of Node, each once', async () => {
    const heard: string[] = []
    const listen = (warning: Error) => heard.push(`${warning.name}: ${warning.message}`)
    process.on('warning', listen)
    const meshgrid = torch.op('aten::meshgrid') // which will want to know the order of its axes
    for (let i = 0; i < 3; i++) meshgrid([torch.arange(2), torch.arange(3)])
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    expect(heard).toHaveLength(1)
    expect(heard[0]).toMatch(/^LibtorchWarning: torch\.meshgrid: /)
  })
})
