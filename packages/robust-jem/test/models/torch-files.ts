/** Writes files as `torch.save` does, in both of its layouts, with a pickler of its own for protocol 2. */
import { deflateRawSync } from 'node:zlib'
import { crc32 } from '@robust-jem/formats'
import { type Dtype, type Tensor, toBytes } from '@robust-jem/torch'

const storageTypes: Partial<Record<Dtype, string>> = {
  float64: 'DoubleStorage',
  float32: 'FloatStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
  complex64: 'ComplexFloatStorage',
}

export class WrittenStorage {
  readonly type: string
  readonly count: number
  readonly bytes: Uint8Array

  constructor(elements: Tensor, { type = storageTypes[elements.dtype]!, count = elements.numel } = {}) {
    this.type = type
    this.count = count
    this.bytes = toBytes(elements)
  }
}

/** A view of a storage; `parameter` wraps it as torch.nn.Parameter does. */
export class WrittenTensor {
  readonly storage: WrittenStorage
  readonly offset: number
  readonly size: readonly number[]
  readonly stride: readonly number[]
  readonly parameter: boolean

  constructor(
    storage: WrittenStorage,
    size: readonly number[],
    {
      offset = 0,
      stride = inOrder(size),
      parameter = false,
    }: { offset?: number; stride?: number[]; parameter?: boolean } = {},
  ) {
    this.storage = storage
    this.offset = offset
    this.size = size
    this.stride = stride
    this.parameter = parameter
  }
}

const inOrder = (size: readonly number[]): number[] =>
  size.map((_, k) => size.slice(k + 1).reduce((product, n) => product * n, 1))

/** A tensor with a storage of its own. */
export const written = (tensor: Tensor): WrittenTensor => new WrittenTensor(new WrittenStorage(tensor), tensor.shape)

/** A dict that is written as an OrderedDict with attributes, as state dicts are. */
export class OrderedEntries {
  readonly entries: readonly (readonly [string, unknown])[]

  constructor(entries: readonly (readonly [string, unknown])[]) {
    this.entries = entries
  }
}

/** Instructions as they are. */
export class Instructions {
  readonly bytes: Uint8Array

  constructor(...parts: (string | Uint8Array)[]) {
    this.bytes = joined(...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  }
}

export const joined = (...parts: Uint8Array[]): Buffer => Buffer.concat(parts)
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const number = (bytes: number, write: (buffer: Buffer) => void): Buffer => {
  const buffer = Buffer.alloc(bytes)
  write(buffer)
  return buffer
}
const uint32 = (value: number) => number(4, (b) => b.writeUInt32LE(value))
const uint64 = (value: number) => number(8, (b) => b.writeBigUInt64LE(BigInt.asUintN(64, BigInt(Math.floor(value)))))

/** One pickle; `keyOf` names storages as the layout does. */
export function pickled(
  value: unknown,
  keyOf: (storage: WrittenStorage) => string = () => '0',
  legacy = false,
): Buffer {
  const globalOf = (name: string) => latin1(`c${name.replace(/\.(?=[^.]*$)/, '\n')}\n`)
  const tuple = (...items: unknown[]) => joined(latin1('('), ...items.map(write), latin1('t'))
  const tensor = (t: WrittenTensor): Buffer => {
    const storage = new Instructions(globalOf(`torch.${t.storage.type}`))
    const id = ['storage', storage, keyOf(t.storage), 'cpu', t.storage.count, ...(legacy ? [null] : [])]
    const view = new Instructions(tuple(...id), 'Q')
    const sizes = [t.size, t.stride].map((list) => new Instructions(tuple(...list)))
    const hooks = new OrderedEntries([])
    const plain = joined(
      globalOf('torch._utils._rebuild_tensor_v2'),
      tuple(view, t.offset, ...sizes, false, hooks),
      latin1('R'),
    )
    if (!t.parameter) return plain
    return joined(globalOf('torch._utils._rebuild_parameter'), tuple(new Instructions(plain), true, hooks), latin1('R'))
  }
  const dict = (entries: Iterable<readonly [unknown, unknown]>) =>
    joined(latin1('('), ...[...entries].flatMap(([key, item]) => [write(key), write(item)]), latin1('u'))
  function write(item: unknown): Buffer {
    if (item === null) return latin1('N')
    if (typeof item === 'boolean') return latin1(item ? '\x88' : '\x89')
    if (typeof item === 'string') return joined(latin1('X'), uint32(Buffer.byteLength(item)), Buffer.from(item))
    if (typeof item === 'number') {
      if (!Number.isSafeInteger(item))
        return joined(
          latin1('G'),
          number(8, (b) => b.writeDoubleBE(item)),
        )
      if (Math.abs(item) < 2 ** 31)
        return joined(
          latin1('J'),
          number(4, (b) => b.writeInt32LE(item)),
        )
      return joined(
        latin1('\x8a\x08'),
        number(8, (b) => b.writeBigInt64LE(BigInt(item))),
      )
    }
    if (item instanceof Instructions) return Buffer.from(item.bytes)
    if (item instanceof WrittenTensor) return tensor(item)
    if (item instanceof OrderedEntries) {
      const made = joined(globalOf('collections.OrderedDict'), latin1(')R'))
      if (item.entries.length === 0) return made
      return joined(made, dict(item.entries), write({ _metadata: new OrderedEntries([]) }), latin1('b'))
    }
    if (Array.isArray(item)) return joined(latin1(']('), ...item.map(write), latin1('e'))
    return joined(latin1('}'), dict(item instanceof Map ? item : Object.entries(item as object)))
  }
  return joined(latin1('\x80\x02'), write(value), latin1('.'))
}

/** Collects the storages of a pickle in the order of their first use. */
function withStorages(value: unknown, nameOf: (index: number) => string, legacy: boolean) {
  const storages: WrittenStorage[] = []
  const keyOf = (storage: WrittenStorage) => {
    if (!storages.includes(storage)) storages.push(storage)
    return nameOf(storages.indexOf(storage))
  }
  return { pickle: pickled(value, keyOf, legacy), storages, keys: () => storages.map(keyOf) }
}

export interface ArchiveOptions {
  compress?: boolean
  /** With 64-bit sizes and offsets throughout. */
  wide?: boolean
  files?: Record<string, string>
  folder?: string
}

/** The layout of PyTorch ≥ 1.6. */
export function zipFile(value: unknown, { files = {}, folder = 'archive', ...options }: ArchiveOptions = {}): Buffer {
  const { pickle, storages } = withStorages(value, String, false)
  return archive(
    [
      [`${folder}/data.pkl`, pickle],
      ...Object.entries(files).map(([name, text]): [string, Uint8Array] => [`${folder}/${name}`, Buffer.from(text)]),
      ...storages.map(({ bytes }, i): [string, Uint8Array] => [`${folder}/data/${i}`, bytes]),
      [`${folder}/version`, Buffer.from('3\n')],
    ],
    options,
  )
}

/** A ZIP archive of these files. */
export function archive(
  files: readonly (readonly [string, Uint8Array])[],
  { compress = false, wide = false }: Pick<ArchiveOptions, 'compress' | 'wide'> = {},
): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, bytes] of files) {
    const packed = compress ? deflateRawSync(bytes) : bytes
    const sizes = wide ? [uint32(0xffffffff), uint32(0xffffffff)] : [uint32(packed.length), uint32(bytes.length)]
    const extra = wide
      ? joined(latin1('\x01\x00\x18\x00'), uint64(bytes.length), uint64(packed.length), uint64(at))
      : Buffer.alloc(0)
    const common = joined(
      latin1(compress ? '\x14\0\0\0\x08\0\0\0\0\0' : '\x14\0\0\0\0\0\0\0\0\0'),
      uint32(crc32(bytes)),
      ...sizes,
      number(2, (b) => b.writeUInt16LE(name.length)),
    )
    const local = joined(latin1('PK\x03\x04'), common, latin1('\0\0'), latin1(name), packed)
    directory.push(
      joined(
        latin1('PK\x01\x02\x14\0'),
        common,
        number(2, (b) => b.writeUInt16LE(extra.length)),
        Buffer.alloc(10),
        uint32(wide ? 0xffffffff : at),
        latin1(name),
        extra,
      ),
    )
    parts.push(local)
    at += local.length
  }
  const size = joined(...directory).length
  const count = number(2, (b) => b.writeUInt16LE(files.length))
  const place = joined(uint64(files.length), uint64(files.length), uint64(size), uint64(at))
  const wideEnd = [
    joined(latin1('PK\x06\x06'), uint64(44), latin1('\x2d\0\x2d\0'), Buffer.alloc(8), place),
    joined(latin1('PK\x06\x07'), uint32(0), uint64(at + size), uint32(1)),
    joined(latin1('PK\x05\x06\0\0\0\0'), Buffer.alloc(12, 0xff), latin1('\0\0')),
  ]
  const end = [joined(latin1('PK\x05\x06\0\0\0\0'), count, count, uint32(size), uint32(at), latin1('\0\0'))]
  return joined(...parts, ...directory, ...(wide ? wideEnd : end))
}

export const legacyMagic = joined(latin1('\x80\x02\x8a\x0a'), Buffer.from('6cfc9c46f9206aa85019', 'hex'), latin1('.'))

/** The layout before: pickles one after the other, then the storages. */
export function legacyFile(value: unknown, { littleEndian = true, protocol = 1001 } = {}): Buffer {
  const { pickle, storages, keys } = withStorages(value, (i) => String(94_000_000_000_000 + 64 * i), true)
  const system = { protocol_version: protocol, little_endian: littleEndian, type_sizes: { short: 2, int: 4, long: 4 } }
  return joined(
    legacyMagic,
    pickled(protocol),
    pickled(system),
    pickle,
    pickled(keys()),
    ...storages.flatMap(({ bytes, count }) => [uint64(count), bytes]),
  )
}
