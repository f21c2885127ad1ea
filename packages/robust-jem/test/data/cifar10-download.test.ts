import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readCifar10 } from '../../src/data/cifar10.ts'
import { cacheFolder, downloadCifar10 } from '../../src/data/cifar10-download.ts'
import { archive, cifar10Files, md5, nobody, serve, tarEntry, temporaryFolder } from './cifar10-files.ts'

const serving = (bytes: Uint8Array) =>
  serve((_, response) => response.setHeader('content-length', bytes.length).end(bytes))

/** Downloads `bytes` under their own checksum and gives the error. */
async function failure(bytes: Buffer): Promise<unknown> {
  const cache = await temporaryFolder()
  const error = await downloadCifar10({ url: await serving(bytes), md5: md5(bytes), cache }).catch((e) => e)
  expect(await readdir(cache)).toEqual([])
  return error
}

describe('download of CIFAR-10', () => {
  it('unpacks exactly the seven files, which then read as the same images', async () => {
    const bytes = archive()
    const cache = join(await temporaryFolder(), 'not', 'there yet')
    const folder = await downloadCifar10({ url: await serving(bytes), md5: md5(bytes), cache })
    expect(folder).toBe(join(cache, 'cifar-10-batches-bin'))
    expect((await readdir(folder)).sort()).toEqual(Object.keys(cifar10Files()).sort())
    for (const [file, content] of Object.entries(cifar10Files())) {
      expect(await readFile(join(folder, file))).toEqual(content)
    }
    expect((await readCifar10(cache)).train.shape[0]).toBe(20)
    expect(await readdir(cache), 'nothing is left beside the folder').toEqual(['cifar-10-batches-bin'])
  })

  it('reports bytes up to the total, and no total where the server does not say', async () => {
    const bytes = archive()
    const seen: [number, number | undefined][] = []
    const onProgress = (done: number, total: number | undefined) => seen.push([done, total])
    await downloadCifar10({ url: await serving(bytes), md5: md5(bytes), cache: await temporaryFolder(), onProgress })
    expect(seen.at(-1)).toEqual([bytes.length, bytes.length])
    const chunked = await serve((_, response) => {
      response.write(bytes.subarray(0, 9))
      response.end(bytes.subarray(9))
    })
    await downloadCifar10({ url: chunked, md5: md5(bytes), cache: await temporaryFolder(), onProgress })
    expect(seen.at(-1)).toEqual([bytes.length, undefined])
  })

  it('mends a cache that lost a file', async () => {
    const bytes = archive()
    const cache = await temporaryFolder()
    await mkdir(join(cache, 'cifar-10-batches-bin'))
    await writeFile(join(cache, 'cifar-10-batches-bin', 'test_batch.bin'), 'half a fi')
    await downloadCifar10({ url: await serving(bytes), md5: md5(bytes), cache })
    expect((await readCifar10(cache)).test.shape[0]).toBe(3)
  })

  it("reads GNU tar's and the old headers too, and names in a prefix", async () => {
    const headers = [
      ['./cifar-10-batches-bin/', { magic: 'ustar  \0', prefix: 'a time of GNU' }],
      ['cifar-10-batches-bin/', { magic: '\0' }],
      ['', { prefix: 'cifar-10-batches-bin' }],
    ] as const
    for (const [folder, fields] of headers) {
      const entries = Object.entries(cifar10Files()).map(([name, bytes]) => tarEntry(folder + name, bytes, fields))
      const bytes = gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]))
      const cache = await temporaryFolder()
      await downloadCifar10({ url: await serving(bytes), md5: md5(bytes), cache })
      expect((await readCifar10(cache)).train.shape[0]).toBe(20)
    }
  })
})

describe('a download that fails leaves nothing behind', () => {
  it('refuses another checksum before it unpacks anything', async () => {
    const cache = await temporaryFolder()
    const url = await serving(archive())
    const error = await downloadCifar10({ url, cache }).catch((e) => e)
    expect(error).toMatchObject({
      name: 'UserError',
      code: 'checksum',
      details: { expected: 'c32a1d4ab5d03f1284b67883e8d87530', received: md5(archive()) },
    })
    expect(await readdir(cache)).toEqual([])
  })

  it('tells an archive that breaks off, one of no gzip, a damaged header and a missing file', async () => {
    const whole = archive()
    const { 'data_batch_4.bin': _, ...six } = cifar10Files()
    const damaged = Buffer.from(tarEntry('cifar-10-batches-bin/test_batch.bin', Buffer.alloc(9)))
    damaged[0] = 65
    const cases: [Buffer, string][] = [
      [whole.subarray(0, whole.length - 40), 'unexpected end of file'],
      [Buffer.from('<html>log in to this network</html>'), 'incorrect header check'],
      [gzipSync(damaged), 'a header in it is damaged'],
      [
        gzipSync(tarEntry('cifar-10-batches-bin/test_batch.bin', Buffer.alloc(900)).subarray(0, 1000)),
        'it breaks off early',
      ],
      [gzipSync(Buffer.alloc(0)), 'it breaks off early'],
      [archive(six), 'it holds only data_batch_1.bin, data_batch_2.bin'],
    ]
    for (const [bytes, reason] of cases) {
      const error = await failure(bytes)
      expect(error).toMatchObject({ name: 'UserError', code: 'archive-damaged' })
      expect((error as Error).message).toContain(reason)
    }
  })

  it('refuses names that point outside the archive', async () => {
    for (const name of ['../test_batch.bin', '/etc/passwd', 'cifar-10-batches-bin/../../x', 'a\\..\\b']) {
      const error = await failure(archive(cifar10Files(), tarEntry(name, Buffer.from('x'))))
      expect(error).toMatchObject({ code: 'archive-damaged' })
      expect((error as Error).message).toContain('points outside the archive')
    }
  })

  it('takes no link for a file', async () => {
    const { 'test_batch.bin': _, ...rest } = cifar10Files()
    const link = tarEntry('cifar-10-batches-bin/test_batch.bin', Buffer.alloc(0), { type: '2' })
    expect(await failure(archive(rest, link))).toMatchObject({ code: 'archive-damaged' })
  })

  it('tells a connection that drops from one that is not there', async () => {
    const bytes = archive()
    const cache = await temporaryFolder()
    let drop = () => {}
    const dropping = await serve((_, response) => {
      drop = () => response.destroy()
      response.setHeader('content-length', bytes.length)
      response.write(bytes.subarray(0, 100))
    })
    await expect(downloadCifar10({ url: dropping, cache, onProgress: () => drop() })).rejects.toMatchObject({
      name: 'UserError',
      code: 'download-interrupted',
      details: { expected: bytes.length, received: 100 },
    })
    await expect(downloadCifar10({ url: await nobody(), cache })).rejects.toMatchObject({
      name: 'UserError',
      code: 'no-network',
      details: { reason: 'ECONNREFUSED' },
    })
    expect(await readdir(cache)).toEqual([])
  })

  it('gives up on a server that does not answer, and on one that falls silent', async () => {
    const cache = await temporaryFolder()
    const mute = await serve(() => {})
    await expect(downloadCifar10({ url: mute, cache, connectTimeout: 50 })).rejects.toMatchObject({
      code: 'no-network',
      details: { reason: 'no answer in 0.05 s' },
    })
    const silent = await serve((_, response) => response.write('some'))
    await expect(downloadCifar10({ url: silent, cache, stallTimeout: 50 })).rejects.toMatchObject({
      code: 'download-interrupted',
      details: { reason: 'nothing came for 0.05 s' },
    })
    expect(await readdir(cache)).toEqual([])
  })

  it('names the status of a server that does not have it', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('gone'))
    await expect(downloadCifar10({ url, cache: await temporaryFolder() })).rejects.toMatchObject({
      code: 'http-status',
      details: { url, expected: 200, received: 404 },
    })
  })

  it('stops and clears away when it is told to', async () => {
    const cache = await temporaryFolder()
    const stop = new AbortController()
    const url = await serve((_, response) => response.write('some'))
    const download = downloadCifar10({ url, cache, signal: stop.signal, onProgress: () => stop.abort() })
    await expect(download).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(cache)).toEqual([])
  })

  it.skipIf(process.getuid?.() === 0)('says what to do where the cache cannot be written', async () => {
    const cache = await temporaryFolder()
    await chmod(cache, 0o500)
    await expect(downloadCifar10({ url: await serving(archive()), cache })).rejects.toMatchObject({
      code: 'cache-unwritable',
      details: { reason: 'EACCES' },
    })
  })

  it('says what to do where the cache is a file', async () => {
    const cache = join(await temporaryFolder(), 'cache')
    await writeFile(cache, '')
    const error = await downloadCifar10({ url: await serving(archive()), cache }).catch((e) => e)
    expect(error).toMatchObject({ code: 'cache-unwritable', details: { path: cache, reason: 'EEXIST' } })
    expect(error.message).toContain('set XDG_CACHE_HOME to a writable folder')
  })
})

describe('the cache folder', () => {
  it('follows XDG_CACHE_HOME where that is absolute, and HOME otherwise', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe(join('/x', 'robust-jem'))
    expect(cacheFolder({ XDG_CACHE_HOME: 'x', HOME: '/h' })).toBe(join('/h', '.cache', 'robust-jem'))
    expect(cacheFolder({ HOME: '/h' })).toBe(join('/h', '.cache', 'robust-jem'))
  })
})
