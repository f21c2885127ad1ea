import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NpySource, readNpy, writeNpy } from '../src/index.ts'

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
const filled = <T>(element: fc.Arbitrary<T>, make: (values: T[]) => NpySource['data'], dtype: NpySource['dtype']) =>
  shapes.chain((shape) => {
    const length = shape.reduce((product, size) => product * size, 1)
    return fc
      .array(element, { minLength: length, maxLength: length })
      .map((values): NpySource => ({ shape, dtype, data: make(values) }))
  })
const arrays = fc.oneof(
  filled(fc.float(), (values) => Float32Array.from(values), 'float32'),
  filled(fc.double(), (values) => Float64Array.from(values), 'float64'),
  filled(fc.integer(), (values) => Int32Array.from(values), 'int32'),
  filled(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (values) => BigInt64Array.from(values), 'int64'),
  filled(fc.nat(255), (values) => Uint8Array.from(values), 'uint8'),
  filled(fc.nat(1), (values) => Uint8Array.from(values), 'bool'),
)

/** A file with any header text, version and data, as NumPy pads it or not. */
function npyFile(header: string, data: ArrayLike<number>, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header)
  const length = [text.length & 255, text.length >> 8, ...(version === 1 ? [] : [0, 0])]
  return Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...length, ...text, ...Array.from(data))
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`

describe('npy files', () => {
  it('give every array back, in dtype, shape and bits', () => {
    fc.assert(fc.property(arrays, (array) => void expect(readNpy(writeNpy(array))).toEqual(array)))
  })

  it("are NumPy's own", () => {
    const array = { shape: [2, 3], dtype: 'float32', data: Float32Array.of(0, 1, 2, 3, 4, 5) } as const
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    const numpy = npyFile(`${text.padEnd(117)}\n`, new Uint8Array(array.data.buffer))
    expect(readNpy(numpy)).toEqual(array)
    expect([...writeNpy(array)]).toEqual([...numpy])
  })

  it.each([[1], [2], [3]])('of format version %i are read', (version) => {
    expect(readNpy(npyFile(header('|u1', '(2,)'), [7, 8], version)).data).toEqual(Uint8Array.of(7, 8))
  })

  it('of a Node Buffer give a copy that starts at its own byte 0', () => {
    const file = Buffer.from(writeNpy({ shape: [2], dtype: 'int32', data: Int32Array.of(5, -6) }))
    const read = readNpy(file)
    file.fill(0)
    expect(read.data).toEqual(Int32Array.of(5, -6))
  })

  it('in Fortran order come in C order', () => {
    // [2, 3, 2] with element (i, j, k) = 100 i + 10 j + k, the first index running fastest.
    const stored = [0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121]
    const { data } = readNpy(npyFile(header('|u1', '(2, 3, 2)', 'True'), stored))
    expect([...data]).toEqual([0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121])
  })

  it('of float16 and bfloat16 come as float32, exactly', () => {
    const bits = (...words: number[]) => new Uint8Array(Uint16Array.from(words).buffer)
    const half = readNpy(npyFile(header('<f2', '(7,)'), bits(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00, 0x8000)))
    expect(half).toEqual({
      dtype: 'float32',
      shape: [7],
      data: Float32Array.of(1, -2, 2 ** -24, 65504, Number.POSITIVE_INFINITY, Number.NaN, -0),
    })
    expect(readNpy(npyFile(header('<V2', '(2,)'), bits(0x3f80, 0xc049))).data).toEqual(Float32Array.of(1, -3.140625))
  })
})

describe('npy files that cannot be read', () => {
  const file = writeNpy({ shape: [2, 2], dtype: 'float64', data: Float64Array.of(1, 2, 3, 4) })

  it('are refused wherever they are cut off, and with bytes too many', () => {
    for (let length = 0; length < file.length; length++) {
      expect(() => readNpy(file.subarray(0, length)), `${length} bytes`).toThrow(/^The .*\. \w.*\.$/)
    }
    expect(() => readNpy(Uint8Array.of(...file, 0))).toThrow('asks for 32 bytes of data where 33 follow')
  })

  it.each([
    ['big-endian numbers', header('>f4', '(1,)'), "can't be read. Save the array as little-endian"],
    ['complex numbers', header('<c8', '(1,)'), '"<c8"'],
    ['a name of every object', header('toString', '(1,)'), '"toString"'],
    ['records', "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 'plain array'],
    ['an absurd shape', header('<f4', '(99999999999, 99999999999)'), 'asks for'],
    ['a shape beyond numbers', header('<f4', `(${'9'.repeat(400)}, 0)`), 'asks for NaN bytes'],
    ['a negative shape', header('<f4', '(-1,)'), 'plain array'],
    ['too many dimensions', header('<f4', `(${'1,'.repeat(65)})`), '65 dimensions'],
    ['no header', '', 'plain array'],
    ['hundreds of half-begun headers', "'descr':  ".repeat(2000), 'plain array'],
  ])('because of %s, say so', (_, text, message) => {
    expect(() => readNpy(npyFile(text, [0, 0, 0, 0]))).toThrow(message)
  })

  it('because of an unknown version or a huge header, say so', () => {
    expect(() => readNpy(npyFile(header('<f4', '(1,)'), [0, 0, 0, 0], 9))).toThrow('version 9')
    const long = npyFile(' '.repeat(65535), [0, 0, 0, 0], 2)
    expect(() => readNpy(long)).toThrow('too long')
  })

  it('never do worse than throw an Error, whatever the bytes', () => {
    const attempt = (bytes: Uint8Array) => {
      try {
        readNpy(bytes)
      } catch (error) {
        expect((error as Error).message).toMatch(/\. \w.*\.$/s)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), attempt))
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => attempt(npyFile(text, [1, 2, 3, 4]))))
  })

  it.each([
    [{ shape: [3], dtype: 'float32', data: Float32Array.of(1, 2) }],
    [{ shape: [2], dtype: 'float64', data: Float32Array.of(1, 2) }],
    [{ shape: [-1, -2], dtype: 'float32', data: Float32Array.of(1, 2) }],
    [{ shape: Array(65).fill(1), dtype: 'float32', data: Float32Array.of(1) }],
  ] satisfies [NpySource][])('are never written: %j', (array) => {
    expect(() => writeNpy(array)).toThrow('as many elements as the shape asks for')
  })
})
