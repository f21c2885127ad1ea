import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  crc32,
  crc32c,
  encodePng,
  eventFileHeader,
  eventFileName,
  imageEvent,
  readEvents,
  scalarEvents,
  wholeLength,
} from '../src/index.ts'

const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))

/** What TensorFlow 2 wrote for tf.summary.scalar('accuracy', 0.99, step=77), from the tests of TensorBoard's data server. */
const tensorFlow = {
  header: bytesOf(`18 00 00 00 00 00 00 00 a3 7f 4b 22
    09 00 00 80 38 99 d6 d7 41 1a 0d 62 72 61 69 6e 2e 45 76 65 6e 74 3a 32 12 4b 36 ab`),
  accuracy: bytesOf(`32 00 00 00 00 00 00 00 24 19 56 ec
    09 c4 05 b7 3d 99 d6 d7 41 10 4d 2a 25 0a 23 0a 08 61 63 63 75 72 61 63 79 42 0a 08 01 12 00 22
    04 a4 70 7d 3f 4a 0b 0a 09 0a 07 73 63 61 6c 61 72 73 a5 5b 64 33`),
}

const png = encodePng({ width: 2, height: 3, data: new Uint8Array(18).fill(200) })
const loss = scalarEvents({ wallTime: 1.5, step: 10, scalars: { 'loss/total': 0.25, lr: 1e-3 } })
const grid = imageEvent({ wallTime: 2, step: 2 ** 40, tag: 'samples', png, width: 2, height: 3 })
const file = joined(eventFileHeader(1), loss, grid)

describe('the checksums', () => {
  it('have the published check values', () => {
    const text = (s: string) => new TextEncoder().encode(s)
    expect([crc32c(text('123456789')), crc32(text('123456789'))]).toEqual([0xe3069283, 0xcbf43926])
    expect([crc32c(text('')), crc32c(text('a'))]).toEqual([0, 0xc1d04330])
  })

  it('of RFC 3720, appendix B.4: 32 bytes of zeros, of ones, rising and falling', () => {
    const sums = [() => 0, () => 255, (i: number) => i, (i: number) => 31 - i].map((byte) =>
      crc32c(Uint8Array.from({ length: 32 }, (_, i) => byte(i))),
    )
    expect(sums).toEqual([0x8a9136aa, 0x62a8ab43, 0x46dd794e, 0x113fdb5c])
  })
})

describe('an event file', () => {
  it("begins with TensorFlow's own bytes", () => {
    expect(eventFileHeader(1599759586)).toEqual(tensorFlow.header)
  })

  it("of TensorFlow is read; what is not ours in it is passed over, and can't be misread", () => {
    const version = { wallTime: 1599759586, step: 0, fileVersion: 'brain.Event:2', scalars: {}, images: [] }
    const [first, second] = readEvents(joined(tensorFlow.header, tensorFlow.accuracy))
    expect(first).toEqual(version)
    expect(second).toEqual({ wallTime: expect.closeTo(1599759606.86, 1), step: 77, scalars: {}, images: [] })
  })

  it('of one scalar has the bytes that the protocol says', () => {
    // wall_time 1.0, step 3, summary { value { tag 'a', simple_value 1.0 } }
    const data = '09 000000000000f03f 10 03 2a 0a 0a 08 0a 01 61 15 0000803f'
    const bytes = scalarEvents({ wallTime: 1, step: 3, scalars: { a: 1 } })
    expect(bytes.subarray(12, -4)).toEqual(bytesOf(data))
  })

  it('gives back times, steps, scalars and pictures', () => {
    expect(readEvents(file)).toEqual([
      { wallTime: 1, step: 0, fileVersion: 'brain.Event:2', scalars: {}, images: [] },
      { wallTime: 1.5, step: 10, scalars: { 'loss/total': 0.25, lr: Math.fround(1e-3) }, images: [] },
      {
        wallTime: 2,
        step: 2 ** 40,
        scalars: {},
        images: [{ tag: 'samples', png, width: 2, height: 3, colorspace: 3 }],
      },
    ])
    expect(readEvents(new Uint8Array())).toEqual([])
  })

  it('gives back all scalars in float32: zeros, NaN, infinities, and names that objects have of their own', () => {
    const names = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor', ''))
    const scalars = fc.array(fc.tuple(names, fc.float()), { maxLength: 5 }).map(Object.fromEntries)
    fc.assert(
      fc.property(scalars, fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }), (given, step, wallTime) => {
        const [event] = readEvents(scalarEvents({ wallTime, step, scalars: given }))
        expect(event).toEqual({ wallTime, step, scalars: given, images: [] })
      }),
    )
  })

  it('is read from any buffer, and gives copies', () => {
    const shared = new Uint8Array(file.length + 7)
    shared.set(file, 7)
    const events = readEvents(shared.subarray(7))
    shared.fill(0)
    expect(events[2]?.images[0]?.png).toEqual(png)
  })

  it('has a name that TensorBoard looks for', () => {
    expect(eventFileName(1599759586, 'node-3.lab')).toBe('events.out.tfevents.1599759586.node-3.lab')
    expect(eventFileName(0, '../up')).toBe('events.out.tfevents.0..._up')
    expect(() => eventFileName(1.5, 'host')).toThrow('Give whole Unix seconds.')
  })
})

describe('an event file whose writer was killed', () => {
  it('is read up to its last whole record, wherever it breaks off, and tells where to go on', () => {
    const ends = [0, eventFileHeader(1).length, eventFileHeader(1).length + loss.length, file.length]
    for (let length = 0; length <= file.length; length++) {
      const cut = file.subarray(0, length)
      const whole = ends.filter((end) => end <= length)
      expect(wholeLength(cut)).toBe(whole.at(-1))
      expect(readEvents(cut)).toHaveLength(whole.length - 1)
      const mended = joined(cut.subarray(0, wholeLength(cut)), loss)
      expect(readEvents(mended).at(-1)?.step).toBe(10)
    }
  })
})

describe('an event file that is damaged', () => {
  it('in any bit is refused, and the record is named', () => {
    const start = eventFileHeader(1).length
    for (let bit = 0; bit < 8 * loss.length; bit++) {
      const bytes = joined(eventFileHeader(1), loss, grid)
      bytes[start + (bit >> 3)]! ^= 1 << (bit & 7)
      const message =
        /^Record 2 \(at byte 40\) is damaged: the checksum of its (length|data) does not match\. Keep the 40 /
      expect(() => readEvents(bytes)).toThrow(message)
      expect(wholeLength(bytes)).toBe(start)
    }
  })

  it('or something else altogether is refused', () => {
    expect(() => readEvents(png)).toThrow('Record 1 (at byte 0) is damaged')
    const record = scalarEvents({ wallTime: 1, step: 1, scalars: { a: 1 } })
    // Whole TFRecords of other programs: the checksums are right, the message is none.
    const foreign = bytesOf('01 00 00 00 00 00 00 00 a0 6c 2c 3a 0a 00 00 00 00')
    foreign.set(checksumOf(foreign.subarray(0, 8)), 8)
    foreign.set(checksumOf(foreign.subarray(12, 13)), 13)
    expect(() => readEvents(joined(record, foreign))).toThrow(
      `Record 2 (at byte ${record.length}) is no TensorBoard event. Give a file named events.out.tfevents.….`,
    )
  })
})

describe('an event that cannot be', () => {
  it.each([[-1], [0.5], [Number.NaN], [2 ** 60]])('at step %d, is not written', (step) => {
    expect(() => scalarEvents({ wallTime: 0, step, scalars: {} })).toThrow('a whole step of at least 0')
  })

  it('of a picture that is none or of another size, is not written', () => {
    const image = { wallTime: 0, step: 0, tag: 'x', width: 2, height: 3 }
    expect(() => imageEvent({ ...image, png: new Uint8Array(50) })).toThrow('is no PNG. Encode it with encodePng.')
    expect(() => imageEvent({ ...image, png, width: 3, height: 2 })).toThrow('The picture is 2×3, but 3×2 is said.')
  })
})

function checksumOf(bytes: Uint8Array): Uint8Array {
  const c = crc32c(bytes)
  return new Uint8Array(Uint32Array.of(((c >>> 15) | (c << 17)) + 0xa282ead8).buffer)
}
