import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { type DataSets, type ImageSet, imageSet, thousands } from './image-set.ts'

// CIFAR-10, binary version (Krizhevsky 2009): a file is a run of records, a record is one label byte and then
// 3,072 pixel bytes, 1,024 red, 1,024 green, 1,024 blue, each plane row by row. So it is [3, 32, 32] already.

export const cifar10Folder = 'cifar-10-batches-bin'
export const cifar10TrainFiles = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`)
export const cifar10TestFile = 'test_batch.bin'
export const cifar10NamesFile = 'batches.meta.txt'
export const cifar10ClassNames: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
]

/** Whether these are CIFAR-10's classes, in its order. */
export const knowsCifar10 = (classNames: readonly string[]): boolean => classNames.join() === cifar10ClassNames.join()

/** Records in each of the six official files, and bytes in a record. */
export const cifar10FileRecords = 10_000
export const cifar10RecordBytes = 1 + 3 * 32 * 32

const remedy = 'Download cifar-10-binary.tar.gz again and unpack it, or name another folder with --data-dir.'

/** The folder that holds CIFAR-10's binary files: `directory` itself or its `cifar-10-batches-bin`; undefined if neither has one. */
export function findCifar10(directory: string): string | undefined {
  const files = [...cifar10TrainFiles, cifar10TestFile]
  return [directory, join(directory, cifar10Folder)].find((d) => files.some((file) => existsSync(join(d, file))))
}

/** Whether a folder holds all six files of records. */
export function isCompleteCifar10(directory: string): boolean {
  return [...cifar10TrainFiles, cifar10TestFile].every((file) => existsSync(join(directory, file)))
}

/**
 * Reads CIFAR-10's binary version, [N, 3, 32, 32] bytes, from a folder or its `cifar-10-batches-bin`.
 * Files with fewer than 10,000 records are taken as they are, and the notes say so.
 * Throws a UserError for a missing, empty or truncated file and for a label over 9.
 */
export async function readCifar10(directory: string): Promise<DataSets> {
  const found = await stat(directory).catch(() => undefined)
  if (!found?.isDirectory()) {
    throw new UserError('data-missing', `${directory} is not a folder. Name CIFAR-10's folder with --data-dir.`, {
      path: directory,
      expected: `a folder with ${cifar10TrainFiles[0]} … ${cifar10TestFile}`,
      received: found ? 'a file' : 'nothing',
    })
  }
  const folder = findCifar10(directory) ?? directory
  const classNames = await readClassNames(join(folder, cifar10NamesFile))
  const train = await readPart('train', folder, cifar10TrainFiles, classNames)
  const test = await readPart('test', folder, [cifar10TestFile], classNames)
  const notes = [train, test]
    .filter((set, i) => set.shape[0] < cifar10FileRecords * [5, 1][i]!)
    .map((set) => `Not all of CIFAR-10 is there: ${set.origin}.`)
  return { train, test, notes }
}

async function readPart(
  part: 'train' | 'test',
  folder: string,
  files: readonly string[],
  classNames: readonly string[],
): Promise<ImageSet> {
  const batches: Buffer[] = []
  for (const file of files) batches.push(await readRecords(join(folder, file)))
  const { images, labels } = recordsOf(batches)
  const official = cifar10FileRecords * files.length
  const origin = `CIFAR-10 ${part}, ${thousands(labels.length)} of ${thousands(official)} records`
  return imageSet({ name: 'cifar10', images, labels, size: [32, 32], classNames, origin })
}

/** The first `limit` records, of a label byte and 3,072 pixel bytes each: images [N, 3, 32, 32] and labels [N]. */
export function recordsOf(
  batches: readonly Uint8Array[],
  limit = Infinity,
): { images: Uint8Array; labels: Uint8Array } {
  const count = Math.min(
    batches.reduce((sum, batch) => sum + batch.length / cifar10RecordBytes, 0),
    limit,
  )
  const pixels = cifar10RecordBytes - 1
  const images = new Uint8Array(count * pixels)
  const labels = new Uint8Array(count)
  let i = 0
  for (const batch of batches) {
    for (let at = 0; at < batch.length && i < count; at += cifar10RecordBytes, i++) {
      labels[i] = batch[at]!
      images.set(batch.subarray(at + 1, at + cifar10RecordBytes), i * pixels)
    }
  }
  return { images, labels }
}

async function readRecords(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') {
      throw new UserError('data-missing', `CIFAR-10's file ${path} is missing. ${remedy}`, {
        path,
        expected: 'records of 3,073 bytes',
        received: 'no file',
      })
    }
    throw new UserError(
      'data-unreadable',
      `CIFAR-10's file ${path} cannot be read (${cause.code}). Check its permissions, or name another folder with --data-dir.`,
      { path, expected: 'a readable file', received: cause.code },
    )
  })
  if (bytes.length === 0) {
    throw new UserError('data-empty', `CIFAR-10's file ${path} is empty. ${remedy}`, {
      path,
      expected: 'records of 3,073 bytes',
      received: '0 bytes',
    })
  }
  if (bytes.length % cifar10RecordBytes !== 0) {
    const full = Math.floor(bytes.length / cifar10RecordBytes)
    throw new UserError(
      'data-truncated',
      `CIFAR-10's file ${path} has ${thousands(bytes.length)} bytes, not a multiple of 3,073: it breaks off after ${thousands(full)} whole records. ${remedy}`,
      { path, expected: 'a multiple of 3,073 bytes', received: bytes.length },
    )
  }
  const count = bytes.length / cifar10RecordBytes
  if (count > cifar10FileRecords) {
    throw new UserError(
      'data-too-long',
      `CIFAR-10's file ${path} has ${thousands(count)} records, but the official one has 10,000. ${remedy}`,
      { path, expected: cifar10FileRecords, received: count },
    )
  }
  for (let i = 0; i < count; i++) {
    const label = bytes[i * cifar10RecordBytes]!
    if (label > 9) {
      throw new UserError(
        'data-label',
        `CIFAR-10's file ${path} gives record ${thousands(i)} the label ${label}, but labels go from 0 to 9. ${remedy}`,
        { path, record: i, expected: '0..9', received: label },
      )
    }
  }
  return bytes
}

async function readClassNames(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return cifar10ClassNames
  const names = text.split(/\r?\n/).flatMap((line) => line.trim() || [])
  if (names.length !== 10 || new Set(names).size !== 10) {
    throw new UserError(
      'data-class-names',
      `${path} should give ten different class names, one a line, but gives ${new Set(names).size}. Delete it to use the official names.`,
      { path, expected: 10, received: names },
    )
  }
  return names
}
