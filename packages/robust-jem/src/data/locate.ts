import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { UserError } from '../errors.ts'
import { cifar10Folder, findCifar10, isCompleteCifar10, readCifar10 } from './cifar10.ts'
import { type Cifar10Download, cacheFolder, downloadCifar10 } from './cifar10-download.ts'
import { hasClassFolders, readFolder } from './folder.ts'
import type { DataSets } from './image-set.ts'
import { shapes } from './shapes.ts'

export type DataSetName = 'auto' | 'cifar10' | 'shapes' | 'folder'

export interface DataLocation {
  kind: 'cifar10' | 'folder'
  directory: string
  /** What led there. */
  via: '--data-dir' | 'ROBUST_JEM_DATA' | './data' | 'the cache'
}

export interface DataSearch {
  set?: DataSetName
  /** The folder that the user named; relative to `cwd`. */
  dir?: string | undefined
  env?: Readonly<Record<string, string | undefined>>
  cwd?: string
}

/**
 * Where the images lie: the folder named, ROBUST_JEM_DATA, ./data, the user's cache, in this order; undefined if nowhere.
 * Throws a UserError where a folder that was named, or ROBUST_JEM_DATA, does not hold what is asked for. Reads no images.
 */
export async function locateData({
  set = 'auto',
  dir,
  env = process.env,
  cwd = process.cwd(),
}: DataSearch = {}): Promise<DataLocation | undefined> {
  if (set === 'shapes') {
    if (dir === undefined) return undefined
    throw new UserError('data-conflict', `The shapes are drawn, not read from ${dir}. Leave out --data-dir.`, {
      exitCode: 2,
      path: dir,
    })
  }
  for (const [named, via] of [
    [dir, '--data-dir'],
    [env.ROBUST_JEM_DATA || undefined, 'ROBUST_JEM_DATA'],
  ] as const) {
    if (named === undefined) continue
    const directory = resolve(cwd, named)
    const found = await stat(directory).catch(() => undefined)
    // A folder asked for as a folder of classes is opened whatever it holds: reading it tells best what is missing.
    const kind = set === 'folder' && found?.isDirectory() ? 'folder' : await kindOf(directory, set)
    if (kind) return { kind, directory, via }
    throw nothingUsable(directory, via, set, found)
  }
  const directory = resolve(cwd, 'data')
  const kind = await kindOf(directory, set)
  if (kind) return { kind, directory, via: './data' }

  const cached = cacheFolder(env)
  if (set !== 'folder' && isCompleteCifar10(join(cached, cifar10Folder))) {
    return { kind: 'cifar10', directory: cached, via: 'the cache' }
  }
  return undefined
}

/**
 * The images to train and test on. Where `locateData` finds none, CIFAR-10's official archive is downloaded into the cache;
 * for `auto`, where that cannot be reached, the drawn `shapes` stand in and a note says so.
 */
export async function loadData({
  onProgress,
  onNote,
  download = true,
  archive = {},
  signal,
  ...search
}: DataSearch & {
  /** Bytes of a download. */
  onProgress?: Cifar10Download['onProgress'] | undefined
  /** Each note as soon as it is known; all of them are in the result too. */
  onNote?: ((note: string) => void) | undefined
  download?: boolean
  archive?: Pick<Cifar10Download, 'url' | 'md5' | 'connectTimeout' | 'stallTimeout'>
  signal?: AbortSignal | undefined
} = {}): Promise<DataSets> {
  const { set = 'auto', env = process.env } = search
  const noted = (data: DataSets, ...before: string[]): DataSets => {
    for (const note of data.notes) onNote?.(note)
    return { ...data, notes: [...before, ...data.notes] }
  }
  const location = await locateData(search)
  if (location) return noted(await (location.kind === 'cifar10' ? readCifar10 : readFolder)(location.directory))
  if (set === 'shapes') return noted(shapes())
  if (set === 'folder') {
    throw new UserError('data-missing', 'No folder of images was named. Name one with --data-dir or ROBUST_JEM_DATA.', {
      exitCode: 2,
      expected: 'a folder of class folders',
      received: 'none',
    })
  }

  const cache = cacheFolder(env)
  let reason = 'downloads are off'
  if (download) {
    const note = `CIFAR-10 is not on this machine: downloading the official archive (170 MB) into ${cache}.`
    onNote?.(note)
    try {
      const settings = { ...archive, cache, ...(onProgress && { onProgress }), ...(signal && { signal }) }
      return noted(await readCifar10(await downloadCifar10(settings)), note)
    } catch (error) {
      // A proxy's refusal looks like a missing network, so both let the shapes stand in; a wrong archive must be seen.
      const offline = error instanceof UserError && ['no-network', 'http-status'].includes(error.code)
      if (!offline || set !== 'auto') throw error
      reason = String(error.details.reason ?? `status ${error.details.received}`)
    }
  } else if (set === 'cifar10') {
    throw new UserError(
      'data-missing',
      `CIFAR-10 is not on this machine and downloads are off. Name its folder with --data-dir.`,
      {
        path: cache,
        expected: 'CIFAR-10, binary version',
        received: 'none',
      },
    )
  }
  const note = `CIFAR-10 is not on this machine and was not downloaded (${reason}): the drawn shapes stand in for it. Figures on shapes compare with no published ones; name CIFAR-10's folder with --data-dir.`
  onNote?.(note)
  return noted(shapes(), note)
}

async function kindOf(directory: string, set: DataSetName): Promise<DataLocation['kind'] | undefined> {
  if (set !== 'folder' && findCifar10(directory)) return 'cifar10'
  if (set !== 'cifar10' && (await hasClassFolders(directory))) return 'folder'
  return undefined
}

function nothingUsable(
  directory: string,
  via: string,
  set: DataSetName,
  found: { isDirectory(): boolean } | undefined,
) {
  const python = ['.', 'cifar-10-batches-py'].some((folder) => existsSync(join(directory, folder, 'data_batch_1')))
  const held = python ? "holds CIFAR-10's Python version" : 'holds nothing usable'
  const fact = !found ? 'does not exist' : found.isDirectory() ? held : 'is a file, not a folder'
  const binary = "CIFAR-10's binary version (data_batch_1.bin … test_batch.bin)"
  const classes = 'a folder of images for each class (cat/001.png, dog/001.png …)'
  const expected = set === 'cifar10' ? binary : set === 'folder' ? classes : `${binary} or ${classes}`
  const source = via === '--data-dir' ? `The folder ${directory}` : `The folder ${directory} (from ${via})`
  return new UserError('data-missing', `${source} ${fact}. It should hold ${expected}.`, {
    path: directory,
    via,
    expected,
    received: fact,
  })
}
