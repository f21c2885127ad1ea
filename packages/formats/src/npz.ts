/** NumPy's .npz files: a ZIP archive with one .npy file an array (PKWARE's APPNOTE, without its 64-bit extension). */

import { inflateSync, type Zippable, zipSync } from 'fflate'
import { crc32 } from './crc.ts'
import { type NpyArray, type NpySource, readNpy, writeNpy } from './npy.ts'

/** Arrays of one archive are kept in memory together, so there is a limit: 2 GiB. */
const MOST_BYTES = 2 ** 31
/** Deflate codes at most 258 bytes in 2 bits. */
const MOST_EXPANSION = 1032
/** Archives carry a time; a fixed one lets the same arrays give the same bytes. */
const TIME = new Date(1980, 0, 1)

/** The bytes of an archive, as `numpy.savez` (or, with `compress`, `savez_compressed`) lays it out. Throws above 2 GiB. */
export function writeNpz(arrays: Readonly<Record<string, NpySource>>, { compress = false } = {}): Uint8Array {
  const files: Zippable = {}
  let total = 0
  for (const [name, array] of Object.entries(arrays)) {
    if (name === '') throw new Error('An npz array has an empty name. Give every array a name.')
    const bytes = writeNpy(array)
    total += bytes.length
    if (total > MOST_BYTES) {
      throw new Error(
        'The arrays take more than 2 GiB together. Save fewer of them, or each in an npy file of its own.',
      )
    }
    files[`${name}.npy`] = [bytes, { level: compress ? 6 : 0, mtime: TIME }]
  }
  return zipSync(files)
}

/**
 * The arrays of an archive by name, without `.npy`; other files in it are passed over. Throws an Error on truncated or
 * damaged archives, on encrypted ones, and where sizes claimed are more than the archive can hold or more than 2 GiB.
 */
export function readNpz(bytes: Uint8Array): Record<string, NpyArray> {
  const entries = readDirectory(bytes).filter(({ name }) => name.endsWith('.npy'))
  const packed = entries.reduce((sum, { packedSize }) => sum + packedSize, 0)
  const size = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (packed > bytes.length) throw damaged('its files overlap')
  if (size > MOST_BYTES) {
    throw new Error('The npz archive holds more than 2 GiB of arrays. Save them in several archives.')
  }
  return Object.fromEntries(
    entries.map((entry) => {
      const array = within(entry.name, () => readNpy(unpack(bytes, entry)))
      return [entry.name.slice(0, -'.npy'.length), array] as const
    }),
  )
}

type Entry = { name: string; method: number; flags: number; crc: number; packedSize: number; size: number; at: number }

/** The central directory at the archive's end, which is found by searching backwards past a possible comment. */
function readDirectory(bytes: Uint8Array): Entry[] {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    throw new Error('The data is not a ZIP archive. Give a file that numpy.savez wrote.')
  }
  const view = viewOf(bytes)
  let end = bytes.length - 22
  while (end >= 0 && end >= bytes.length - 22 - 65535 && view.getUint32(end, true) !== 0x06054b50) end--
  if (end < 0 || end < bytes.length - 22 - 65535) throw damaged('its directory is missing')
  const count = view.getUint16(end + 10, true)
  const entries: Entry[] = []
  let at = view.getUint32(end + 16, true)
  if (count === 0xffff || at === 0xffffffff) {
    throw new Error('The npz archive uses the 64-bit ZIP format. Save less than 4 GiB of arrays in one archive.')
  }
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw damaged('its directory is broken')
    const nameLength = view.getUint16(at + 28, true)
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    })
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return entries
}

/** The contents of one file of the archive, stored or deflated, with its length and checksum verified. */
function unpack(bytes: Uint8Array, { method, flags, crc, packedSize, size, at }: Entry): Uint8Array {
  const view = viewOf(bytes)
  if (at + 30 > bytes.length || view.getUint32(at, true) !== 0x04034b50) throw damaged('a file in it is missing')
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true)
  if (start + packedSize > bytes.length) throw damaged('a file in it is cut off')
  if (flags & 1 || (method !== 0 && method !== 8)) {
    throw new Error('The file is encrypted or compressed in an unusual way. Save it with numpy.savez.')
  }
  if (method === 0 ? size !== packedSize : size > MOST_EXPANSION * packedSize) {
    throw damaged(`${packedSize} bytes can't hold ${size}`)
  }
  const packed = bytes.subarray(start, start + packedSize)
  let contents = packed
  if (method === 8) {
    try {
      contents = inflateSync(packed, { out: new Uint8Array(size) })
    } catch (cause) {
      throw damaged('a file in it does not decompress', cause)
    }
  }
  if (contents.length !== size || crc32(contents) !== crc) throw damaged('a checksum does not match')
  return contents
}

function within<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause })
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function damaged(fact: string, cause?: unknown): Error {
  return new Error(`The npz archive is damaged: ${fact}. Copy the file again or save it anew.`, { cause })
}
