import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arange, type Dtype, Generator, randint, randn, scope, type Tensor, tensor } from '@robust-jem/torch'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { hashTensors } from '../../src/models/model-file.ts'
import { readTorchCheckpoint } from '../../src/models/torch-checkpoint.ts'
import {
  archive,
  Instructions,
  joined,
  legacyFile,
  legacyMagic,
  OrderedEntries,
  pickled,
  WrittenStorage,
  WrittenTensor,
  written,
  zipFile,
} from './torch-files.ts'

vi.setConfig({ testTimeout: 120_000 })

const folder = mkdtempSync(join(tmpdir(), 'robust-jem-checkpoint-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'x.pt')
const read = (bytes: Uint8Array) => {
  writeFileSync(path, bytes)
  return readTorchCheckpoint(path)
}
const layouts = [
  ['zip', zipFile],
  ['legacy', legacyFile],
] as const

const values = arange(60, { dtype: 'float32' })
const shared = new WrittenStorage(values)
const weight = randn([4, 3], { generator: new Generator(1) })

describe.each(layouts)('a checkpoint in the %s layout', (layout, fileOf) => {
  it('gives every dtype back in all bits', () => {
    const dtypes = ['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8'] as const
    const tensors = Object.fromEntries(
      [...dtypes, 'bool' as Dtype, 'complex64' as Dtype].map((dtype) => [dtype, values.sub(30).to({ dtype })]),
    )
    const named = Object.entries(tensors).map(([name, t]) => [name, written(t)] as const)
    const checkpoint = read(fileOf(new OrderedEntries(named)))
    expect(checkpoint).toMatchObject({ layout, stateDict: '', others: {} })
    expect(hashTensors(checkpoint.tensors)).toBe(hashTensors(tensors))
  })

  it('gives views of one storage: offset, transposed, strided, expanded, channels-last, empty and scalar', () => {
    const view = (size: number[], stride: number[], offset = 0) => new WrittenTensor(shared, size, { stride, offset })
    const { tensors } = read(
      fileOf({
        offset: view([2, 5], [5, 1], 7),
        transposed: view([5, 12], [1, 5]),
        strided: view([3, 4], [20, 5], 1),
        expanded: view([2, 3], [0, 1], 57),
        channelsLast: view([1, 3, 4, 5], [60, 1, 15, 3]),
        empty: view([0, 3], [3, 1], 60),
        scalar: view([], [], 59),
        one: view([1, 2], [999, 1], 4),
      }),
    )
    const at = (size: number[], stride: number[], offset = 0) =>
      values.asStrided(size, stride, { storageOffset: offset })
    expect(tensors.offset?.toArray()).toEqual(at([2, 5], [5, 1], 7).toArray())
    expect(tensors.transposed?.toArray()).toEqual(values.reshape([12, 5]).t().toArray())
    expect(tensors.strided?.toArray()).toEqual(at([3, 4], [20, 5], 1).toArray())
    expect(tensors.expanded?.toArray()).toEqual([
      [57, 58, 59],
      [57, 58, 59],
    ])
    expect(tensors.channelsLast?.toArray()).toEqual(values.reshape([1, 4, 5, 3]).permute([0, 3, 1, 2]).toArray())
    expect(tensors.empty?.shape).toEqual([0, 3])
    expect(tensors.scalar?.item()).toBe(59)
    expect(tensors.one?.toArray()).toEqual([[4, 5]])
  })

  it('finds the state dict, without module., and all other tensors by their paths', () => {
    const state = new OrderedEntries([
      ['module.f.weight', new WrittenTensor(new WrittenStorage(weight), [4, 3], { parameter: true })],
      ['module.f.bias', written(tensor([1, 2]))],
    ])
    const buffer = written(values.reshape([5, 12]))
    const optimizer = { state: new Map([[0, { step: 3, momentum: written(tensor([5])) }]]), groups: [{ lr: 0.1 }] }
    for (const key of ['model_state_dict', 'state_dict', 'model']) {
      const { stateDict, tensors, others } = read(fileOf({ epoch: 3, [key]: state, replay_buffer: buffer, optimizer }))
      expect(stateDict).toBe(key)
      expect(Object.keys(tensors)).toEqual(['f.weight', 'f.bias'])
      expect(tensors['f.weight']?.toArray()).toEqual(weight.toArray())
      expect(Object.keys(others)).toEqual(['replay_buffer', 'optimizer.state.0.momentum'])
      expect(others.replay_buffer?.shape).toEqual([5, 12])
    }
    expect(Object.keys(read(fileOf(state)).tensors)).toEqual(['f.weight', 'f.bias'])
    expect(Object.keys(read(fileOf({ checkpoint: { state_dict: state } })).tensors)).toEqual(['f.weight', 'f.bias'])
    const mixed = new OrderedEntries([...state.entries, ['g', buffer]])
    expect(Object.keys(read(fileOf(mixed)).tensors)).toEqual(['module.f.weight', 'module.f.bias', 'g'])
    expect(Object.keys(read(fileOf(buffer)).tensors)).toEqual(['tensor'])
    expect(read(fileOf([1, 'text', null])).tensors).toEqual({})
  })

  it('gives two names of one tensor the same tensor', () => {
    const { tensors } = read(fileOf({ a: new WrittenTensor(shared, [60]), b: new WrittenTensor(shared, [60]) }))
    expect(tensors.a).toBe(tensors.b)
  })

  it('is not told by its name, and a tensor may have any name', () => {
    const named = new Map([['__proto__', written(weight)]])
    expect(Object.keys(read(fileOf(named)).tensors)).toEqual(['__proto__'])
  })

  it('frees nothing that it gives, and keeps nothing else', () => {
    const { tensors } = scope(() => read(fileOf({ w: written(weight) })))
    expect(tensors.w?.toArray()).toEqual(weight.toArray())
  })
})

describe('an archive that was packed anew', () => {
  const original = { w: written(weight), b: written(values) }
  it.each([
    ['compressed', { compress: true }],
    ['with 64-bit sizes', { wide: true }],
    ['both', { compress: true, wide: true }],
    ['with a byte order and more files', { files: { byteorder: 'little', '.data/serialization_id': '1' } }],
    ['in another folder', { folder: 'checkpoints/best' }],
  ])('%s, holds the same', (_, options) => {
    expect(hashTensors(read(zipFile(original, options)).tensors)).toBe(hashTensors({ w: weight, b: values }))
  })
  it('with a comment behind it, holds the same', () => {
    expect(read(joined(zipFile(original), Buffer.alloc(1000))).tensors.w?.toArray()).toEqual(weight.toArray())
  })
})

/** The one line that says why a file is not read. */
function refusal(bytes: Uint8Array): string {
  writeFileSync(path, bytes)
  try {
    readTorchCheckpoint(path)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    const { message } = error as UserError
    expect(message).toMatch(/^.*\. (Fetch or write it again|Save just the tensors: .*)\.$/) // one line
    return message.replace(path, 'FILE')
  }
  return 'nothing'
}

describe.each(layouts)('a hostile or foreign file in the %s layout', (_, fileOf) => {
  const canary = join(folder, 'canary')
  const command = (text: string) => `X${String.fromCharCode(text.length)}\0\0\0${text}`

  it.each([
    ['os.system', new Instructions(`cos\nsystem\n(${command(`touch ${canary}`)}tR`)],
    ['posix.system', new Instructions(`cposix\nsystem\n(${command(`touch ${canary}`)}tR`)],
    ['builtins.eval', new Instructions(`cbuiltins\neval\n(${command('1 + 1')}tR`)],
    ['subprocess.Popen', new Instructions('\x8c\x0asubprocess\x8c\x05Popen\x93')],
    ['numpy.core.multiarray.scalar', new Instructions('cnumpy.core.multiarray\nscalar\n')],
    ['__main__.Net', new Instructions('c__main__\nNet\n)\x81}b')],
    ['torch.load', new Instructions(`ctorch\nload\n(${command(path)}tR`)],
    ['torch.nn.modules.conv.Conv2d', new Instructions('ctorch.nn.modules.conv\nConv2d\n')],
  ])('%s is refused by name, and nothing happens', (name, instructions) => {
    const expected =
      `FILE holds '${name}'; only tensors, numbers, text, lists and dicts are read, and nothing is run. ` +
      'Save just the tensors: torch.save(model.state_dict(), FILE).'
    for (const value of [instructions, { state_dict: { w: written(weight) }, extra: [instructions] }])
      expect(refusal(fileOf(value))).toBe(expected)
    expect(existsSync(canary)).toBe(false)
  })

  it('a storage that is called, or a persistent object that is none', () => {
    expect(refusal(fileOf(new Instructions('ctorch\nFloatStorage\n)R')))).toContain("a call of 'torch.FloatStorage'")
    expect(refusal(fileOf(new Instructions(`${command('module')}\x85Q`)))).toContain('a persistent object that is no')
  })

  it('tensors that reach beyond their storage, or beyond all measure', () => {
    const view = (size: number[], stride: number[], offset = 0) =>
      refusal(fileOf({ w: new WrittenTensor(shared, size, { stride, offset }) }))
    expect(view([61], [1])).toContain('a tensor [61] reaches beyond its storage of 60')
    expect(view([60], [1], 1)).toContain('reaches beyond')
    expect(view([2], [2 ** 52])).toContain('reaches beyond')
    expect(view([2 ** 40, 2 ** 40], [0, 0])).toContain('reaches beyond')
    expect(view([2 ** 50, 2 ** 50, 0], [1, 1, 1])).toContain('reaches beyond')
    expect(view([2 ** 40], [0])).toMatch(/its \d+ bytes can't hold tensors of 4398046511344/)
    expect(view([-1], [1])).toContain('a tensor has no storage, offset, size and stride')
    expect(view([1], [-1])).toContain('a tensor has no storage')
    expect(view([1.5], [1])).toContain('a tensor has no storage')
    expect(view([1], [])).toContain('reaches beyond')
    expect(view(Array(65).fill(1), Array(65).fill(1))).toContain('a tensor has no storage')
  })

  it('storages that claim what is not there', () => {
    for (const count of [61, 59, 0, 2 ** 45, 2 ** 53 - 1, -1, 0.5]) {
      const storage = new WrittenStorage(values, { count })
      expect(refusal(fileOf({ w: new WrittenTensor(storage, [0]) })), `${count}`).not.toBe('nothing')
    }
    const ints = new WrittenStorage(values.to({ dtype: 'int32' }))
    const twice = pickled({ a: new WrittenTensor(shared, [1]), b: new WrittenTensor(ints, [1]) })
    const files = archive([
      ['a/data.pkl', twice],
      ['a/data/0', shared.bytes],
    ])
    expect(refusal(files)).toContain("the storage '0' is named with two types or lengths")
  })

  it('dicts that hold themselves, or each other many times over', () => {
    const itself = new Instructions(']q\x01h\x01a')
    expect(refusal(fileOf(itself))).toContain('nest too much')
    const doubled = new Instructions(`]q\0${'0](h\0h\0eq\0'.repeat(30)}`)
    expect(refusal(fileOf(doubled))).toContain('nest too much')
  })
})

describe('a file that is no checkpoint', () => {
  const damaged = (fact: string) => `FILE is no whole file of torch.save: ${fact}. Fetch or write it again.`

  it.each([
    ['nothing', '', 'it begins with neither a ZIP archive nor the magic number'],
    ['text', 'hello, this is no checkpoint at all', 'it begins with neither a ZIP archive nor the magic number'],
    ['the magic number alone', legacyMagic, 'it breaks off inside a pickle'],
    ['a plain pickle', pickled({ a: 1 }), 'it begins with neither a ZIP archive nor the magic number'],
    ['another archive', archive([['a.txt', Buffer.from('x')]]), 'it is a ZIP archive with 0 files data.pkl, not one'],
    ['another protocol', legacyFile({}, { protocol: 1002 }), 'it holds an unknown protocol'],
    ['bytes too many', joined(legacyFile({ w: written(weight) }), Buffer.alloc(3)), '3 bytes follow its last storage'],
  ])('%s', (_, bytes, fact) => {
    expect(refusal(Buffer.from(bytes))).toBe(damaged(fact))
  })

  it('but a TorchScript program, or of a big-endian machine', () => {
    const w = { w: written(weight) }
    expect(refusal(zipFile(w, { files: { 'constants.pkl': '' } }))).toContain('FILE holds a TorchScript program;')
    expect(refusal(zipFile(w, { files: { byteorder: 'big' } }))).toContain('numbers of a big-endian machine')
    expect(refusal(legacyFile(w, { littleEndian: false }))).toContain('numbers of a big-endian machine')
  })

  it('but an archive that would unpack to more than it may', () => {
    const bomb = (name: string) =>
      refusal(
        archive(
          [
            ['a/data.pkl', pickled({ w: written(weight) })],
            [name, Buffer.alloc(2 ** 20)],
          ],
          { compress: true },
        ),
      )
    expect(bomb('a/byteorder')).toContain("its entry 'a/byteorder' takes 1048576 bytes, more than 16")
    expect(bomb('a/data/0')).toContain("its storage '0' has 1048576 bytes, not 48")
    expect(bomb('a/data.pkl')).toContain('two of its entries have the same name')
  })
})

describe('a checkpoint with random damage', () => {
  const state = new OrderedEntries([
    ['f.weight', written(weight)],
    ['f.view', new WrittenTensor(shared, [5, 4], { stride: [1, 5], offset: 3, parameter: true })],
    ['f.bias', written(tensor([1, 2, 3]))],
    ['f.steps', written(tensor(7, { dtype: 'int64' }))],
  ])
  const object = { epoch: 3, loss: 0.25, names: ['a', 'b'], model_state_dict: state, replay_buffer: written(values) }
  const bytesOf = (tensors: Record<string, Tensor>) =>
    Object.values(tensors).reduce((sum, t) => sum + t.numel * (t.dtype === 'float64' ? 8 : 16), 0)

  /** Flips bits, sets extreme words, cuts, inserts, removes or repeats bytes. */
  function mutate(original: Buffer, rng: Generator): Buffer {
    const draws = scope(() => randint(0, 2 ** 31 - 1, [24], { generator: rng }).toTypedArray()) as BigInt64Array
    let next = 0
    const below = (limit: number) => Number(draws[next++]!) % Math.max(1, limit)
    let bytes: Buffer = Buffer.from(original)
    for (let times = 1 + below(3); times > 0; times--) {
      const at = below(bytes.length)
      const length = 1 + below(8)
      const rest = bytes.subarray(at)
      switch (below(7)) {
        case 0:
        case 1:
          bytes[at]! ^= 1 << below(8)
          break
        case 2:
          bytes[at] = below(256)
          break
        case 3:
          bytes.fill([0, 0xff, 0x7f][below(3)]!, at, Math.min(at + length, bytes.length))
          break
        case 4:
          bytes = bytes.subarray(0, at)
          break
        case 5:
          bytes = joined(bytes.subarray(0, at), Buffer.from(Array.from({ length }, () => below(256))), rest)
          break
        default:
          bytes = joined(bytes.subarray(0, at), rest.subarray(below(2) * length))
      }
      if (bytes.length === 0) break
    }
    return bytes
  }

  it.each(layouts)('1,000 times in the %s layout: one line each, or nothing lost', (layout, fileOf) => {
    const original = fileOf(object)
    const { tensors, others } = read(original)
    const hash = hashTensors({ ...tensors, ...others })
    const rng = new Generator(7)
    let refused = 0
    for (let i = 0; i < 1000; i++) {
      const bytes = mutate(original, rng)
      writeFileSync(path, bytes)
      try {
        const found = scope(() => {
          const checkpoint = readTorchCheckpoint(path)
          const all = { ...checkpoint.tensors, ...checkpoint.others }
          return { hash: hashTensors(all), bytes: bytesOf(all) }
        })
        // Archives carry checksums; in the older layout damaged numbers cannot be told from others.
        if (layout === 'zip') expect(found.hash, `mutation ${i}`).toBe(hash)
        expect(found.bytes).toBeLessThan(2 ** 17)
      } catch (error) {
        if (!(error instanceof UserError))
          throw new Error(`mutation ${i}: ${(error as Error).message}`, { cause: error })
        expect(error.message).toMatch(/^[^\n]+\.$/)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(layout === 'zip' ? 700 : 400)
  })
})
