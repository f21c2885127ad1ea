/** One published file from the network, verified before anything is done with it. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../errors.ts'

export interface Transfer {
  /** Bytes so far, and of the whole file where the server says so. */
  onProgress?: (done: number, total: number | undefined) => void
  /** Milliseconds to wait for the server's answer, and then between two pieces of the file. */
  connectTimeout?: number
  stallTimeout?: number
  /** Ends the download early and clears away what it wrote. */
  signal?: AbortSignal
}

export interface Download extends Transfer {
  url: string
  /** In hexadecimal: the whole digest, or its first digits. */
  checksum: { algorithm: 'md5' | 'sha256'; digest: string }
  /** A folder, made where it is missing. */
  cache: string
  /** What it is and how else to get it, for errors: 'CIFAR-10', 'or fetch it elsewhere …'. */
  name: string
  elsewhere: string
}

const algorithmNames = { md5: 'MD5', sha256: 'SHA-256' }

/**
 * Downloads a file into a folder of its own in the cache, compares its checksum, and hands file and folder to `keep`, which
 * moves what is finished to where it belongs. The folder goes at the end, so the cache never holds half a file.
 * Throws a UserError: `no-network` (no answer), `http-status`, `download-interrupted`, `checksum`, `cache-unwritable`.
 */
export async function download<T>(
  {
    url,
    checksum,
    cache,
    name,
    elsewhere,
    onProgress,
    signal,
    connectTimeout = 5_000,
    stallTimeout = 60_000,
  }: Download,
  keep: (file: string, folder: string) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController()
  const either = signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal
  const answerBy = setTimeout(() => giveUp.abort(), connectTimeout)
  const response = await fetch(url, { signal: either })
    .catch((error) => {
      signal?.throwIfAborted()
      const reason = giveUp.signal.aborted ? `no answer in ${connectTimeout / 1000} s` : reasonOf(error)
      throw new UserError('no-network', `Cannot reach ${url} (${reason}). Check the network, ${elsewhere}`, {
        url,
        reason,
      })
    })
    .finally(() => clearTimeout(answerBy))
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel()
    throw new UserError(
      'http-status',
      `${url} answered with status ${response.status}. Try again later, ${elsewhere}`,
      { url, expected: 200, received: response.status },
    )
  }

  const stall = setTimeout(() => giveUp.abort(), stallTimeout)
  const hash = createHash(checksum.algorithm)
  const total = Number(response.headers.get('content-length')) || undefined
  let done = 0
  const watch = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      stall.refresh()
      hash.update(chunk)
      done += chunk.length
      onProgress?.(done, total)
      yield chunk
    }
  }
  let folder: string | undefined
  try {
    await mkdir(cache, { recursive: true })
    folder = await mkdtemp(join(cache, 'download-'))
    const file = join(folder, 'download.part')
    await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(file)).catch((error) => {
      signal?.throwIfAborted()
      if (error.syscall === 'write' || error.syscall === 'open') throw error
      const reason = giveUp.signal.aborted ? `nothing came for ${stallTimeout / 1000} s` : reasonOf(error)
      const got = `${done.toLocaleString('en-US')} of ${total?.toLocaleString('en-US') ?? 'an unknown number of'} bytes`
      throw new UserError(
        'download-interrupted',
        `The download of ${url} broke off after ${got} (${reason}). Run the command again, ${elsewhere}`,
        { url, expected: total, received: done, reason },
      )
    })
    const { algorithm, digest: expected } = checksum
    const received = hash.digest('hex')
    if (!received.startsWith(expected)) {
      const shown = `${expected}${expected.length < received.length ? '…' : ''}`
      throw new UserError(
        'checksum',
        `What came from ${url} is not the official file: its ${algorithmNames[algorithm]} is ${received}, not ${shown}. Run the command again, on another network if it stays so.`,
        { url, expected, received },
      )
    }
    return await keep(file, folder)
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).syscall) throw error
    const reason = reasonOf(error)
    throw new UserError(
      'cache-unwritable',
      `Cannot write ${name} to ${cache} (${reason}). Make room or set XDG_CACHE_HOME to a writable folder.`,
      { path: cache, reason },
    )
  } finally {
    clearTimeout(stall)
    giveUp.abort() // lets go of the connection where not all was read
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

/** fetch hides the system's error as the cause of a bare "fetch failed". */
function reasonOf(error: unknown): string {
  const { code, message, cause } = error as NodeJS.ErrnoException
  return cause ? reasonOf(cause) : (code ?? message)
}
