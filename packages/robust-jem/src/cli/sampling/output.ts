/** Samples as a picture, a film, an .npz or a folder of PNG files; and starts from an .npz. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  encodePng,
  filmStrip,
  grid,
  type ImageBatch,
  type NpyArray,
  readNpz,
  titled,
  writeNpz,
} from '@robust-jem/formats'
import { scope, type Tensor, tensor } from '@robust-jem/torch'
import { UserError } from '../../errors.ts'
import { makeFolder, unmakeFolder } from '../../folders.ts'
import { imageBatch, imagesGrid, npyImages, writePng } from '../../report/pictures.ts'
import { writeAtomically } from '../../report/write.ts'
import { savedBuffer } from '../../training/checkpoint.ts'
import type { Drawn } from './draw.ts'
import type { SampleTarget } from './target.ts'

/** Writes the samples and returns the files' paths. */
export function writeSamples(
  { kind, path }: SampleTarget,
  { images, frames }: Drawn,
  { classes, classNames, title }: { classes: readonly number[]; classNames: readonly string[]; title: string },
): string[] {
  const columns = Math.max(1, ...[...new Set(classes)].map((c) => classes.filter((other) => other === c).length))
  const uniform = classes.length === columns * new Set(classes).size
  const rowNames = [...new Set(classes)].map((c) => classNames[c]!)
  switch (kind) {
    case 'picture':
      writePng(
        path,
        uniform
          ? imagesGrid({ title, images, columns }, rowNames)
          : titled([{ title, image: grid(imageBatch(images), { columns, scale: 2 }) }]),
      )
      return [path]
    case 'film':
      writePng(
        path,
        titled([
          {
            title,
            image: filmStrip(frames.map(imageBatch), { scale: 2 }),
            rowNames: classes.map((c) => classNames[c]!),
          },
        ]),
      )
      return [path]
    case 'npz':
      writeAtomically(
        path,
        writeNpz({
          images: npyImages(images),
          labels: { dtype: 'int64', shape: [classes.length], data: BigInt64Array.from(classes, BigInt) },
        }),
      )
      return [path]
    case 'folder':
      return writeFolder(
        path,
        imageBatch(images),
        classes.map((c) => classNames[c]!),
      )
  }
}

/** One PNG an image, 000000-cat.png; all of them or none. */
function writeFolder(path: string, { data, shape }: ImageBatch, names: readonly string[]): string[] {
  const [count, ...one] = shape
  const size = data.length / count!
  const made = makeFolder(path)
  const files: string[] = []
  try {
    for (const [i, name] of names.entries()) {
      const image = { data: data.subarray(i * size, (i + 1) * size), shape: [1, ...one] }
      const file = join(path, `${String(i).padStart(6, '0')}-${name.replaceAll(/[^\w-]/g, '_')}.png`)
      writeAtomically(file, encodePng(grid(image, { columns: 1, padding: 0 })))
      files.push(file)
    }
    return files
  } catch (error) {
    for (const file of files) rmSync(file, { force: true })
    unmakeFolder(path, made)
    throw error
  }
}

/** The first chains of these classes in the replay buffer beside a checkpoint's weights: [N, 3, H, W] in [-1, 1]. Throws a UserError where there are not as many. */
export function startsFromBuffer(weights: string, classes: readonly number[]): Tensor {
  const buffer = savedBuffer(dirname(weights))
  if (!buffer)
    throw new UserError(
      'buffer-missing',
      `There is no replay buffer beside ${weights}. Name a run whose system keeps chains and has begun to train them.`,
      { path: weights },
    )
  return scope(() => {
    const seen = new Map<number, number>()
    const slots = classes.map((c) => {
      const nth = seen.get(c) ?? 0
      seen.set(c, nth + 1)
      return buffer.slotsOf(c)[nth]
    })
    const most = Math.max(...seen.values())
    if (slots.includes(undefined))
      throw new UserError(
        'buffer-too-small',
        `The replay buffer holds fewer than ${most} chains of a class. Ask for fewer with --count.`,
        { path: weights, received: most },
      )
    return buffer.chainsAt(slots as number[])
  })
}

/** Starts from an .npz: the one array [N, 3, H, W] in it, uint8 in 0..255 or float in [-1, 1]. Throws a UserError. */
export function startsFrom(path: string, shape: readonly number[]): Tensor {
  const expected = `[N, ${shape.join(', ')}]`
  const wrong = (code: string, fact: string, remedy: string) =>
    new UserError(code, `${path} ${fact}. ${remedy}`, { path, expected })
  if (!existsSync(path)) throw wrong('start-missing', 'does not exist', 'Name an .npz of images with --start.')
  let read: Record<string, NpyArray>
  try {
    read = readNpz(readFileSync(path))
  } catch (error) {
    if ('syscall' in (error as Error)) throw error
    throw wrong('start-damaged', 'is no readable .npz', (error as Error).message)
  }
  const arrays = Object.values(read).filter((array) => array.shape.length === 4)
  const [array] = arrays
  if (!array || arrays.length > 1 || array.shape[0] === 0 || array.shape.slice(1).join() !== shape.join())
    throw wrong('start-shape', `does not hold exactly one array ${expected}`, 'Write uint8 or float32 of that shape.')
  if (array.dtype === 'uint8') return scope(() => tensor(array.data, { shape: array.shape }).float().div(127.5).sub(1))
  const limit = 1 + 1e-6 // float32 of the edges
  if (!array.dtype.startsWith('float') || !array.data.every((value) => Math.abs(Number(value)) <= limit))
    throw wrong('start-range', 'is neither uint8 nor float in [-1, 1]', 'Scale pixels: 2·pixel/255 − 1.')
  return scope(() =>
    tensor(array.data as Float32Array, { shape: array.shape })
      .float()
      .clamp({ min: -1, max: 1 }),
  )
}
