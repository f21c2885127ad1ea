/**
 * Files of `torch.save`, read without running anything of them. Two layouts: a ZIP archive with `data.pkl` and a file for each
 * storage (PyTorch ≥ 1.6), and the older stream: magic number, protocol, system, object, keys, then the storages.
 */
import { constants } from 'node:buffer'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { scope, type Tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { CheckpointArchive, DamagedFile, type FileParts } from './checkpoint-archive.ts'
import { DamagedPickle, type PickleSurroundings, quoted, readPickle, UnknownInPickle } from './pickle.ts'
import { type Storage, Storages, StoredTensor, torchGlobals } from './stored-tensor.ts'

export interface TorchCheckpoint {
  layout: 'zip' | 'legacy'
  /** Where the state dict lies in the file: 'model_state_dict', or '' where the file is one. */
  stateDict: string
  /** The state dict, by its names without `module.`. Names of the same tensor share one Tensor. */
  tensors: Record<string, Tensor>
  /** All other tensors by their paths: `replay_buffer`, `optimizer.state.0.momentum_buffer`. */
  others: Record<string, Tensor>
}

/** The keys under which programs keep their state dict, most telling first. */
const stateDictKeys = ['model_state_dict', 'state_dict', 'model', 'network', 'net']
const magic = 0x1950a86a20f9469cfc6cn
const legacyProtocol = 1001
const longestPickles = 2 ** 26 // bytes; a state dict's has about a hundred for each tensor
/** Items of dicts and lists that are looked through. */
const mostVisited = 5_000_000
const deepest = 32
/** Tensors that are named, one that has several names as often. */
const mostFound = 100_000

/**
 * All tensors of a checkpoint, on the CPU, contiguous. Throws a UserError where the file is damaged, of a big-endian machine,
 * or holds anything but tensors, numbers, text, lists and dicts.
 */
export function readTorchCheckpoint(path: string): TorchCheckpoint {
  const descriptor = openSync(path, 'r')
  try {
    const file = partsOf(descriptor)
    const opened = isZip(file) ? openArchive(file) : openStream(file)
    return scope(() => arranged(opened, file.size))
  } catch (error) {
    throw asUserError(error, path)
  } finally {
    closeSync(descriptor)
  }
}

function asUserError(error: unknown, path: string): unknown {
  if (error instanceof UnknownInPickle) {
    return new UserError(
      'checkpoint-foreign',
      `${path} holds ${error.message}; only tensors, numbers, text, lists and dicts are read, and nothing is run. ` +
        'Save just the tensors: torch.save(model.state_dict(), FILE).',
      { path, received: error.message },
    )
  }
  if (error instanceof DamagedPickle || error instanceof DamagedFile) {
    const fact = `${path} is no whole file of torch.save: ${error.message}.`
    return new UserError('checkpoint-damaged', `${fact} Fetch or write it again.`, { path })
  }
  return error instanceof Error && 'syscall' in error ? Object.assign(error, { path }) : error
}

function partsOf(descriptor: number): FileParts {
  const { size } = fstatSync(descriptor)
  return {
    size,
    read(at, length) {
      if (!(at >= 0 && at + length <= size)) throw new DamagedFile(`its ${size} bytes end too early`)
      if (length > constants.MAX_LENGTH) throw new UnknownInPickle(`a part of ${length} bytes`)
      const bytes = Buffer.allocUnsafe(length)
      for (let done = 0; done < length; ) {
        const count = readSync(descriptor, bytes, done, Math.min(2 ** 30, length - done), at + done)
        if (count === 0) throw new DamagedFile('it was cut off while it was read')
        done += count
      }
      return bytes
    },
  }
}

const isZip = (file: FileParts): boolean => file.size >= 22 && file.read(0, 4).readUInt32LE() === 0x04034b50

interface Opened {
  layout: TorchCheckpoint['layout']
  value: unknown
  bytesOf: (storage: Storage) => Uint8Array
}

const bigEndian = () => new UnknownInPickle('numbers of a big-endian machine')

function openArchive(file: FileParts): Opened {
  const archive = CheckpointArchive.open(file)
  const pickles = archive.names.filter((name) => /(^|\/)data\.pkl$/.test(name))
  if (pickles.length !== 1) throw new DamagedFile(`it is a ZIP archive with ${pickles.length} files data.pkl, not one`)
  const folder = pickles[0]!.slice(0, -'data.pkl'.length)
  if (archive.names.includes(`${folder}constants.pkl`)) throw new UnknownInPickle('a TorchScript program')
  const byteOrder = `${folder}byteorder`
  if (archive.names.includes(byteOrder) && Buffer.from(archive.read(byteOrder, 16)).toString() !== 'little') {
    throw bigEndian()
  }
  const storages = new Storages()
  const pickle = archive.read(pickles[0]!, longestPickles)
  const { value } = readPickle(pickle, 0, { globals: torchGlobals, persistent: storages.named })
  return {
    layout: 'zip',
    value,
    bytesOf(storage) {
      const name = `${folder}data/${storage.key}`
      const size = archive.sizeOf(name)
      if (size !== storage.bytes) {
        throw new DamagedFile(`its storage ${quoted(storage.key)} has ${size ?? 'no'} bytes, not ${storage.bytes}`)
      }
      return archive.read(name, storage.bytes)
    },
  }
}

function openStream(file: FileParts): Opened {
  const head = file.read(0, Math.min(file.size, longestPickles))
  const plain: PickleSurroundings = { globals: [], persistent: () => damagedStream('a storage in its system') }
  if (!beginsWithMagic(head, plain)) throw new DamagedFile('it begins with neither a ZIP archive nor the magic number')
  const number = readPickle(head, 0, plain)
  const protocol = readPickle(head, number.end, plain)
  if (protocol.value !== legacyProtocol) damagedStream('an unknown protocol')
  const system = readPickle(head, protocol.end, plain)
  if (!(system.value instanceof Map)) damagedStream('no system')
  if ((system.value as Map<unknown, unknown>).get('little_endian') !== true) throw bigEndian()

  const storages = new Storages()
  const object = readPickle(head, system.end, { globals: torchGlobals, persistent: storages.named })
  const keys = readPickle(head, object.end, plain)
  if (!Array.isArray(keys.value) || keys.value.length !== storages.size) damagedStream('no list of its storages')
  const places = new Map<string, number>()
  let at = keys.end
  for (const key of keys.value as unknown[]) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined
    if (!storage || places.has(storage.key)) return damagedStream('a storage that nothing names')
    const count = Number(file.read(at, 8).readBigUInt64LE())
    if (count !== storage.count) throw new DamagedFile(`a storage has ${count} elements, not ${storage.count}`)
    places.set(storage.key, at + 8)
    at += 8 + storage.bytes
    if (at > file.size) throw new DamagedFile(`its ${file.size} bytes end inside a storage`)
  }
  if (at !== file.size) throw new DamagedFile(`${file.size - at} bytes follow its last storage`)
  return { layout: 'legacy', value: object.value, bytesOf: (s) => file.read(places.get(s.key)!, s.bytes) }
}

function damagedStream(what: string): never {
  throw new DamagedFile(`it holds ${what}`)
}

function beginsWithMagic(head: Uint8Array, plain: PickleSurroundings): boolean {
  try {
    return readPickle(head, 0, plain).value === magic
  } catch {
    return false
  }
}

interface Found {
  path: string[]
  tensor: StoredTensor
}

/** Every tensor of the object with the keys that lead to it, in the file's order. */
function tensorsIn(object: unknown): Found[] {
  const found: Found[] = []
  let visited = 0
  const visit = (value: unknown, path: string[]) => {
    if (value instanceof StoredTensor) found.push({ path, tensor: value })
    if (found.length > mostFound) throw new DamagedPickle(`it names more than ${mostFound} tensors`)
    if (!(value instanceof Map || Array.isArray(value))) return
    // Containers may hold each other many times over, or themselves.
    visited += value instanceof Map ? value.size : value.length
    if (visited > mostVisited || path.length > deepest) throw new DamagedPickle('its dicts and lists nest too much')
    for (const [key, item] of value.entries())
      if (typeof item === 'object' && (typeof key === 'string' || typeof key === 'number'))
        visit(item, [...path, String(key)])
  }
  visit(object, [])
  return found
}

function arranged({ layout, value, bytesOf }: Opened, fileSize: number): TorchCheckpoint {
  const found = tensorsIn(value)
  const read = readAll(found, bytesOf, fileSize)
  const stateDict = stateDictIn(found)
  const inside = ({ path }: Found) => stateDict.every((key, i) => path[i] === key)
  const state = found.filter(inside).map(({ path, tensor }) => ({ path: path.slice(stateDict.length), tensor }))
  const nameOf = (path: string[]) => path.join('.') || 'tensor' // the object itself
  const parallel = state.every(({ path }) => nameOf(path).startsWith('module.'))
  const named = (list: Found[], from: number) =>
    Object.fromEntries(list.map(({ path, tensor }) => [nameOf(path).slice(from), read(tensor)]))
  return {
    layout,
    stateDict: stateDict.join('.'),
    tensors: named(state, parallel ? 'module.'.length : 0),
    others: named(
      found.filter((item) => !inside(item)),
      0,
    ),
  }
}

/** The keys that lead to the state dict: none where the object itself is one. */
function stateDictIn(found: readonly Found[]): string[] {
  for (const key of stateDictKeys) {
    const path = found.find((item) => item.path.slice(0, -1).includes(key))?.path
    if (path) return path.slice(0, path.indexOf(key) + 1)
  }
  return []
}

/** Reads storage by storage, so that each is in memory once and no longer than its tensors need it. */
function readAll(
  found: readonly Found[],
  bytesOf: (storage: Storage) => Uint8Array,
  fileSize: number,
): (tensor: StoredTensor) => Tensor {
  const distinct = new Map(found.map(({ tensor }) => [tensor.identity, tensor]))
  const byStorage = new Map<Storage, StoredTensor[]>()
  for (const tensor of distinct.values()) byStorage.set(tensor.storage, [])
  for (const tensor of distinct.values()) byStorage.get(tensor.storage)!.push(tensor)
  // Views may repeat elements, and archives may be packed, but not beyond measure.
  const bytes = [...distinct.values(), ...byStorage.keys()].reduce((sum, item) => sum + item.bytes, 0)
  if (!(bytes <= 2 ** 26 + 8 * fileSize)) {
    throw new DamagedFile(`its ${fileSize} bytes can't hold tensors of ${bytes}`)
  }
  const read = new Map<string, Tensor>()
  for (const [storage, tensors] of byStorage) {
    const contents = bytesOf(storage)
    for (const tensor of tensors) read.set(tensor.identity, tensor.read(contents))
  }
  return (tensor) => read.get(tensor.identity)!
}
