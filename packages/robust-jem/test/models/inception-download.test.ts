/** Inception's weights from a server of this machine: safetensors of the first layers, which any name may hold. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { saveSafetensors, setThreads } from '@robust-jem/torch'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { downloadInception, type InceptionDownload } from '../../src/models/inception-download.ts'
import { locateInception } from '../../src/models/inception-weights.ts'
import { robustJem } from '../cli/robust-jem.ts'
import { writeClassFolders, writeModel } from '../cli/workshop.ts'
import { nobody, serve, temporaryFolder } from '../data/cifar10-files.ts'
import { cifar10Records, writePngFolder } from '../evaluation/images.ts'
import { randomState } from './inception-states.ts'

vi.setConfig({ testTimeout: 180_000 }) // a busy machine too
setThreads(1)

/** What commands download instead of what is published. */
const instead = vi.hoisted((): InceptionDownload => ({}))
vi.mock('../../src/models/inception-download.ts', async (original) => {
  const { downloadInception } = await original<typeof import('../../src/models/inception-download.ts')>()
  return { downloadInception: (settings: InceptionDownload) => downloadInception({ ...instead, ...settings }) }
})

const fileName = 'pt_inception-2015-12-05-6726825d.pth'
let root: string
let cache: string
let weights: Buffer
let sha256: string
let requests: number
beforeEach(async () => {
  root = await temporaryFolder()
  cache = join(root, 'robust-jem')
  vi.stubEnv('XDG_CACHE_HOME', root)
  vi.stubEnv('ROBUST_JEM_INCEPTION', '')
  saveSafetensors(join(root, 'stem.safetensors'), randomState(64, 1))
  weights = readFileSync(join(root, 'stem.safetensors'))
  sha256 = createHash('sha256').update(weights).digest('hex')
  requests = 0
  for (const name of ['url', 'sha256'] as const) delete instead[name]
  return () => void vi.unstubAllEnvs()
})

const counting = (answer: RequestListener) =>
  serve((request, response) => {
    requests++
    answer(request, response)
  })
const serving = (bytes: Uint8Array) =>
  counting((_, response) => response.setHeader('content-length', bytes.length).end(bytes))

describe("download of Inception's weights", () => {
  it('puts the whole file where it is looked for, under the name that it is known by', async () => {
    for (const digest of [sha256, sha256.slice(0, 8)]) {
      const path = await downloadInception({ url: await serving(weights), sha256: digest })
      expect(path).toBe(join(cache, 'inception', fileName))
      expect(readFileSync(path)).toEqual(weights)
      expect(locateInception()).toBe(path)
      expect(readdirSync(cache), 'nothing is left beside it').toEqual(['inception'])
      expect(readdirSync(join(cache, 'inception'))).toEqual([fileName])
    }
  })

  it('refuses another file than the one asked for, and leaves nothing', async () => {
    const error = await downloadInception({ url: await serving(weights), sha256: '6726825d' }).catch((e) => e)
    expect(error).toMatchObject({
      name: 'UserError',
      code: 'checksum',
      details: { expected: '6726825d', received: sha256 },
    })
    expect(error.message).toContain(`its SHA-256 is ${sha256}, not 6726825d…. Run the command again`)
    expect(readdirSync(cache)).toEqual([])
  })

  it('leaves nothing where it breaks off, and touches nothing where nobody answers', async () => {
    let drop = () => {}
    const url = await serve((_, response) => {
      drop = () => response.destroy()
      response.setHeader('content-length', weights.length).write(weights.subarray(0, 100))
    })
    await expect(downloadInception({ url, sha256, onProgress: () => drop() })).rejects.toMatchObject({
      code: 'download-interrupted',
      details: { expected: weights.length, received: 100 },
    })
    expect(readdirSync(cache)).toEqual([])
    await expect(downloadInception({ url: await nobody(), cache: join(root, 'other') })).rejects.toMatchObject({
      code: 'no-network',
      message: expect.stringMatching(/or fetch the file elsewhere and name it with --inception\.$/),
    })
    expect(readdirSync(root)).not.toContain('other')
  })

  it('says so where the cache cannot take the file, and leaves nothing beside', async () => {
    mkdirSync(cache)
    writeFileSync(join(cache, 'inception'), '')
    await expect(downloadInception({ url: await serving(weights), sha256 })).rejects.toMatchObject({
      code: 'cache-unwritable',
      message: expect.stringContaining("Cannot write Inception-v3's weights to"),
    })
    expect(readdirSync(cache)).toEqual(['inception'])
  })
})

/** Runs a command in this process. */
async function command(...words: string[]) {
  const output = { out: '', err: '' }
  const screen = (name: 'out' | 'err') => ({
    write: (text: string) => {
      output[name] += text
    },
  })
  const line = [...words, '--device', 'cpu', '--threads', '1']
  return { code: await main(line, { out: screen('out'), err: screen('err') }), ...output }
}

/** Two sets of images for `fid`. */
function sets(): string[] {
  writePngFolder(join(root, 'a'), 3, 1)
  writeFileSync(join(root, 'b.bin'), cifar10Records(3, 2))
  return [join(root, 'a'), join(root, 'b.bin'), '--features', '64']
}

describe('robust-jem fid --download', () => {
  it('fetches weights that are missing, once, and says so', async () => {
    Object.assign(instead, { url: await serving(weights), sha256 })
    const words = ['fid', ...sets(), '--json']
    const first = await command(...words, '--download')
    expect(first).toMatchObject({ code: 0, err: expect.stringContaining(`(95 MB) into ${join(cache, 'inception')}.`) })
    expect(JSON.parse(first.out).extractor).toMatchObject({ path: join(cache, 'inception', fileName), sha256 })
    const second = await command(...words, '--download')
    expect(second.out).toBe(first.out)
    expect(second.err).not.toMatch(/downloading/)
    expect(requests).toBe(1)
  })

  it('fetches nothing unless asked, nor where weights are named', async () => {
    Object.assign(instead, { url: await serving(weights), sha256 })
    const words = ['fid', ...sets()]
    expect(await command(...words)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/fetched with --download, put/),
    })
    expect(await command(...words, '--download', '--inception', join(root, 'stem.safetensors'))).toMatchObject({
      code: 0,
    })
    vi.stubEnv('ROBUST_JEM_INCEPTION', join(root, 'nowhere'))
    expect(await command(...words, '--download')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/nowhere does not/),
    })
    expect(requests).toBe(0)
  })

  it("asks pytorch-fid's release, and takes no other file from there", async () => {
    const asked: unknown[] = []
    vi.stubGlobal('fetch', async (url: unknown) => {
      asked.push(url)
      return new Response('<html>log in to this network</html>')
    })
    const { code, err } = await command('fid', ...sets(), '--download', '--quiet')
    vi.unstubAllGlobals()
    expect(asked).toEqual([`https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/${fileName}`])
    expect(err).toMatch(/^robust-jem: What came from \S+ is not the official file: .*, not 6726825d…\. .*\.\n$/)
    expect(code).toBe(1)
    expect(readdirSync(cache)).toEqual([])
  })

  it('stops by Ctrl-C and clears away', async () => {
    const url = await serve((_, response) => void response.write('some'))
    const redirect = `const real = fetch; globalThis.fetch = (_, settings) => real('${url}', settings)`
    const { code, lines } = await robustJem(['fid', ...sets(), '--download', '--device', 'cpu', '--quiet'], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(redirect)}` },
      onStart: async (child) => {
        await vi.waitFor(() => expect(readdirSync(cache)).toHaveLength(1), { timeout: 150_000 })
        child.kill('SIGINT')
      },
    })
    expect([code, lines]).toEqual([130, ['Stopped; nothing was kept.']])
    expect(readdirSync(cache)).toEqual([])
  })
})

describe('robust-jem evaluate --download', () => {
  it('fetches before anything is drawn, and only for what Inception measures', async () => {
    instead.url = await counting((_, response) => response.writeHead(404).end())
    writeModel(join(root, 'model'))
    writeClassFolders(join(root, 'images'))
    const words = ['evaluate', join(root, 'model'), '--data-dir', join(root, 'images'), '--download', '--metrics']
    expect(await command(...words, 'accuracy')).toMatchObject({ code: 0 })
    expect(requests).toBe(0)
    for (const group of ['samples', 'diversity']) {
      expect(await command(...words, group)).toMatchObject({ code: 1, err: expect.stringMatching(/with status 404\./) })
    }
    expect(requests).toBe(2)
  })
})

describe('robust-jem reproduce --download', () => {
  it('fetches before anything is trained', async () => {
    instead.url = await counting((_, response) => response.writeHead(404).end())
    const out = join(root, 'reproduction')
    expect(await command('reproduce', '--download', '--out', out)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/with status 404\./),
    })
    expect([requests, existsSync(out)]).toEqual([1, false])
  })
})
