import { createReadStream } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { UserError } from '../errors.ts'
import {
  cifar10FileRecords,
  cifar10Folder,
  cifar10NamesFile,
  cifar10RecordBytes,
  cifar10TestFile,
  cifar10TrainFiles,
  isCompleteCifar10,
} from './cifar10.ts'
import { download, type Transfer } from './download.ts'

/** The official archive of the binary version: 170,052,171 bytes. */
export const cifar10Url = 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'
export const cifar10Md5 = 'c32a1d4ab5d03f1284b67883e8d87530'

export interface Cifar10Download extends Transfer {
  url?: string
  /** Of the archive, in hexadecimal; compared before anything is unpacked. */
  md5?: string
  /** Where `cifar-10-batches-bin` will lie. */
  cache?: string
}

/** The user's cache for this program: $XDG_CACHE_HOME/robust-jem or ~/.cache/robust-jem. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const xdg = env.XDG_CACHE_HOME
  const root = xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.cache')
  return join(root, 'robust-jem')
}

/**
 * Downloads the official archive, verifies its MD5, and unpacks it into the cache. Returns the folder of the batches.
 * Throws a UserError: as `download` does, and `archive-damaged`.
 */
export async function downloadCifar10({
  url = cifar10Url,
  md5 = cifar10Md5,
  cache = cacheFolder(),
  ...transfer
}: Cifar10Download = {}): Promise<string> {
  const source = { url, checksum: { algorithm: 'md5', digest: md5 }, name: 'CIFAR-10', elsewhere: orElsewhere } as const
  return download({ ...source, cache, ...transfer }, (archive, aside) =>
    unpack(archive, url, aside, join(cache, cifar10Folder)),
  )
}

async function unpack(archive: string, url: string, aside: string, target: string): Promise<string> {
  const files: string[] = []
  const write = async (chunks: AsyncIterable<Buffer>) => {
    for await (const { name, bytes } of tarFiles(chunks, batchFile)) {
      await writeFile(join(aside, name), bytes, { flag: 'wx' })
      files.push(name)
    }
  }
  let writing = Promise.resolve()
  try {
    await pipeline(createReadStream(archive), createGunzip(), (chunks: AsyncIterable<Buffer>) => {
      writing = write(chunks)
      return writing
    })
    if (!isCompleteCifar10(aside)) throw new Error(`it holds only ${files.join(', ') || 'none'} of CIFAR-10's files`)
    await mkdir(target, { recursive: true })
    for (const file of files) await rename(join(aside, file), join(target, file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) throw error
    throw new UserError(
      'archive-damaged',
      `The archive from ${url} cannot be unpacked: ${(error as Error).message}. Run the command again, ${orElsewhere}`,
      { url, reason: (error as Error).message },
    )
  } finally {
    await writing.catch(() => {}) // a damaged archive ends the pipeline before the file in hand is written
  }
  return target
}

const wanted: readonly string[] = [...cifar10TrainFiles, cifar10TestFile, cifar10NamesFile]

/** The plain name of one of CIFAR-10's seven files, undefined for another entry. */
function batchFile(entry: string): string | undefined {
  const parts = entry.split('/').filter((part) => part !== '' && part !== '.')
  if (entry.startsWith('/') || entry.includes('\\') || parts.includes('..')) {
    throw new Error(`its entry ${JSON.stringify(entry)} points outside the archive`)
  }
  const [folder, name] = parts.length === 1 ? [cifar10Folder, parts[0]!] : parts
  return parts.length <= 2 && folder === cifar10Folder && wanted.includes(name!) ? name : undefined
}

/** Regular files of a tar archive (POSIX ustar, and GNU's and the old layout of the same fields) that `pick` gives a name. */
async function* tarFiles(chunks: AsyncIterable<Buffer>, pick: (entry: string) => string | undefined) {
  const source = chunks[Symbol.asyncIterator]()
  let pending: Buffer = Buffer.alloc(0)
  /** The next `count` bytes. */
  const take = async (count: number): Promise<Buffer> => {
    const parts = [pending]
    let have = pending.length
    while (have < count) {
      const { value, done } = await source.next()
      if (done) throw new Error('it breaks off early')
      parts.push(value)
      have += value.length
    }
    const all = parts.length === 1 ? pending : Buffer.concat(parts)
    pending = all.subarray(count)
    return all.subarray(0, count)
  }
  const text = (field: Buffer) => field.toString('utf8').split('\0', 1)[0]!

  while (true) {
    const header = await take(512)
    if (header.every((byte) => byte === 0)) break
    const sum = header.reduce((s, byte, i) => s + (i >= 148 && i < 156 ? 32 : byte), 0)
    if (Number.parseInt(text(header.subarray(148, 156)), 8) !== sum) throw new Error('a header in it is damaged')
    const size = Number.parseInt(text(header.subarray(124, 136)), 8)
    if (!(size >= 0)) throw new Error('a header in it gives no size')
    const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(header.subarray(345, 500)) : ''
    const entry = (prefix && `${prefix}/`) + text(header.subarray(0, 100))
    const regular = header[156] === 0x30 || header[156] === 0
    const name = pick(entry)
    const padding = -size & 511
    if (regular && name) {
      if (size > cifar10FileRecords * cifar10RecordBytes) throw new Error(`its entry ${entry} is too large`)
      yield { name, bytes: await take(size) }
      await take(padding)
    } else {
      for (let left = size + padding; left > 0; left -= 512) await take(512)
    }
  }
  // What follows the end is read too, so that gzip's own checksum gets compared.
  while (!(await source.next()).done);
}

const orElsewhere = 'or fetch the archive elsewhere, unpack it and name its folder with --data-dir.'
