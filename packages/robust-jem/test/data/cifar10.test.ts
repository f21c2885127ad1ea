import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCifar10 } from '../../src/data/cifar10.ts'
import { cifar10Files, names, records, temporaryFolder, trainFiles, writeFiles } from './cifar10-files.ts'

async function folderWith(change: Record<string, Uint8Array | string | undefined> = {}): Promise<string> {
  const folder = await temporaryFolder()
  const files = Object.entries({ ...cifar10Files(), ...change }).filter(([, bytes]) => bytes !== undefined)
  await writeFiles(folder, Object.fromEntries(files) as Record<string, Uint8Array>)
  return folder
}

describe('CIFAR-10, binary version', () => {
  it('keeps the order of the files and of their records, and the planes red, green, blue', async () => {
    const { train, test } = await readCifar10(await folderWith())
    expect(train.shape).toEqual([20, 3, 32, 32])
    expect(test.shape).toEqual([3, 3, 32, 32])
    expect([...train.labels]).toEqual([0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5])
    const reds = Array.from({ length: 20 }, (_, i) => train.images[i * 3072])
    expect(reds).toEqual([1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5])
    const last = train.images.subarray(19 * 3072)
    expect([last[1023], last[1024], last[2047], last[2048], last[3071]]).toEqual([5, 5, 5, 0, 255])
  })

  it('says how many of the official records it found, in the origin and in a note', async () => {
    const folder = await folderWith()
    const { train, test, notes } = await readCifar10(folder)
    expect(train.origin).toBe(`CIFAR-10 train, 20 of 50,000 records`)
    expect(test.origin).toBe(`CIFAR-10 test, 3 of 10,000 records`)
    expect(notes).toEqual([train, test].map((set) => `Not all of CIFAR-10 is there: ${set.origin}.`))
  })

  it('has no note where a part is whole', async () => {
    const { test, notes } = await readCifar10(await folderWith({ 'test_batch.bin': Buffer.alloc(10_000 * 3073) }))
    expect(test.shape[0]).toBe(10_000)
    expect(notes).toHaveLength(1)
  })

  it('finds the files in the subfolder that the archive unpacks to', async () => {
    const folder = await temporaryFolder()
    await writeFiles(join(folder, 'cifar-10-batches-bin'), cifar10Files())
    expect((await readCifar10(folder)).train.sha256).toBe((await readCifar10(await folderWith())).train.sha256)
  })

  it('takes the class names of batches.meta.txt, and the official ones without it', async () => {
    const own = names.map((name) => name.toUpperCase())
    expect((await readCifar10(await folderWith())).train.classNames).toEqual(names)
    expect((await readCifar10(await folderWith({ 'batches.meta.txt': undefined }))).train.classNames).toEqual(names)
    const windows = await readCifar10(await folderWith({ 'batches.meta.txt': own.join('\r\n') }))
    expect(windows.test.classNames).toEqual(own)
    await expect(readCifar10(await folderWith({ 'batches.meta.txt': 'cat\ndog\n' }))).rejects.toMatchObject({
      code: 'data-class-names',
    })
  })
})

describe('a damaged copy of CIFAR-10', () => {
  const failing: [string, string, Record<string, Uint8Array | undefined>, object][] = [
    ['a missing file', 'data-missing', { 'data_batch_3.bin': undefined }, { received: 'no file' }],
    ['a missing test file', 'data-missing', { 'test_batch.bin': undefined }, { received: 'no file' }],
    ['an empty file', 'data-empty', { 'data_batch_5.bin': Buffer.alloc(0) }, { received: '0 bytes' }],
    ['a truncated file', 'data-truncated', { 'data_batch_2.bin': records(2, 3).subarray(1) }, { received: 9218 }],
    [
      'a file that is too long',
      'data-too-long',
      { 'test_batch.bin': Buffer.alloc(10_001 * 3073) },
      { received: 10_001 },
    ],
  ]
  it.each(failing)('%s is named, with what was expected and received', async (_, code, change, details) => {
    const folder = await folderWith(change)
    const path = join(folder, Object.keys(change)[0]!)
    const error = await readCifar10(folder).catch((e) => e)
    expect(error).toMatchObject({ name: 'UserError', code, exitCode: 1, details: { path, ...details } })
    expect(error.message).toContain(path)
    expect(error.message).toMatch(/\. Download cifar-10-binary\.tar\.gz again .* --data-dir\.$/)
  })

  it('a truncated file is told how far it is good', async () => {
    const folder = await folderWith({ 'data_batch_2.bin': records(2, 3).subarray(1) })
    await expect(readCifar10(folder)).rejects.toThrow('has 9,218 bytes, not a multiple of 3,073: it breaks off after 2')
  })

  it('a label over 9 is named with its record', async () => {
    const bad = records(4, 5)
    bad[3 * 3073] = 10
    const folder = await folderWith({ 'data_batch_4.bin': bad })
    await expect(readCifar10(folder)).rejects.toMatchObject({
      code: 'data-label',
      details: { path: join(folder, 'data_batch_4.bin'), record: 3, expected: '0..9', received: 10 },
    })
  })

  it('a missing folder, a file in its place, and a folder in place of a file are errors', async () => {
    const folder = await folderWith()
    await writeFile(join(folder, 'plain'), '')
    await expect(readCifar10(join(folder, 'none'))).rejects.toMatchObject({ code: 'data-missing' })
    await expect(readCifar10(join(folder, 'plain'))).rejects.toMatchObject({ details: { received: 'a file' } })
    await rm(join(folder, trainFiles[0]!))
    await mkdir(join(folder, trainFiles[0]!))
    await expect(readCifar10(folder)).rejects.toMatchObject({
      code: 'data-unreadable',
      details: { received: 'EISDIR' },
    })
  })
})
