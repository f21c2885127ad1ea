import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { type NpySource, readNpz, writeNpz } from '../src/index.ts'

const vector = (...values: number[]): NpySource => ({
  shape: [values.length],
  dtype: 'float64',
  data: Float64Array.from(values),
})

describe('npz archives', () => {
  it('give every array back under its name, stored or compressed', () => {
    const names = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    const archives = fc.dictionary(names, fc.array(fc.double(), { maxLength: 9 }))
    fc.assert(
      fc.property(archives, fc.boolean(), (values, compress) => {
        const arrays = Object.fromEntries(Object.entries(values).map(([name, v]) => [name, vector(...v)]))
        expect(readNpz(writeNpz(arrays, { compress }))).toEqual(arrays)
      }),
      { numRuns: 50 },
    )
  })

  it('of the same arrays are the same bytes', () => {
    const arrays = { mu: vector(1, 2), sigma: vector(3) }
    expect(writeNpz(arrays)).toEqual(writeNpz(arrays))
  })

  it('take less room compressed', () => {
    const arrays = { zeros: vector(...Array(1000).fill(0)) }
    expect(writeNpz(arrays, { compress: true }).length).toBeLessThan(writeNpz(arrays).length / 10)
  })

  it('keep a name that objects have of their own', () => {
    const arrays = Object.fromEntries([['__proto__', vector(1)]])
    expect(Object.entries(readNpz(writeNpz(arrays)))).toEqual([['__proto__', vector(1)]])
  })

  it('may hold other files, which are passed over', () => {
    expect(readNpz(zipSync({ 'readme.txt': strToU8('hello') }))).toEqual({})
  })

  it('are read as numpy.savez and savez_compressed write them', () => {
    const stored = `UEsDBC0AAAAAAAAAIQAjyOf+//////////8FABQAeC5ucHkBABAAhgAAAAAAAACGAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJ3x1MScsICdm
      b3J0cmFuX29yZGVyJzogVHJ1ZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
      ICAgICAgICAgICAgICAKAAMBBAIFUEsBAi0DLQAAAAAAAAAhACPI5/6GAAAAhgAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsFBgAAAAABAAEA
      MwAAAL0AAAAAAA==`
    expect(readNpz(Buffer.from(stored, 'base64'))).toEqual({
      x: { shape: [2, 3], dtype: 'uint8', data: Uint8Array.of(0, 1, 2, 3, 4, 5) },
    })
    const compressed = `UEsDBC0AAAAIAAAAIQCwmMVB//////////8GABQAbXUubnB5AQAQAJAAAAAAAAAATQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOg
      npZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBjD4YQ+hGQ4AAFBLAwQtAAAACAAAACEAdtB5ZP//////////CgAUAGxhYmVs
      cy5ucHkBABAAkAAAAAAAAABKAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6
      mjoKtQoUAC5mBghghdIAUEsBAi0DLQAAAAgAAAAhALCYxUFNAAAAkAAAAAYAAAAAAAAAAAAAAIABAAAAAG11Lm5weVBLAQItAy0AAAAIAAAAIQB2
      0HlkSgAAAJAAAAAKAAAAAAAAAAAAAACAAYUAAABsYWJlbHMubnB5UEsFBgAAAAACAAIAbAAAAAsBAAAAAA==`
    expect(readNpz(Buffer.from(compressed, 'base64'))).toEqual({
      mu: vector(1.5, -2),
      labels: { shape: [2], dtype: 'int64', data: BigInt64Array.of(3n, 5n) },
    })
  })
})

describe('npz archives that cannot be read', () => {
  const archive = writeNpz({ a: vector(1, 2, 3), b: vector(4) }, { compress: true })
  const directory = new DataView(archive.buffer, archive.byteOffset).getUint32(archive.length - 6, true)
  /** The archive with a 32-bit field of the directory's first entry overwritten. */
  const forged = (field: number, value: number) => {
    const bytes = archive.slice()
    new DataView(bytes.buffer).setUint32(directory + field, value, true)
    return bytes
  }

  it('are refused wherever they are cut off', () => {
    for (let length = 0; length < archive.length; length++) {
      expect(() => readNpz(archive.subarray(0, length)), `${length} bytes`).toThrow(/^The .*\. \w.*\.$/)
    }
  })

  it('are refused when a byte of the arrays is damaged', () => {
    for (let at = 60; at < 100; at++) {
      const bytes = archive.slice()
      bytes[at]! ^= 1
      expect(() => readNpz(bytes), `byte ${at}`).toThrow(/damaged|encrypted|can't be read/)
    }
  })

  it('that claim more than they hold take no memory', () => {
    expect(() => readNpz(forged(24, 2 ** 30))).toThrow("can't hold 1073741824")
    expect(() => readNpz(forged(24, 0xf0000000))).toThrow('more than 2 GiB')
    expect(() => readNpz(forged(20, archive.length))).toThrow('overlap')
    expect(() => readNpz(forged(42, 0xfffffff0))).toThrow('a file in it is missing')
  })

  it('that are encrypted, 64-bit or no archives at all say what to do', () => {
    expect(() => readNpz(forged(8, 0x00080001))).toThrow('Save it with numpy.savez.')
    const large = archive.slice()
    large.fill(0xff, large.length - 14, large.length - 2)
    expect(() => readNpz(large)).toThrow('64-bit')
    expect(() => readNpz(strToU8('not a zip archive, only some text'))).toThrow('not a ZIP archive')
  })

  it('name the array at fault', () => {
    const wrong = zipSync({ 'mu.npy': strToU8('hello') })
    expect(() => readNpz(wrong)).toThrow(/^mu\.npy: The data does not begin with npy's magic string\./)
  })

  it('are never written', () => {
    expect(() => writeNpz({ '': vector(1) })).toThrow('Give every array a name.')
  })
})
