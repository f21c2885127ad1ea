import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'

export const trainFiles = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`)
export const names = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ')

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'robust-jem-data-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Record r of a file: label r mod 10, then a red plane of `file`, a green one of r, and blue 0, 1, …, 1023 mod 256. */
export function records(file: number, count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, r) =>
      Buffer.concat([
        Buffer.of(r % 10),
        Buffer.alloc(1024, file),
        Buffer.alloc(1024, r),
        Buffer.from(Uint8Array.from({ length: 1024 }, (_, i) => i)),
      ]),
    ),
  )
}

/** CIFAR-10's seven files with few records: 2, 3, 4, 5, 6 for training and 3 for the test. */
export function cifar10Files(): Record<string, Buffer> {
  const train = trainFiles.map((file, i) => [file, records(i + 1, i + 2)] as const)
  return {
    ...Object.fromEntries(train),
    'test_batch.bin': records(9, 3),
    'batches.meta.txt': Buffer.from(`${names.join('\n')}\n\n`),
  }
}

export async function writeFiles(folder: string, files: Record<string, Uint8Array | string>): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(folder, file), bytes)
}

/** One ustar entry, as tar writes it. */
export function tarEntry(
  name: string,
  bytes: Uint8Array,
  { type = '0', magic = 'ustar\x0000', prefix = '' } = {},
): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write(magic, 257)
  header.write(prefix, 345)
  const sum = header.reduce((s, byte) => s + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, bytes, Buffer.alloc(-bytes.length & 511)])
}

/** The files as the official archive holds them: in a folder, with a page of text beside them. */
export function archive(files: Record<string, Buffer> = cifar10Files(), ...more: Buffer[]): Buffer {
  const folder = 'cifar-10-batches-bin/'
  const entries = Object.entries(files).map(([name, bytes]) => tarEntry(folder + name, bytes))
  const page = tarEntry(`${folder}readme.html`, Buffer.alloc(700, 'x'))
  return gzipSync(
    Buffer.concat([tarEntry(folder, Buffer.alloc(0), { type: '5' }), page, ...entries, ...more, Buffer.alloc(1024)]),
  )
}

export const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

/** A server on this machine that lives as long as the test; gives its address. */
export async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar-10-binary.tar.gz`
}

/** An address of this machine where nobody listens. */
export async function nobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return `http://127.0.0.1:${port}/cifar-10-binary.tar.gz`
}
