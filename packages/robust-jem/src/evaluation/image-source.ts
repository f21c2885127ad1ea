/** Images to evaluate, wherever they lie: a folder of PNG files, an .npz, CIFAR-10's binary files. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type NpyArray, readNpz } from '@robust-jem/formats'
import { cifar10RecordBytes, cifar10TrainFiles, findCifar10, recordsOf } from '../data/cifar10.ts'
import { thousands } from '../data/image-set.ts'
import { toPlanes } from '../data/planes.ts'
import { UserError } from '../errors.ts'
import type { FeatureGaussian } from './frechet.ts'
import { decodeRgb } from './png-image.ts'
import { isStatistics, statisticsFrom } from './statistics-file.ts'

export interface ImageSource {
  path: string
  kind: 'folder' | 'npz' | 'cifar10'
  count: number
  size: readonly [height: number, width: number]
  /** Where they are known: [count]. */
  labels: Uint8Array | undefined
  /** Of all pixels, [count, 3, H, W]. */
  sha256: string
  /** What was passed over. */
  notes: readonly string[]
  /** Bytes [count, 3, H, W] of images from `from` on. */
  read(from: number, count: number): Uint8Array
}

/** Statistics in place of images. */
export interface StatisticsSource {
  path: string
  kind: 'statistics'
  gaussian: FeatureGaussian
  sha256: string
}

/** Folders of more bytes than this are decoded again when they are read. */
const mostKeptBytes = 2 ** 28
const kinds =
  'a folder of PNG files, an .npz of images or of statistics (mu, sigma), or CIFAR-10 (its folder or a .bin file)'

/**
 * Opens images, the first `limit` of them, and looks at each once; or statistics. A folder with CIFAR-10's binary files stands for
 * its training images. Throws a UserError that names the file: nothing there, damaged, grey, 16-bit, too large or of mixed sizes.
 */
export function openImages(path: string, { limit = Infinity } = {}): ImageSource | StatisticsSource {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new UserError('images-missing', `There is nothing at ${path}. Name ${kinds}.`, { path })
  if (found.isDirectory()) {
    const cifar10 = findCifar10(path)
    return cifar10 ? cifar10Training(path, cifar10, limit) : folderImages(path, limit)
  }
  if (path.endsWith('.npz')) return npzSource(path, limit)
  if (path.endsWith('.bin')) return cifar10Images(path, [path], limit)
  throw new UserError('images-kind', `${path} is no kind of images that is known. Name ${kinds}.`, { path })
}

function cifar10Training(path: string, folder: string, limit: number): ImageSource {
  const there = readdirSync(folder)
  const files = cifar10TrainFiles.filter((file) => there.includes(file))
  if (files.length === 0)
    throw new UserError(
      'images-none',
      `${path} holds none of CIFAR-10's training images. Name a .bin file in it, or the whole folder.`,
      { path, expected: cifar10TrainFiles, received: there },
    )
  const images = cifar10Images(
    path,
    files.map((file) => join(folder, file)),
    limit,
  )
  const missing = cifar10TrainFiles.filter((file) => !there.includes(file))
  return missing.length === 0
    ? images
    : {
        ...images,
        notes: [`${path} lacks ${missing.join(', ')}: ${thousands(images.count)} training images are taken.`],
      }
}

const inMemory =
  (bytes: Uint8Array, imageBytes: number): ImageSource['read'] =>
  (from, count) =>
    bytes.subarray(from * imageBytes, (from + count) * imageBytes)
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function folderImages(path: string, limit: number): ImageSource {
  const all = readdirSync(path).sort()
  const names = all.filter((name) => /\.png$/i.test(name) && !name.startsWith('.'))
  const others = all.filter((name) => /\.(jpe?g|webp|bmp|tiff?)$/i.test(name))
  if (names.length === 0) {
    throw new UserError(
      'images-none',
      `${path} holds no PNG files${others.length ? `, but ${thousands(others.length)} of other formats; convert them to PNG` : ''}. Name ${kinds}.`,
      { path, received: all.length },
    )
  }
  const files = names.slice(0, limit).map((name) => join(path, name))
  const first = decodeRgb(files[0]!)
  const { width, height } = first
  const decode = (file: string): Uint8Array => {
    const image = decodeRgb(file)
    if (image.width === width && image.height === height) return image.planes
    throw new UserError(
      'image-size',
      `${file} is ${image.width}×${image.height}, but ${files[0]} is ${width}×${height}. Give images of one size; nothing is resized silently.`,
      { path: file, expected: [width, height], received: [image.width, image.height] },
    )
  }
  const imageBytes = 3 * width * height
  const kept = files.length * imageBytes <= mostKeptBytes ? new Uint8Array(files.length * imageBytes) : undefined
  const hash = createHash('sha256')
  for (const [i, file] of files.entries()) {
    const planes = decode(file)
    hash.update(planes)
    kept?.set(planes, i * imageBytes)
  }
  const decodeAgain = (from: number, count: number): Uint8Array =>
    Buffer.concat(files.slice(from, from + count).map(decode))
  return {
    path,
    kind: 'folder',
    count: files.length,
    size: [height, width],
    labels: undefined,
    sha256: hash.digest('hex'),
    notes: others.length
      ? [`${thousands(others.length)} images in ${path} are not PNG and were passed over, such as ${others[0]}.`]
      : [],
    read: kept ? inMemory(kept, imageBytes) : decodeAgain,
  }
}

function npzSource(path: string, limit: number): ImageSource | StatisticsSource {
  const bytes = readFileSync(path)
  let arrays: Record<string, NpyArray>
  try {
    arrays = readNpz(bytes)
  } catch (error) {
    throw new UserError('images-damaged', `${path} is no readable .npz: ${(error as Error).message}`, { path })
  }
  if (isStatistics(arrays))
    return { path, kind: 'statistics', gaussian: statisticsFrom(path, arrays), sha256: sha256Of(bytes) }

  const images = Object.values(arrays).filter(({ shape }) => shape.length === 4)
  const [array] = images
  const wrong = (fact: string, remedy: string) =>
    new UserError('images-shape', `${path} ${fact}. ${remedy}`, {
      path,
      expected: 'uint8 [N, H, W, 3] or [N, 3, H, W]',
      received: Object.fromEntries(Object.entries(arrays).map(([name, { dtype, shape }]) => [name, [dtype, shape]])),
    })
  const remedy = 'Write one array of uint8 [N, H, W, 3] or [N, 3, H, W], or statistics mu and sigma.'
  if (images.length > 1) throw wrong(`holds ${images.length} arrays of images`, remedy)
  const planar = array?.shape[1] === 3
  if (!array || array.data.length === 0 || (!planar && array.shape[3] !== 3)) throw wrong('holds no RGB images', remedy)
  if (array.dtype !== 'uint8')
    throw wrong(`holds images of ${array.dtype}`, 'Round them to uint8, 0 to 255: figures are of such images.')
  const [total, height, width] = (planar ? [0, 2, 3] : [0, 1, 2]).map((i) => array.shape[i]!) as [
    number,
    number,
    number,
  ]
  const count = Math.min(total, limit)
  const imageBytes = 3 * height * width
  const given = array.data.subarray(0, count * imageBytes)
  const planes = planar ? given : allPlanes(given, imageBytes)
  const labels = labelsIn(arrays, total)?.subarray(0, count)
  return {
    path,
    kind: 'npz',
    count,
    size: [height, width],
    labels,
    sha256: sha256Of(planes),
    notes: [],
    read: inMemory(planes, imageBytes),
  }
}

/** Classes 0 to 255 of all images; undefined where there are none, or other numbers. */
function labelsIn({ labels }: Record<string, NpyArray>, total: number): Uint8Array | undefined {
  if (labels?.shape.join() !== String(total) || !/int/.test(labels.dtype)) return undefined
  const classes = Array.from(labels.data as ArrayLike<number | bigint>, Number)
  return classes.every((c) => c >= 0 && c < 256) ? Uint8Array.from(classes) : undefined
}

/** [N, H, W, 3] to [N, 3, H, W]. */
function allPlanes(data: Uint8Array, imageBytes: number): Uint8Array {
  const planes = new Uint8Array(data.length)
  for (let at = 0; at < data.length; at += imageBytes)
    toPlanes(data.subarray(at, at + imageBytes), planes.subarray(at, at + imageBytes))
  return planes
}

/** Records of one label byte and 3,072 pixel bytes. */
function cifar10Images(path: string, files: readonly string[], limit: number): ImageSource {
  const batches: Uint8Array[] = []
  for (const file of files) {
    const bytes = readFileSync(file)
    if (bytes.length === 0 || bytes.length % cifar10RecordBytes !== 0) {
      throw new UserError(
        'images-damaged',
        `${file} has ${thousands(bytes.length)} bytes, not a multiple of 3,073 as CIFAR-10's binary files have. Fetch it again.`,
        { path: file, expected: 'records of 3,073 bytes', received: bytes.length },
      )
    }
    batches.push(bytes)
  }
  const { images, labels } = recordsOf(batches, limit)
  return {
    path,
    kind: 'cifar10',
    count: labels.length,
    size: [32, 32],
    labels,
    sha256: sha256Of(images),
    notes: [],
    read: inMemory(images, cifar10RecordBytes - 1),
  }
}
