/** Tensors as `torch.save` describes them: a view (offset, size, stride) into a storage, whose bytes lie elsewhere in the file. */
import { type Dtype, fromBytes, type Tensor, zeros } from '@robust-jem/torch'
import { DamagedPickle, PickleGlobal, quoted, UnknownInPickle } from './pickle.ts'

const storageTypes: Record<string, { dtype: Dtype; bytes: number }> = {
  'torch.DoubleStorage': { dtype: 'float64', bytes: 8 },
  'torch.FloatStorage': { dtype: 'float32', bytes: 4 },
  'torch.HalfStorage': { dtype: 'float16', bytes: 2 },
  'torch.BFloat16Storage': { dtype: 'bfloat16', bytes: 2 },
  'torch.LongStorage': { dtype: 'int64', bytes: 8 },
  'torch.IntStorage': { dtype: 'int32', bytes: 4 },
  'torch.ShortStorage': { dtype: 'int16', bytes: 2 },
  'torch.CharStorage': { dtype: 'int8', bytes: 1 },
  'torch.ByteStorage': { dtype: 'uint8', bytes: 1 },
  'torch.BoolStorage': { dtype: 'bool', bytes: 1 },
  'torch.ComplexFloatStorage': { dtype: 'complex64', bytes: 8 },
  'torch.ComplexDoubleStorage': { dtype: 'complex128', bytes: 16 },
}

export class Storage {
  readonly key: string
  readonly dtype: Dtype
  readonly itemBytes: number
  /** Elements. */
  readonly count: number

  constructor(key: string, type: string, count: number) {
    const { dtype, bytes } = storageTypes[type]!
    this.key = key
    this.dtype = dtype
    this.itemBytes = bytes
    this.count = count
  }
  get bytes(): number {
    return this.count * this.itemBytes
  }
}

/** A part of a storage that older files name as a storage of its own. */
class StorageView {
  readonly storage: Storage
  readonly offset: number
  readonly count: number

  constructor(storage: Storage, offset: number, count: number) {
    this.storage = storage
    this.offset = offset
    this.count = count
  }
}

const mostDimensions = 64
const damaged = (fact: string) => new DamagedPickle(fact)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= mostDimensions && value.every(isCount)

/** Elements `offset` + Σ iₖ·strideₖ of a storage, for iₖ < sizeₖ; all of them lie inside it. */
export class StoredTensor {
  readonly storage: Storage
  readonly offset: number
  readonly size: readonly number[]
  readonly stride: readonly number[]

  constructor(storage: Storage, offset: number, size: readonly number[], stride: readonly number[]) {
    this.storage = storage
    this.offset = offset
    this.size = size
    this.stride = stride
  }
  /** Elements. */
  get count(): number {
    return this.size.reduce((product, size) => product * size, 1)
  }
  get bytes(): number {
    return this.count * this.storage.itemBytes
  }
  /** Elements of the storage from the first to the last that is used. */
  get span(): number {
    return this.count === 0 ? 0 : 1 + this.size.reduce((last, size, k) => last + (size - 1) * this.stride[k]!, 0)
  }
  /** The same for two views of the same elements in the same order. */
  get identity(): string {
    return [this.storage.key, this.offset, this.size.join(), this.stride.join()].join(';')
  }

  /** The tensor, of its own elements in C order, out of the storage's bytes. */
  read(bytes: Uint8Array): Tensor {
    const { dtype, itemBytes } = this.storage
    if (this.count === 0) return zeros(this.size, { dtype })
    const from = this.offset * itemBytes
    const used = bytes.subarray(from, from + this.span * itemBytes)
    let step = 1
    const inOrder = [...this.size.keys()].reverse().every((k) => {
      const expected = step
      step *= this.size[k]!
      return this.size[k] === 1 || this.stride[k] === expected
    })
    if (inOrder) return fromBytes(used, { shape: this.size, dtype })
    const flat = fromBytes(used, { shape: [this.span], dtype })
    return flat.asStrided(this.size, this.stride).clone({ memoryFormat: 'contiguous' })
  }
}

/** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks[, metadata]) */
function rebuildTensor([storage, offset, size, stride]: unknown[]): StoredTensor {
  if (!(storage instanceof StorageView) || !isCount(offset) || !isShape(size) || !isShape(stride)) {
    throw damaged('a tensor has no storage, offset, size and stride')
  }
  const tensor = new StoredTensor(storage.storage, storage.offset + offset, size, stride)
  const fits = size.length === stride.length && size.reduce((product, n) => product * Math.max(1, n), 1) < 2 ** 48
  if (!fits || (tensor.count > 0 && !(offset + tensor.span <= storage.count))) {
    throw damaged(`a tensor [${size.join(', ')}] reaches beyond its storage of ${storage.count}`)
  }
  return tensor
}

/** torch._utils._rebuild_parameter(data, requires_grad, backward_hooks) */
function rebuildParameter([data]: unknown[]): StoredTensor {
  if (!(data instanceof StoredTensor)) throw damaged('a parameter holds no tensor')
  return data
}

/** Everything of PyTorch that a checkpoint may name. */
export const torchGlobals: readonly PickleGlobal[] = [
  new PickleGlobal('torch._utils._rebuild_tensor_v2', rebuildTensor),
  new PickleGlobal('torch._utils._rebuild_parameter', rebuildParameter),
  ...Object.keys(storageTypes).map((name) => new PickleGlobal(name)),
]

/** The storages that a file's tensors lie in, by key, as its pickle names them. */
export class Storages {
  readonly #byKey = new Map<string, Storage>()

  get(key: string): Storage | undefined {
    return this.#byKey.get(key)
  }
  get size(): number {
    return this.#byKey.size
  }

  /** ('storage', type, key, location, elements[, (view key, offset, elements) or None]) */
  named = (id: unknown): StorageView => {
    const [kind, type, key, , count, view = null] = Array.isArray(id) ? id : []
    if (kind !== 'storage') throw new UnknownInPickle('a persistent object that is no storage')
    if (!(type instanceof PickleGlobal) || !Object.hasOwn(storageTypes, type.name) || !isCount(count)) {
      throw damaged('a storage has no type and number of elements')
    }
    if (typeof key !== 'string') throw damaged('a storage has no key')
    const storage = this.#byKey.get(key) ?? new Storage(key, type.name, count)
    if (storage.dtype !== storageTypes[type.name]!.dtype || storage.count !== count) {
      throw damaged(`the storage ${quoted(key)} is named with two types or lengths`)
    }
    this.#byKey.set(key, storage)
    if (view === null) return new StorageView(storage, 0, count)
    const [, offset, part] = Array.isArray(view) ? view : []
    if (!isCount(offset) || !isCount(part) || offset + part > count) {
      throw damaged(`a part of the storage ${quoted(key)} reaches beyond it`)
    }
    return new StorageView(storage, offset, part)
  }
}
