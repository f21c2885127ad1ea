/**
 * safetensors: u64 header length, a JSON header { name: { dtype, shape, data_offsets } }, raw little-endian data.
 * Read strictly: a header that is too long, overlaps, leaves gaps or does not fit its data is refused, never trusted.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { fromBytes, toBytes } from './create.ts'
import type { Dtype, Tensor } from './tensor.ts'

const names: Partial<Record<Dtype, string>> = {
  float64: 'F64',
  float32: 'F32',
  bfloat16: 'BF16',
  float16: 'F16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
}
const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as Dtype]))
const elementBytes: Record<string, number> = {
  F64: 8,
  F32: 4,
  BF16: 2,
  F16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
}
const metadataKey = '__metadata__'
const headerLimit = 100_000_000 // bytes, as the format's own reader has it

export interface SafetensorsFile {
  tensors: Record<string, Tensor>
  metadata: Record<string, string>
}

interface Entry {
  name: string
  dtype: string
  shape: number[]
  begin: number
  end: number
}

/** Writes the tensors beside `path`, syncs, and renames: the file is there whole or not at all. */
export function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): void {
  if (metadata && !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw new TypeError('safetensors: metadata must be strings; write other values as JSON')
  }
  const header: [string, unknown][] = metadata ? [[metadataKey, metadata]] : []
  let offset = 0
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name === metadataKey) throw new TypeError(`safetensors: ${metadataKey} cannot be the name of a tensor`)
    const dtype = names[tensor.dtype]
    if (!dtype)
      throw new TypeError(`safetensors: ${name} is ${tensor.dtype}, which the format does not hold; convert it first`)
    const end = offset + tensor.numel * elementBytes[dtype]!
    header.push([name, { dtype, shape: tensor.shape, data_offsets: [offset, end] }])
    offset = end
  }
  let json = Buffer.from(JSON.stringify(Object.fromEntries(header)))
  json = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]) // data begin on a multiple of 8
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))

  const aside = `${path}.part`
  try {
    const file = openSync(aside, 'w')
    try {
      writeAll(file, length)
      writeAll(file, json)
      for (const tensor of Object.values(tensors)) writeAll(file, toBytes(tensor))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(aside, path)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  const chunk = 1 << 30
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(chunk, bytes.length - at))
}

function readExactly(file: number, length: number, position: number): Buffer {
  const buffer = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; ) {
    const count = readSync(file, buffer, at, Math.min(1 << 30, length - at), position + at)
    if (count === 0) throw new Error('the file ends early')
    at += count
  }
  return buffer
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** The header, checked against the file's size. */
function readHeader(file: number): { entries: Entry[]; metadata: Record<string, string>; dataStart: number } {
  const { size } = fstatSync(file)
  if (size < 8) throw new Error(`${size} bytes are too few for the header's length`)
  const length = Number(readExactly(file, 8, 0).readBigUInt64LE())
  if (length > headerLimit || 8 + length > size) {
    throw new Error(`its header is said to take ${length} bytes, the file has ${size}`)
  }
  let header: unknown
  try {
    header = JSON.parse(readExactly(file, length, 8).toString('utf8'))
  } catch {
    throw new Error('its header is not JSON')
  }
  if (!isRecord(header)) throw new Error('its header is not a JSON object')
  const { [metadataKey]: metadata = {}, ...rest } = header
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw new Error('its metadata are not all strings')
  }

  const entries = Object.entries(rest).map(([name, value]): Entry => {
    if (!isRecord(value)) throw new Error(`tensor ${name} has no description`)
    const { dtype, shape, data_offsets: offsets } = value
    if (typeof dtype !== 'string' || !dtypes.has(dtype))
      throw new Error(`tensor ${name} has the unknown dtype ${String(dtype)}`)
    if (!Array.isArray(shape) || !shape.every(isSize)) throw new Error(`tensor ${name} has no valid shape`)
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
      throw new Error(`tensor ${name} has no valid offsets`)
    const [begin, end] = offsets as [number, number]
    const bytes = shape.reduce((product: number, n: number) => product * n, elementBytes[dtype]!)
    if (end - begin !== bytes) {
      throw new Error(
        `tensor ${name} (${dtype} [${shape.join(', ')}]) takes ${bytes} bytes, its offsets span ${end - begin}`,
      )
    }
    return { name, dtype, shape, begin, end }
  })
  const dataStart = 8 + length
  let expected = 0
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== expected) throw new Error(`tensor ${name} begins at byte ${begin} of the data, not at ${expected}`)
    expected = end
  }
  if (dataStart + expected !== size) {
    throw new Error(`its tensors take ${expected} bytes, the file holds ${size - dataStart} (cut off or overwritten?)`)
  }
  return { entries, metadata: metadata as Record<string, string>, dataStart }
}

function withFile<T>(path: string, body: (file: number) => T): T {
  const file = openSync(path, 'r')
  try {
    return body(file)
  } catch (error) {
    throw new Error(`${path} is not a readable safetensors file: ${(error as Error).message}. Fetch or write it again.`)
  } finally {
    closeSync(file)
  }
}

/** All tensors of the file, on the CPU, and its metadata. Throws an Error that says what is wrong with the file. */
export function loadSafetensors(path: string): SafetensorsFile {
  return withFile(path, (file) => {
    const { entries, metadata, dataStart } = readHeader(file)
    const tensors = entries.map(({ name, dtype, shape, begin, end }): [string, Tensor] => {
      const bytes = readExactly(file, end - begin, dataStart + begin)
      return [name, fromBytes(bytes, { shape, dtype: dtypes.get(dtype)! })]
    })
    return { tensors: Object.fromEntries(tensors), metadata } // safe for names such as __proto__
  })
}

/** The metadata alone, without reading the data. */
export const readSafetensorsMetadata = (path: string): Record<string, string> =>
  withFile(path, (file) => readHeader(file).metadata)
