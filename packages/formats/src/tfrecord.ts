/**
 * TFRecord framing: u64 length, u32 masked CRC32C of those 8 bytes, the data, u32 masked CRC32C of the data; little-endian.
 * The mask, ((c >>> 15) | (c << 17)) + a282ead8, keeps a checksum of checksums from being zero.
 */
import { crc32c } from './crc.ts'

const HEADER = 12
const FOOTER = 4

const masked = (bytes: Uint8Array): number => {
  const c = crc32c(bytes)
  return (((c >>> 15) | (c << 17)) + 0xa282ead8) >>> 0
}

/** One record around `data`. */
export function frame(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + data.length + FOOTER)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, masked(bytes.subarray(0, 8)), true)
  bytes.set(data, HEADER)
  view.setUint32(HEADER + data.length, masked(data), true)
  return bytes
}

export interface TfRecord {
  data: Uint8Array
  /** From 1. */
  number: number
  /** Where it begins, and where the next one does. */
  start: number
  end: number
}

/** The whole records, in order; a last one that is cut off is left out. Throws an Error that names a record with a wrong checksum. */
export function* records(bytes: Uint8Array): Generator<TfRecord> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let start = 0, number = 1; start + HEADER <= bytes.length; number++) {
    const wrong = (part: string) =>
      new Error(
        `Record ${number} (at byte ${start}) is damaged: the checksum of its ${part} does not match. ` +
          `Keep the ${start} bytes before it, or copy the file again.`,
      )
    if (masked(bytes.subarray(start, start + 8)) !== view.getUint32(start + 8, true)) throw wrong('length')
    const length = Number(view.getBigUint64(start, true))
    const end = start + HEADER + length + FOOTER
    if (end > bytes.length) return
    const data = bytes.subarray(start + HEADER, end - FOOTER)
    if (masked(data) !== view.getUint32(end - FOOTER, true)) throw wrong('data')
    yield { data, number, start, end }
    start = end
  }
}
