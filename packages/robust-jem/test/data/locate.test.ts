import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodePng } from '@robust-jem/formats'
import { describe, expect, it } from 'vitest'
import { loadData, locateData } from '../../src/data/locate.ts'
import { archive, cifar10Files, md5, nobody, serve, temporaryFolder, writeFiles } from './cifar10-files.ts'

/** A machine of one's own: an empty working folder and an empty cache. */
async function machine() {
  const root = await temporaryFolder()
  const cwd = join(root, 'work')
  await mkdir(cwd)
  return { root, cwd, env: { HOME: root }, cached: join(root, '.cache', 'robust-jem') }
}

async function pictures(folder: string): Promise<string> {
  const image = encodePng({ width: 32, height: 32, data: new Uint8Array(3072) })
  const files = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.png`, image]))
  for (const name of ['a', 'b']) await writeFiles(join(folder, name), files)
  return folder
}

describe('where images are looked for', () => {
  it('the folder named, then ROBUST_JEM_DATA, then ./data, then the cache, then nowhere', async () => {
    const { root, cwd, env, cached } = await machine()
    expect(await locateData({ cwd, env })).toBeUndefined()

    await writeFiles(join(cached, 'cifar-10-batches-bin'), cifar10Files())
    expect(await locateData({ cwd, env })).toEqual({ kind: 'cifar10', directory: cached, via: 'the cache' })

    await writeFiles(join(cwd, 'data'), cifar10Files())
    const data = { kind: 'cifar10', directory: join(cwd, 'data'), via: './data' }
    expect(await locateData({ cwd, env })).toEqual(data)
    expect(await locateData({ cwd, env: { ...env, ROBUST_JEM_DATA: '' } }), 'an empty variable is none').toEqual(data)

    const ROBUST_JEM_DATA = await pictures(join(root, 'pictures'))
    const named = { cwd, env: { ...env, ROBUST_JEM_DATA } }
    expect(await locateData(named)).toEqual({ kind: 'folder', directory: ROBUST_JEM_DATA, via: 'ROBUST_JEM_DATA' })

    await writeFiles(join(cwd, 'mine', 'cifar-10-batches-bin'), cifar10Files())
    const mine = { kind: 'cifar10', directory: join(cwd, 'mine'), via: '--data-dir' }
    expect(await locateData({ ...named, dir: 'mine' })).toEqual(mine)
  })

  it('passes over a ./data without images and a cache that lost a file', async () => {
    const { cwd, env, cached } = await machine()
    const { 'data_batch_3.bin': _, ...rest } = cifar10Files()
    await writeFiles(join(cached, 'cifar-10-batches-bin'), rest)
    await writeFiles(join(cwd, 'data', 'tables'), { 'a.csv': 'x' })
    expect(await locateData({ cwd, env })).toBeUndefined()
  })

  it('passes over what is not of the kind asked for, unless it was named', async () => {
    const { cwd, env } = await machine()
    await pictures(join(cwd, 'data'))
    expect(await locateData({ set: 'cifar10', cwd, env })).toBeUndefined()
    expect(await locateData({ set: 'folder', cwd, env })).toMatchObject({ kind: 'folder', via: './data' })
    await expect(locateData({ set: 'cifar10', dir: 'data', cwd, env })).rejects.toMatchObject({ code: 'data-missing' })
  })
})

describe('a folder that was named is never replaced silently', () => {
  it('one that does not exist, an empty one and a file are errors, for --data-dir and ROBUST_JEM_DATA', async () => {
    const { cwd, env, cached } = await machine()
    await writeFiles(join(cached, 'cifar-10-batches-bin'), cifar10Files())
    await mkdir(join(cwd, 'empty'))
    await writeFile(join(cwd, 'plain'), '')
    for (const [dir, received] of [
      ['none', 'does not exist'],
      ['empty', 'holds nothing usable'],
      ['plain', 'is a file, not a folder'],
    ] as const) {
      const expected = { name: 'UserError', code: 'data-missing', details: { path: join(cwd, dir), received } }
      await expect(loadData({ dir, cwd, env })).rejects.toMatchObject(expected)
      await expect(loadData({ cwd, env: { ...env, ROBUST_JEM_DATA: dir } })).rejects.toMatchObject(expected)
    }
    const error = await loadData({ cwd, env: { ...env, ROBUST_JEM_DATA: 'none' } }).catch((e) => e)
    expect(error.message).toContain('(from ROBUST_JEM_DATA) does not exist')
  })

  it('a damaged copy in ./data is an error too', async () => {
    const { cwd, env } = await machine()
    await writeFiles(join(cwd, 'data'), { ...cifar10Files(), 'data_batch_1.bin': Buffer.alloc(3000) })
    await expect(loadData({ cwd, env })).rejects.toMatchObject({ code: 'data-truncated' })
  })

  it("CIFAR-10's Python version is recognised and refused", async () => {
    const { cwd, env } = await machine()
    await writeFiles(join(cwd, 'py', 'cifar-10-batches-py'), { data_batch_1: 'x' })
    await expect(loadData({ dir: 'py', cwd, env })).rejects.toThrow("holds CIFAR-10's Python version")
  })

  it('a folder asked for as classes says what it lacks', async () => {
    const { cwd, env } = await machine()
    await writeFiles(join(cwd, 'flat'), { 'a.png': 'x' })
    await expect(loadData({ set: 'folder', dir: 'flat', cwd, env })).rejects.toMatchObject({ code: 'data-no-classes' })
    await expect(loadData({ set: 'folder', cwd, env })).rejects.toMatchObject({ code: 'data-missing', exitCode: 2 })
  })

  it('shapes with a folder contradict each other', async () => {
    await expect(loadData({ set: 'shapes', dir: 'x' })).rejects.toMatchObject({ code: 'data-conflict', exitCode: 2 })
  })
})

describe('images that are not on this machine', () => {
  it('are downloaded once, with a note and progress', async () => {
    const { cwd, env, cached } = await machine()
    const bytes = archive()
    const served: string[] = []
    const url = await serve((request, response) => {
      served.push(request.url!)
      response.end(bytes)
    })
    const notes: string[] = []
    let done = 0
    const settings = { cwd, env, archive: { url, md5: md5(bytes) }, onNote: (note: string) => notes.push(note) }
    const first = await loadData({ ...settings, onProgress: (bytesDone) => (done = bytesDone) })
    expect(done).toBe(bytes.length)
    expect(first.train.origin).toBe('CIFAR-10 train, 20 of 50,000 records')
    expect(notes[0]).toBe(`CIFAR-10 is not on this machine: downloading the official archive (170 MB) into ${cached}.`)
    expect(notes).toEqual(first.notes)
    expect((await loadData(settings)).train.sha256).toBe(first.train.sha256)
    expect(served).toHaveLength(1)
  })

  it('are replaced by the shapes without a network, and a note says so and why', async () => {
    const { cwd, env } = await machine()
    const notes: string[] = []
    const archive = { url: await nobody() }
    const data = await loadData({ cwd, env, archive, onNote: (note) => notes.push(note) })
    expect(data.train.name).toBe('shapes')
    expect(data.notes).toEqual([notes[1]])
    expect(notes[1]).toMatch(/was not downloaded \(ECONNREFUSED\): the drawn shapes stand in for it/)

    const refused = await serve((_, response) => response.writeHead(403).end())
    const behindProxy = await loadData({ cwd, env, archive: { url: refused } })
    expect(behindProxy.notes[0]).toContain('(status 403)')
    expect((await loadData({ cwd, env, download: false })).notes[0]).toContain('(downloads are off)')
  })

  it('are an error where CIFAR-10 itself was asked for', async () => {
    const { cwd, env } = await machine()
    const settings = { set: 'cifar10', cwd, env } as const
    await expect(loadData({ ...settings, archive: { url: await nobody() } })).rejects.toMatchObject({
      code: 'no-network',
    })
    await expect(loadData({ ...settings, download: false })).rejects.toMatchObject({ code: 'data-missing' })
  })

  it('are an error where something else came in their place', async () => {
    const { cwd, env } = await machine()
    const url = await serve((_, response) => response.end(archive()))
    await expect(loadData({ cwd, env, archive: { url } })).rejects.toMatchObject({ code: 'checksum' })
  })

  it('are not needed for the shapes', async () => {
    const { cwd, env } = await machine()
    const { train, test, notes } = await loadData({ set: 'shapes', cwd, env: { ...env, ROBUST_JEM_DATA: 'none' } })
    expect([train.shape[0], test.shape[0], notes]).toEqual([10_000, 2_000, []])
  })
})

describe.skipIf(!process.env.ROBUST_JEM_DATA)('the images of ROBUST_JEM_DATA', () => {
  it('load, and every class occurs in both parts', async () => {
    const { train, test } = await loadData()
    for (const set of [train, test]) {
      expect(set.images.length).toBe(set.labels.length * 3072)
      expect(new Set(set.labels).size).toBe(set.classNames.length)
    }
  })
})
