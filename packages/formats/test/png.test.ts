import fc from 'fast-check'
import { encode } from 'fast-png'
import { zlibSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { decodePng, encodePng, type Rgb } from '../src/index.ts'

const images = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height })
      .map((data): Rgb => ({ width, height, data })),
  )

const plain = ({ width, height, data }: Rgb) => ({ width, height, data: [...data] })

describe('PNG images', () => {
  it('come back as they were written', () => {
    fc.assert(fc.property(images, (image) => void expect(plain(decodePng(encodePng(image)))).toEqual(plain(image))))
  })

  it('are read from any place in a larger buffer', () => {
    const image = { width: 1, height: 2, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }
    const file = encodePng(image)
    const buffer = Buffer.concat([Buffer.alloc(13), file])
    expect(plain(decodePng(buffer.subarray(13)))).toEqual(plain(image))
  })

  it.each([
    ['grey', 1, [10, 200], [10, 10, 10, 200, 200, 200]],
    ['grey with alpha', 2, [10, 0, 200, 255], [10, 10, 10, 200, 200, 200]],
    ['RGB', 3, [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]],
    ['RGBA', 4, [1, 2, 3, 0, 4, 5, 6, 255], [1, 2, 3, 4, 5, 6]],
  ])('of %s become RGB, alpha dropped', (_, channels, samples, expected) => {
    for (const interlace of ['null', 'Adam7'] as const) {
      const eight = encode({ width: 2, height: 1, channels, depth: 8, data: Uint8Array.from(samples) }, { interlace })
      expect([...decodePng(eight).data]).toEqual(expected)
      const wide = Uint16Array.from(samples, (sample) => sample * 257)
      const sixteen = encode({ width: 2, height: 1, channels, depth: 16, data: wide }, { interlace })
      expect([...decodePng(sixteen).data]).toEqual(expected)
    }
  })

  it('of 16 bits are rounded to the nearest of 256 levels', () => {
    const data = Uint16Array.of(0, 128, 129, 65535)
    const file = encode({ width: 4, height: 1, channels: 1, depth: 16, data })
    expect([...decodePng(file).data.filter((_, i) => i % 3 === 0)]).toEqual([0, 0, 1, 255])
  })

  it('of 1, 2 and 4 bits of grey span black to white, rows padded to bytes', () => {
    const greys = (width: number, height: number, depth: 1 | 2 | 4, packed: number[]) =>
      [...decodePng(pngFile({ width, height, depth, colourType: 0 }, packed)).data].filter((_, i) => i % 3 === 0)
    expect(greys(3, 2, 1, [0b10100000, 0b01000000])).toEqual([255, 0, 255, 0, 255, 0])
    expect(greys(5, 1, 2, [0b00011011, 0b11000000])).toEqual([0, 85, 170, 255, 255])
    expect(greys(3, 1, 4, [0x0f, 0x10])).toEqual([0, 255, 17])
  })

  it('with a palette are looked up, transparent colours included', () => {
    const palette = Uint8Array.of(255, 0, 0, 0, 0, 255)
    const extra = [chunk('PLTE', palette), chunk('tRNS', Uint8Array.of(0))]
    const file = pngFile({ width: 3, height: 1, depth: 1, colourType: 3 }, [0b01000000], extra)
    expect([...decodePng(file).data]).toEqual([255, 0, 0, 0, 0, 255, 255, 0, 0])
  })

  it('are not spoilt by broken metadata', () => {
    const profile = chunk('iCCP', Uint8Array.of(65, 0, 0, 1, 2, 3))
    const file = pngFile({ width: 1, height: 1, depth: 8, colourType: 2 }, [7, 8, 9], [profile])
    expect([...decodePng(file).data]).toEqual([7, 8, 9])
  })
})

describe('PNG files that cannot be read', () => {
  const file = encodePng({ width: 4, height: 3, data: new Uint8Array(36).map((_, i) => 7 * i) })

  it('are refused wherever they are cut off', () => {
    for (let length = 0; length < file.length; length++) {
      expect(() => decodePng(file.subarray(0, length)), `${length} bytes`).toThrow(/^The (PNG image|data) .*\. \w.*\.$/)
    }
  })

  it('are refused whichever byte is damaged', () => {
    for (let at = 0; at < file.length; at++) {
      const broken = file.slice()
      broken[at]! ^= 0x10
      expect(() => decodePng(broken), `byte ${at}`).toThrow(/^(The|Interlaced) .*\. \w.*\.$/)
    }
  })

  it('of another format are named', () => {
    expect(() => decodePng(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toThrow('does not begin with the PNG signature')
  })

  it('that claim more pixels than they hold take no memory', () => {
    const header = { depth: 8, colourType: 2 } as const
    expect(() => decodePng(pngFile({ ...header, width: 2 ** 31, height: 2 ** 31 }, [0]))).toThrow('Scale it down')
    expect(() => decodePng(pngFile({ ...header, width: 16384, height: 16384 }, [0]))).toThrow("can't hold")
    expect(() => decodePng(pngFile({ ...header, width: 0, height: 1 }, [0]))).toThrow('0 × 1 pixels')
  })

  it('that lack rows, palette entries or pixel data are damaged', () => {
    const rgb = { width: 1, height: 2, depth: 8, colourType: 2 } as const
    expect(() => decodePng(pngFile(rgb, [1, 2, 3]))).toThrow('damaged')
    const indexed = { width: 1, height: 1, depth: 8, colourType: 3 } as const
    expect(() => decodePng(pngFile(indexed, [5], [chunk('PLTE', Uint8Array.of(1, 2, 3))]))).toThrow('colour 5')
    expect(() => decodePng(pngFile(indexed, [0]))).toThrow('palette lacks')
    expect(() => decodePng(pngFile({ ...indexed, depth: 16 }, [0, 0]))).toThrow('colour type 3 with 16 bits')
  })

  it('of fewer than 8 interlaced bits say what to do', () => {
    const file = pngFile({ width: 1, height: 1, depth: 1, colourType: 0, interlace: 1 }, [0])
    expect(() => decodePng(file)).toThrow('Save the image without interlacing.')
  })

  it('are never written', () => {
    expect(() => encodePng({ width: 2, height: 2, data: new Uint8Array(4) })).toThrow('Give data of shape')
    expect(() => encodePng({ width: 0, height: 2, data: new Uint8Array(0) })).toThrow('Give data of shape')
  })
})

type Header = { width: number; height: number; depth: number; colourType: number; interlace?: number }

/** A file with the given packed rows (split evenly, filter 0), made from the specification alone. */
function pngFile({ width, height, depth, colourType, interlace = 0 }: Header, packed: number[], extra: Buffer[] = []) {
  const ihdr = Buffer.alloc(13)
  ihdr.writeUInt32BE(width, 0)
  ihdr.writeUInt32BE(height, 4)
  ihdr.set([depth, colourType, 0, 0, interlace], 8)
  const channels = colourType === 2 ? 3 : 1
  const bytesPerRow = Math.ceil((width * channels * depth) / 8) || 1
  const rows: number[] = []
  for (let at = 0; at < packed.length; at += bytesPerRow) rows.push(0, ...packed.slice(at, at + bytesPerRow))
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  const idat = chunk('IDAT', zlibSync(Uint8Array.from(rows)))
  return Buffer.concat([signature, chunk('IHDR', ihdr), ...extra, idat, chunk('IEND', new Uint8Array(0))])
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  let crc = 0xffffffff
  for (const byte of body) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  sum.writeUInt32BE(~crc >>> 0)
  return Buffer.concat([length, body, sum])
}
