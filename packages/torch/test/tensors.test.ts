import { describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'

const int64 = (values: number[]) => torch.tensor(values, { dtype: 'int64' })

describe('making tensors', () => {
  it('from numbers and nested lists, float32 by default', () => {
    const x = torch.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect([x.dtype, x.shape, x.numel, x.device]).toEqual(['float32', [2, 3], 6, 'cpu'])
    expect(torch.tensor(3).shape).toEqual([])
    expect(torch.tensor(3).item()).toBe(3)
    expect(torch.tensor([]).shape).toEqual([0])
    expect(torch.tensor([[], []]).shape).toEqual([2, 0])
  })
  it('from booleans as bool, where all are', () => {
    expect(torch.tensor([true, false]).toArray()).toEqual([true, false])
    expect(torch.tensor([true, 2]).toArray()).toEqual([1, 2])
  })
  it.each([
    [new Float64Array([1.5, -2]), 'float64'],
    [new Float32Array([1.5, -2]), 'float32'],
    [new BigInt64Array([1n, -(2n ** 62n)]), 'int64'],
    [new Int32Array([1, -2]), 'int32'],
    [new Int16Array([1, -2]), 'int16'],
    [new Int8Array([1, -2]), 'int8'],
    [new Uint8Array([1, 255]), 'uint8'],
  ] as const)('from a typed array in its own dtype: %o', (data, dtype) => {
    const x = torch.tensor(data)
    expect(x.dtype).toBe(dtype)
    expect(x.toTypedArray()).toEqual(data)
  })
  it('as copies: neither side sees the other change', () => {
    const data = new Float32Array([1, 2])
    const x = torch.tensor(data)
    data[0] = 9
    expect(x.toArray()).toEqual([1, 2])
    const out = x.toTypedArray()
    out[1] = 9
    expect(x.toArray()).toEqual([1, 2])
  })
  it('from a window into a larger buffer, and from shared memory', () => {
    const buffer = new Float32Array([0, 1, 2, 3, 4, 5])
    expect(torch.tensor(buffer.subarray(2, 4)).toArray()).toEqual([2, 3])
    expect(torch.tensor(new Uint8Array(buffer.buffer, 4, 4)).toArray()).toEqual([0, 0, 128, 63])
    const shared = new Float32Array(new SharedArrayBuffer(8))
    shared.set([3, 4])
    expect(torch.tensor(shared).toArray()).toEqual([3, 4])
  })
  it('with a shape for a typed array, and in another dtype', () => {
    const x = torch.tensor(new Float32Array([1, 2, 3, 4]), { shape: [2, 2], dtype: 'int32' })
    expect(x.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(x.dtype).toBe('int32')
  })
  it('by name: zeros, ones, full, eye, arange, linspace', () => {
    expect(torch.zeros([2]).toArray()).toEqual([0, 0])
    expect(torch.ones([2], { dtype: 'int8' }).toTypedArray()).toEqual(new Int8Array([1, 1]))
    expect(torch.full([1, 2], -0.5).toArray()).toEqual([[-0.5, -0.5]])
    expect(torch.full([], 3).item()).toBe(3)
    expect(torch.empty([2, 0]).shape).toEqual([2, 0])
    expect(torch.eye(2, { dtype: 'float64' }).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(torch.linspace(0, 1, 3).toArray()).toEqual([0, 0.5, 1])
    expect(torch.arange(3).toTypedArray()).toEqual(new BigInt64Array([0n, 1n, 2n]))
    expect(torch.arange(1, 3, { dtype: 'float32' }).toArray()).toEqual([1, 2])
    expect(torch.arange(0, 1, 0.25).toArray()).toEqual([0, 0.25, 0.5, 0.75])
    expect(torch.arange(5, 0, -2).toArray()).toEqual([5, 3, 1])
  })
  it('of no element or of NaN like any other', () => {
    const none = torch.zeros([0, 3])
    expect(none.sum().item()).toBe(0)
    expect(none.sum(0).toArray()).toEqual([0, 0, 0])
    expect(none.toArray()).toEqual([])
    expect(torch.cat([none, torch.ones([1, 3])]).shape).toEqual([1, 3])
    expect(() => none.amax()).toThrow(/aten::amax.*float32 \[0, 3\]/)
    const nan = torch.tensor([Number.NaN, 1])
    expect(nan.sum().item()).toBeNaN()
    expect(nan.isnan().toArray()).toEqual([true, false])
    expect(nan.eq(nan).toArray()).toEqual([false, true])
  })
})

describe('making tensors refuses', () => {
  const detached = new Float32Array([1, 2])
  structuredClone(detached.buffer, { transfer: [detached.buffer] })
  it.each<[string, () => unknown, RegExp]>([
    [
      'ragged lists',
      () => torch.tensor([[1, 2], [3]]),
      /tensor: ragged lists: expected 2 elements at depth 1, received 1/,
    ],
    [
      'a number beside a list',
      () => torch.tensor([[1], 2]),
      /ragged lists: expected 1 elements at depth 1, received a number/,
    ],
    ['a list beside a number', () => torch.tensor([1, [2]]), /expected a number at depth 1, received a list/],
    ['what is no number', () => torch.tensor(['1'] as never), /expected a number at depth 1, received string/],
    ['undefined', () => torch.tensor(undefined as never), /expected a number at depth 0, received undefined/],
    ['null', () => torch.tensor(null as never), /expected a number at depth 0, received object/],
    [
      'a shape that does not fit',
      () => torch.tensor([1, 2, 3], { shape: [2, 2] }),
      /shape \[2, 2\] has 4 elements, the data have 3/,
    ],
    ['a negative size', () => torch.tensor([1], { shape: [-1] }), /negative size in shape \[-1\]/],
    ['an absurd shape', () => torch.tensor([1], { shape: [2 ** 50, 2 ** 50] }), /is too large/],
    [
      'a fractional size',
      () => torch.tensor([1], { shape: [0.5] }),
      /shape: expected a safe integer, received the number 0.5/,
    ],
    ['a shape that is no list', () => torch.tensor([1], { shape: 1 as never }), /shape: expected a list of integers/],
    [
      'an unknown dtype',
      () => torch.tensor([1], { dtype: 'int4' as never }),
      /expected a dtype such as 'float32', received the string 'int4'/,
    ],
    [
      'an array without a dtype',
      () => torch.tensor(new Uint32Array(1) as never),
      /this kind of typed array has no dtype/,
    ],
    [
      'a DataView',
      () => torch.tensor(new DataView(new ArrayBuffer(4)) as never),
      /expected a number at depth 0, received object/,
    ],
    ['a detached buffer', () => torch.tensor(detached), /buffer was transferred away \(detached\)/],
    [
      'a buffer that the shape takes away',
      () => {
        const data = new Float32Array([1, 2])
        const shape = [0]
        const take = () => {
          structuredClone(data.buffer, { transfer: [data.buffer] })
          return 2
        }
        Object.defineProperty(shape, 0, { get: take })
        return torch.tensor(data, { shape })
      },
      /detached/,
    ],
    [
      'detached bytes',
      () => torch.fromBytes(new Uint8Array(detached.buffer), { shape: [0], dtype: 'uint8' }),
      /detached/,
    ],
    [
      'bytes that are none',
      () => torch.fromBytes([1] as never, { shape: [1], dtype: 'uint8' }),
      /expected a typed array, received a list/,
    ],
    [
      'too few bytes',
      () => torch.fromBytes(new Uint8Array(7), { shape: [2], dtype: 'float32' }),
      /takes 2 elements of 4 bytes, received 7 bytes/,
    ],
  ])('%s', (_, body, message) => {
    expect(body).toThrow(message)
  })
})

describe('reading tensors', () => {
  it('gives C order whatever lies in memory', () => {
    const x = torch.arange(6, { dtype: 'float32' }).reshape([2, 3])
    expect(x.t().toTypedArray()).toEqual(new Float32Array([0, 3, 1, 4, 2, 5]))
    expect(x.slice({ dim: 1, step: 2 }).toArray()).toEqual([
      [0, 2],
      [3, 5],
    ])
    const image = torch.arange(16, { dtype: 'float32' }).reshape([1, 4, 2, 2])
    const last = image.to({ memoryFormat: 'channels_last' })
    expect([image.isChannelsLast, last.isChannelsLast]).toEqual([false, true])
    expect(last.toTypedArray()).toEqual(image.toTypedArray())
    expect(last.to({ memoryFormat: 'channels_last' })).toBe(last)
  })
  it('widens half precisions and tells bool from numbers', () => {
    const x = torch.tensor([1.0078125, -3], { dtype: 'bfloat16' })
    expect(x.toTypedArray()).toEqual(new Float32Array([1.0078125, -3]))
    expect(torch.tensor([0.5], { dtype: 'float16' }).toTypedArray()).toEqual(new Float32Array([0.5]))
    expect(torch.tensor([true]).toTypedArray()).toEqual(new Uint8Array([1]))
  })
  it('round trips raw bytes', () => {
    const x = torch.tensor([1, -2.5], { dtype: 'bfloat16' })
    expect([...torch.toBytes(x)]).toEqual([0x80, 0x3f, 0x20, 0xc0])
    expect(torch.fromBytes(torch.toBytes(x), { shape: [2], dtype: 'bfloat16' }).toArray()).toEqual([1, -2.5])
    const bool = torch.fromBytes(new Uint8Array([0, 7, 255]), { shape: [3], dtype: 'bool' })
    expect([...torch.toBytes(bool)]).toEqual([0, 1, 1])
  })
  it('item() is for one element', () => {
    expect(torch.tensor([[2.5]]).item()).toBe(2.5)
    expect(torch.tensor([true]).item()).toBe(1)
    expect(() => torch.ones([2, 1]).item()).toThrow('item: expected one element, received float32 [2, 1]')
    expect(() => torch.zeros([0]).item()).toThrow('item: expected one element, received float32 [0]')
  })
  it('refuses complex numbers, for which there is no array', () => {
    expect(() => torch.ones([1], { dtype: 'complex64' }).toTypedArray()).toThrow(/no typed array holds complex64 \[1\]/)
  })
  it('prints dtype, shape and device', () => {
    expect(String(torch.zeros([2, 3]))).toBe('Tensor(float32 [2, 3] cpu)')
  })
})

describe('views', () => {
  it('share memory with what they view', () => {
    const x = torch.zeros([2, 2])
    x.select(0, 1).fill_(5)
    x.view([4]).narrow(0, 0, 1).add_(1)
    expect(x.toArray()).toEqual([
      [1, 0],
      [5, 5],
    ])
    expect(x.expand([3, 2, 2]).shape).toEqual([3, 2, 2])
  })
  it('outlive the tensor that they view', () => {
    const x = torch.tensor([1, 2, 3])
    const tail = x.narrow(0, 1, 2)
    x.dispose()
    expect(tail.toArray()).toEqual([2, 3])
  })
  it('clone and contiguous copy where they must', () => {
    const x = torch.arange(4, { dtype: 'float32' }).reshape([2, 2])
    const copy = x.clone()
    copy.zero_()
    expect(x.sum().item()).toBe(6)
    expect(x.t().contiguous().toArray()).toEqual([
      [0, 2],
      [1, 3],
    ])
  })
  it('permute, flip, roll, unsqueeze, stack, cat, chunk and split as PyTorch does', () => {
    const x = torch.arange(6).reshape([1, 2, 3])
    expect(x.permute([2, 0, 1]).shape).toEqual([3, 1, 2])
    expect(torch.arange(3).flip([0]).toArray()).toEqual([2, 1, 0])
    expect(torch.arange(3).roll(1).toArray()).toEqual([2, 0, 1])
    expect(torch.arange(3).unsqueeze(0).shape).toEqual([1, 3])
    expect(torch.stack([torch.arange(2), torch.arange(2)], { dim: 1 }).toArray()).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect(torch.arange(5).chunk(2).map(String)).toEqual(['Tensor(int64 [3] cpu)', 'Tensor(int64 [2] cpu)'])
    expect(torch.arange(5).split(2)[2]!.toArray()).toEqual([4])
  })
})

describe('broadcasting', () => {
  it('stretches sizes of one', () => {
    const sum = torch.tensor([[1], [2]]).add(torch.tensor([10, 20, 30]))
    expect(sum.toArray()).toEqual([
      [11, 21, 31],
      [12, 22, 32],
    ])
  })
  it('promotes dtypes as PyTorch does', () => {
    expect(int64([1]).add(torch.tensor([1.5])).dtype).toBe('float32')
    expect(torch.tensor([1], { dtype: 'bfloat16' }).add(torch.tensor([1], { dtype: 'float16' })).dtype).toBe('float32')
    expect(
      int64([3])
        .div(int64([2]))
        .item(),
    ).toBe(1.5)
    expect(torch.tensor([true]).add(torch.tensor([true])).dtype).toBe('bool')
  })
  it('names both shapes where they do not fit', () => {
    expect(() => torch.ones([2]).add(torch.ones([3]))).toThrow(/aten::add: .*self float32 \[2\], other float32 \[3\]/)
  })
})

describe('indexing', () => {
  const x = torch.arange(12, { dtype: 'float32' }).reshape([3, 4])
  it('by lists of indices', () => {
    expect(x.indexSelect(1, int64([3, 0])).toArray()).toEqual([
      [3, 0],
      [7, 4],
      [11, 8],
    ])
    expect(x.gather(1, int64([1, 2, 0]).unsqueeze(1)).toArray()).toEqual([[1], [6], [8]])
    expect(torch.index(x, [int64([2, 0])]).toArray()).toEqual([
      [8, 9, 10, 11],
      [0, 1, 2, 3],
    ])
    expect(torch.index(x, [null, int64([1])]).toArray()).toEqual([[1], [5], [9]])
    expect(x.take(int64([11, 0])).toArray()).toEqual([11, 0])
  })
  it('by masks', () => {
    expect(x.maskedSelect(x.gt(8)).toArray()).toEqual([9, 10, 11])
    expect(torch.where(x.gt(8), x, x.neg()).sum().item()).toBe(30 - 36)
    expect(x.maskedFill(x.gt(0), 1).sum().item()).toBe(11)
    expect(x.gt(9).nonzero().toArray()).toEqual([
      [2, 2],
      [2, 3],
    ])
  })
  it('writes in place', () => {
    const y = torch.zeros([3])
    y.indexPut_([int64([0, 2])], torch.tensor([5, 6]))
    y.indexAdd_(0, int64([2]), torch.tensor([1]))
    y.scatter_(0, int64([1]), torch.tensor([9]))
    expect(y.toArray()).toEqual([5, 9, 7])
  })
  it('one-hot, argmax, top-k and sort', () => {
    expect(torch.oneHot(int64([1, 0]), { numClasses: 3 }).toArray()).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ])
    expect(x.argmax({ dim: 1 }).toArray()).toEqual([3, 3, 3])
    expect(torch.topk(torch.tensor([3, 1, 2]), 2)[0].toArray()).toEqual([3, 2])
    expect(torch.sort(torch.tensor([3, 1, 2]))[1].toArray()).toEqual([1, 2, 0])
  })
})
