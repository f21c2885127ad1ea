/**
 * Numeric arrays in MATLAB's MAT-files of level 5 (The MathWorks, "MAT-File Format"): a header of 128 bytes, then elements, each
 * a type, a length and its bytes; elements of type 15 are zlib streams of one element more. Every length is checked.
 */
import { inflateSync } from 'node:zlib'

export interface MatlabArray {
  name: string
  /** Columns first: the first index runs fastest. */
  shape: number[]
  data: Uint8Array | Float64Array
}

interface Element {
  type: number
  bytes: Buffer
}

const headerBytes = 128
const [compressed, matrix] = [15, 14]
/** Numeric arrays: double, single, and the integers from 8 to 32 bits. */
const numericClasses = [6, 7, 8, 9, 10, 11, 12, 13]
/** More than this in one array is no set of test images. */
const mostBytes = 2 ** 29

/** Reads numbers of an element's type: bytes each, and how. */
const numbers: Readonly<Record<number, readonly [size: number, read: (bytes: Buffer, at: number) => number]>> = {
  1: [1, (bytes, at) => bytes.readInt8(at)],
  2: [1, (bytes, at) => bytes[at]!],
  3: [2, (bytes, at) => bytes.readInt16LE(at)],
  4: [2, (bytes, at) => bytes.readUInt16LE(at)],
  5: [4, (bytes, at) => bytes.readInt32LE(at)],
  6: [4, (bytes, at) => bytes.readUInt32LE(at)],
  7: [4, (bytes, at) => bytes.readFloatLE(at)],
  9: [8, (bytes, at) => bytes.readDoubleLE(at)],
}

/** The numeric arrays of the file; others are passed over. Throws an Error that says what is wrong with the bytes. */
export function readMatlabArrays(file: Buffer): MatlabArray[] {
  if (file.length < headerBytes) throw new Error('it ends within its header')
  if (file.toString('latin1', 0, 10) === 'MATLAB 7.3') throw new Error('it is of version 7.3 (HDF5), not of version 5')
  const order = file.toString('latin1', 126, 128)
  if (order === 'MI') throw new Error('it is big-endian')
  if (order !== 'IM' || file.readUInt16LE(124) >> 8 !== 1)
    throw new Error('it has no header of a MAT-file of version 5')
  return [...elementsOf(file.subarray(headerBytes))].flatMap((element) => {
    const { type, bytes } = element.type === compressed ? inflated(element.bytes) : element
    return type === matrix ? arrayOf(bytes) : []
  })
}

function inflated(bytes: Buffer): Element {
  let content: Buffer
  try {
    content = inflateSync(bytes, { maxOutputLength: mostBytes })
  } catch (error) {
    throw new Error(`a compressed part cannot be read (${(error as NodeJS.ErrnoException).code ?? 'damaged'})`)
  }
  const [element] = elementsOf(content)
  if (!element) throw new Error('a compressed part is empty')
  return element
}

function* elementsOf(bytes: Buffer): Iterable<Element> {
  let at = 0
  while (at < bytes.length) {
    if (at + 8 > bytes.length) throw new Error('it ends within the head of an element')
    const word = bytes.readUInt32LE(at)
    // Up to four bytes share the word of their type.
    const small = word >>> 16
    const [type, length, from] = small > 0 ? [word & 0xffff, small, at + 4] : [word, bytes.readUInt32LE(at + 4), at + 8]
    if (small > 4) throw new Error(`a small element claims ${small} bytes`)
    if (from + length > bytes.length)
      throw new Error(`an element of ${length} bytes ends after the file, which is cut short`)
    yield { type, bytes: bytes.subarray(from, from + length) }
    // The bytes of all but compressed elements are filled up to a multiple of eight.
    if (small > 0) at += 8
    else at = from + length + (type === compressed ? 0 : -length & 7)
  }
}

/** Flags, shape, name and numbers of a matrix; nothing for cells, structures, text and sparse ones. */
function arrayOf(bytes: Buffer): MatlabArray[] {
  const [flags, dimensions, name, real] = elementsOf(bytes)
  if (!flags || flags.bytes.length < 1 || !numericClasses.includes(flags.bytes[0]!)) return []
  if (dimensions?.type !== 5 || !name || !real) throw new Error('an array lacks its shape or its numbers')
  const shape = [...numbersOf(dimensions)]
  const count = shape.reduce((product, size) => product * size, 1)
  const data = numbersOf(real)
  if (shape.some((size) => size < 0) || data.length !== count)
    throw new Error(`an array of shape [${shape.join(', ')}] has ${data.length} numbers`)
  return [{ name: name.bytes.toString('latin1'), shape, data }]
}

function numbersOf({ type, bytes }: Element): Uint8Array | Float64Array {
  if (type === 2) return bytes
  const [size, read] = numbers[type] ?? [0, () => 0]
  if (size === 0 || bytes.length % size !== 0) throw new Error(`${bytes.length} bytes are no numbers of type ${type}`)
  return Float64Array.from({ length: bytes.length / size }, (_, i) => read(bytes, i * size))
}
