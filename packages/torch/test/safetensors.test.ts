import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { loadSafetensors, readSafetensorsMetadata, saveSafetensors, scope, type Tensor } from '../src/index.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'safetensors-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

/** A file of this header, whatever it says, and this many bytes of data. */
function write(name: string, header: unknown, dataBytes = 0, headerLength?: bigint): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(headerLength ?? BigInt(json.length))
  writeFileSync(at(name), Buffer.concat([length, json, Buffer.alloc(dataBytes, 1)]))
  return at(name)
}
const raw = (text: string): string => {
  writeFileSync(at('h'), text)
  return at('h')
}
const f32 = (shape: unknown, begin: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [begin, end] })

describe('a safetensors file', () => {
  it.each(['float64', 'float32', 'bfloat16', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'] as const)(
    'gives back %s bit by bit, of every shape',
    (dtype) => {
      const tensors = Object.fromEntries(
        [[], [3], [0], [2, 0, 3], [1, 2, 3]].map((shape) => {
          const count = shape.reduce((a, b) => a * b, 1)
          return [
            `x[${shape}]`,
            torch.tensor(
              Float64Array.from({ length: count }, (_, i) => i - 1),
              { shape, dtype },
            ),
          ]
        }),
      )
      saveSafetensors(at('dtypes'), tensors)
      const loaded = loadSafetensors(at('dtypes')).tensors
      expect(Object.keys(loaded).toSorted()).toEqual(Object.keys(tensors).toSorted())
      for (const [name, x] of Object.entries(tensors)) {
        expect(loaded[name]!.dtype).toBe(dtype)
        expect(loaded[name]!.shape).toEqual(x.shape)
        expect(torch.toBytes(loaded[name]!)).toEqual(torch.toBytes(x))
      }
    },
  )
  it('keeps NaN payloads, infinities and negative zero', () => {
    const x = torch.tensor([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-45])
    saveSafetensors(at('special'), { x })
    expect(torch.toBytes(loadSafetensors(at('special')).tensors.x!)).toEqual(torch.toBytes(x))
  })
  it('keeps metadata, and reads them alone', () => {
    const metadata = { format: 'pt', ünïcödé: '{"a": [1, "→"]}', empty: '' }
    saveSafetensors(at('metadata'), { x: torch.ones([2]) }, metadata)
    expect(loadSafetensors(at('metadata')).metadata).toEqual(metadata)
    expect(readSafetensorsMetadata(at('metadata'))).toEqual(metadata)
    saveSafetensors(at('metadata'), {})
    expect(loadSafetensors(at('metadata'))).toEqual({ tensors: {}, metadata: {} })
  })
  it('keeps odd names', () => {
    const names = ['', '0', '__proto__', 'constructor', 'a.b.c', '→']
    saveSafetensors(at('names'), Object.fromEntries(names.map((name, i) => [name, torch.full([1], i)])))
    const { tensors } = loadSafetensors(at('names'))
    for (const [i, name] of names.entries())
      expect(Object.getOwnPropertyDescriptor(tensors, name)?.value.item()).toBe(i)
  })
  it('is laid out as the format says: length, JSON, aligned data', () => {
    saveSafetensors(at('layout'), { b: torch.tensor([1, 2]), a: torch.tensor([3], { dtype: 'uint8' }) }, { k: 'v' })
    const bytes = readFileSync(at('layout'))
    const length = Number(bytes.readBigUInt64LE(0))
    expect((8 + length) % 8).toBe(0)
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).toEqual({
      __metadata__: { k: 'v' },
      b: f32([2], 0, 8),
      a: { dtype: 'U8', shape: [1], data_offsets: [8, 9] },
    })
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 64, 3])
  })
  it('stores a view as its own elements', () => {
    saveSafetensors(at('view'), { x: torch.arange(6).reshape([2, 3]).t() })
    expect(loadSafetensors(at('view')).tensors.x!.toArray()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ])
  })
  it('replaces an older file whole', () => {
    saveSafetensors(at('twice'), { x: torch.ones([100]) })
    saveSafetensors(at('twice'), { x: torch.zeros([1]) })
    expect(loadSafetensors(at('twice')).tensors.x!.toArray()).toEqual([0])
  })
})

describe('saving refuses, and leaves no half-written file:', () => {
  const parts = () => readdirSync(folder).filter((name) => name.endsWith('.part'))
  const gone = torch.ones([1])
  gone.dispose()
  it.each<[string, string, () => Record<string, Tensor>, Record<string, string> | undefined, RegExp]>([
    ['a folder that is not there', 'missing/x', () => ({ x: torch.ones([1]) }), undefined, /ENOENT/],
    [
      'a complex tensor',
      'bad',
      () => ({ z: torch.ones([1], { dtype: 'complex64' }) }),
      undefined,
      /z is complex64, which the format does not hold/,
    ],
    ['a disposed tensor', 'bad', () => ({ x: torch.ones([1]), gone }), undefined, /disposed/],
    ['metadata that are no strings', 'bad', () => ({}), { n: 5 as never }, /metadata must be strings/],
    [
      'the name that metadata have',
      'bad',
      () => ({ __metadata__: torch.ones([1]) }),
      undefined,
      /cannot be the name of a tensor/,
    ],
  ])('%s', (_, name, tensors, metadata, message) => {
    expect(() => saveSafetensors(at(name), tensors(), metadata)).toThrow(message)
    expect(parts()).toEqual([])
    expect(readdirSync(folder)).not.toContain(name)
  })
  it('a folder in the place of the file', () => {
    mkdirSync(at('folder'))
    expect(() => saveSafetensors(at('folder'), { x: torch.ones([1]) })).toThrow(/EISDIR|ENOTEMPTY|EPERM/)
    expect(parts()).toEqual([])
  })
})

describe('loading refuses', () => {
  it.each<[string, () => string, RegExp]>([
    ['an empty file', () => raw(''), /0 bytes are too few/],
    ['a file of seven bytes', () => raw('1234567'), /7 bytes are too few/],
    ['a folder', () => folder, /is not a readable safetensors file/],
    ['an absurd header length', () => write('h', {}, 0, 2n ** 63n), /header is said to take 9223372036854776000 bytes/],
    [
      'a header longer than the file',
      () => write('h', {}, 0, 100n),
      /header is said to take 100 bytes, the file has 10/,
    ],
    ['what is not JSON', () => write('h', '{"x": '), /its header is not JSON/],
    ['no bytes of header', () => write('h', ''), /its header is not JSON/],
    ['a list', () => write('h', []), /not a JSON object/],
    ['metadata that are no strings', () => write('h', { __metadata__: { a: 1 } }), /metadata are not all strings/],
    ['a tensor that is a number', () => write('h', { x: 5 }), /tensor x has no description/],
    ['an unknown dtype', () => write('h', { x: { ...f32([1], 0, 4), dtype: 'F8_E4M3' } }, 4), /unknown dtype F8_E4M3/],
    ['no dtype', () => write('h', { x: { shape: [1], data_offsets: [0, 4] } }, 4), /unknown dtype undefined/],
    ['a negative size', () => write('h', { x: f32([-1], 0, 4) }, 4), /no valid shape/],
    ['a fractional size', () => write('h', { x: f32([0.5], 0, 2) }, 2), /no valid shape/],
    ['a shape that is no list', () => write('h', { x: f32(1, 0, 4) }, 4), /no valid shape/],
    [
      'a shape that overflows',
      () => write('h', { x: f32([2 ** 40, 2 ** 40], 0, 4) }, 4),
      /takes .* bytes, its offsets span 4/,
    ],
    [
      'a shape beyond all numbers',
      () =>
        write('h', {
          x: f32(
            Array(30)
              .fill(2 ** 50)
              .concat(0),
            0,
            0,
          ),
        }),
      /takes NaN bytes/,
    ],
    [
      'a shape that does not fit its bytes',
      () => write('h', { x: f32([2], 0, 4) }, 4),
      /takes 8 bytes, its offsets span 4/,
    ],
    ['one offset', () => write('h', { x: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4), /no valid offsets/],
    ['offsets backwards', () => write('h', { x: f32([1], 4, 0) }, 4), /offsets span -4/],
    ['offsets beyond the file', () => write('h', { x: f32([4], 0, 16) }, 4), /takes? 16 bytes, the file holds 4/],
    [
      'tensors that overlap',
      () => write('h', { x: f32([2], 0, 8), y: f32([2], 4, 12) }, 12),
      /tensor y begins at byte 4 of the data, not at 8/,
    ],
    [
      'a gap',
      () => write('h', { x: f32([1], 0, 4), y: f32([1], 8, 12) }, 12),
      /tensor y begins at byte 8 of the data, not at 4/,
    ],
    ['bytes left over', () => write('h', { x: f32([1], 0, 4) }, 5), /its tensors take 4 bytes, the file holds 5/],
  ])('%s', (_, make, message) => {
    const path = make()
    expect(() => loadSafetensors(path)).toThrow(message)
    expect(() => loadSafetensors(path)).toThrow(path)
  })
  it('a file that is not there', () => {
    expect(() => loadSafetensors(at('nowhere'))).toThrow(/ENOENT/)
  })
  it('a file cut off anywhere', () => {
    saveSafetensors(at('whole'), { x: torch.ones([8]), y: torch.ones([3], { dtype: 'int64' }) }, { a: 'b' })
    const whole = readFileSync(at('whole'))
    for (const length of [
      Math.floor(whole.length / 2),
      ...Array.from({ length: 40 }, (_, i) => Math.floor((whole.length * i) / 40)),
    ]) {
      writeFileSync(at('cut'), whole.subarray(0, length))
      expect(() => loadSafetensors(at('cut'))).toThrow(/is not a readable safetensors file/)
    }
  })
})

describe('any change of any bytes', () => {
  it('gives tensors or an Error, never more', () => {
    saveSafetensors(at('seed'), { x: torch.ones([4]), flags: torch.tensor([true, false]) }, { a: 'b' })
    const seed = readFileSync(at('seed'))
    const before = torch.memory().tensors
    const change = fc.tuple(fc.nat(seed.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(seed.length), (changes, length) => {
        const bytes = Buffer.from(seed)
        for (const [i, value] of changes) bytes[i] = value
        writeFileSync(at('mutant'), length % 3 ? bytes : bytes.subarray(0, length))
        scope(() => {
          try {
            const { tensors } = loadSafetensors(at('mutant'))
            for (const x of Object.values(tensors)) expect(x.toTypedArray().length).toBe(x.numel)
          } catch (error) {
            expect((error as Error).message).toMatch(
              /is not a readable safetensors file: .+\. Fetch or write it again\.$/,
            )
          }
        })
      }),
      { numRuns: 1500, seed: 5 },
    )
    expect(torch.memory().tensors).toBe(before)
  })
})
