/** The ZIP archive of a checkpoint (PKWARE's APPNOTE, 64-bit extension included), read in parts from a file of any size. */
import { inflateRawSync } from 'node:zlib'
import { crc32 } from '@robust-jem/formats'
import { quoted } from './pickle.ts'

/** A file, or a part of one, that breaks off or contradicts itself. */
export class DamagedFile extends Error {}

/** A file that is read in parts. `read` throws DamagedFile where it ends before `at + length`. */
export interface FileParts {
  size: number
  read(at: number, length: number): Buffer
}

interface Entry {
  method: number
  flags: number
  crc: number
  packedSize: number
  size: number
  at: number
}

/** Deflate codes at most 258 bytes in 2 bits. */
const mostExpansion = 1032
const longestDirectory = 2 ** 24 // bytes; a name takes about a hundred
const saturated = 0xffffffff

export class CheckpointArchive {
  readonly #file: FileParts
  readonly #entries: ReadonlyMap<string, Entry>

  private constructor(file: FileParts, entries: ReadonlyMap<string, Entry>) {
    this.#file = file
    this.#entries = entries
  }

  static open(file: FileParts): CheckpointArchive {
    const entries = new Map<string, Entry>()
    let packed = 0
    for (const [name, entry] of directoryOf(file)) {
      if (entries.has(name)) throw new DamagedFile('two of its entries have the same name')
      entries.set(name, entry)
      packed += entry.packedSize
    }
    if (packed > file.size) throw new DamagedFile('its entries overlap')
    return new CheckpointArchive(file, entries)
  }

  get names(): string[] {
    return [...this.#entries.keys()]
  }
  /** Bytes that an entry takes once unpacked, or undefined where there is none of the name. */
  sizeOf(name: string): number | undefined {
    return this.#entries.get(name)?.size
  }

  /** The contents of an entry, stored or deflated, with length and checksum verified. Throws DamagedFile, also above `most` bytes. */
  read(name: string, most: number): Uint8Array {
    const entry = this.#entries.get(name)
    if (!entry) throw new DamagedFile(`its entry ${quoted(name)} is missing`)
    const { method, flags, crc, packedSize, size, at } = entry
    if (size > most) throw new DamagedFile(`its entry ${quoted(name)} takes ${size} bytes, more than ${most}`)
    const header = this.#file.read(at, 30)
    if (header.readUInt32LE(0) !== 0x04034b50)
      throw new DamagedFile(`its entry ${quoted(name)} is not where it should be`)
    if (flags & 1 || (method !== 0 && method !== 8)) {
      throw new DamagedFile(`its entry ${quoted(name)} is encrypted or packed in an unusual way`)
    }
    if (method === 0 ? size !== packedSize : size > mostExpansion * packedSize) {
      throw new DamagedFile(`${packedSize} bytes of its entry ${quoted(name)} can't hold ${size}`)
    }
    const packed = this.#file.read(at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28), packedSize)
    const contents = method === 0 ? packed : inflate(packed, size)
    if (contents?.length !== size || crc32(contents) !== crc) {
      throw new DamagedFile(`the checksum of its entry ${quoted(name)} does not match`)
    }
    return contents
  }
}

function inflate(packed: Buffer, size: number): Buffer | undefined {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) })
  } catch {
    return undefined
  }
}

/** The entries of the central directory, which stands at the end, before a possible comment. */
function* directoryOf(file: FileParts): Generator<[string, Entry]> {
  const { at: start, size, count } = placeOfDirectory(file)
  if (size > longestDirectory) throw new DamagedFile('its directory is too long')
  const bytes = file.read(start, size)
  for (let i = 0, at = 0; i < count; i++) {
    if (at + 46 > size || bytes.readUInt32LE(at) !== 0x02014b50) throw new DamagedFile('its directory is broken')
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28)
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30)
    const end = extraEnd + bytes.readUInt16LE(at + 32)
    if (end > size) throw new DamagedFile('its directory is broken')
    const wide = wideSizes(bytes.subarray(nameEnd, extraEnd))
    const number = (offset: number) => {
      const value = bytes.readUInt32LE(offset)
      return value === saturated ? wide() : value
    }
    const unpackedSize = number(at + 24)
    const packedSize = number(at + 20)
    const entry = {
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packedSize,
      size: unpackedSize,
      at: number(at + 42),
    }
    yield [bytes.toString('utf8', at + 46, nameEnd), entry]
    at = end
  }
}

function placeOfDirectory(file: FileParts): { at: number; size: number; count: number } {
  const tailAt = Math.max(0, file.size - 22 - 65535)
  const tail = file.read(tailAt, file.size - tailAt)
  let end = tail.length - 22
  while (end >= 0 && tail.readUInt32LE(end) !== 0x06054b50) end--
  if (end < 0) throw new DamagedFile('its directory is missing (cut off?)')
  const place = {
    count: tail.readUInt16LE(end + 10),
    size: tail.readUInt32LE(end + 12),
    at: tail.readUInt32LE(end + 16),
  }
  if (place.count !== 0xffff && place.size !== saturated && place.at !== saturated) return place
  const locator = file.read(tailAt + end - 20, 20)
  const record = file.read(Number(locator.readBigUInt64LE(8)), 56)
  if (locator.readUInt32LE(0) !== 0x07064b50 || record.readUInt32LE(0) !== 0x06064b50) {
    throw new DamagedFile('its 64-bit directory is broken')
  }
  const [count, size, at] = [32, 40, 48].map((offset) => Number(record.readBigUInt64LE(offset)))
  return { count: count!, size: size!, at: at! }
}

/** The 64-bit numbers of the extra field 1, one after the other. */
function wideSizes(extra: Buffer): () => number {
  let at = 0
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2)
  at += 4
  return () => {
    if (at + 8 > extra.length) throw new DamagedFile('its directory is broken')
    at += 8
    return Number(extra.readBigUInt64LE(at - 8))
  }
}
