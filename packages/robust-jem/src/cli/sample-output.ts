/** Samples as a picture, a film, an .npz or a folder of PNG files; and starts from an .npz. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { encodePng, filmStrip, grid, readNpz, titled, writeNpz } from '@robust-jem/formats'
import { type Tensor, tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { imageBatch, imagesGrid, npyImages, writePng } from '../report/pictures.ts'
import { writeAtomically } from '../report/write.ts'
import type { Drawn } from './sampling.ts'

export interface SampleOutput {
  kind: 'picture' | 'film' | 'npz' | 'folder'
  path: string
}

/** What the user's path means. Throws a UserError where it cannot be, before anything is computed. */
export function outputOf(path: string, film: boolean): SampleOutput {
  const usage = (message: string) => new UserError('usage', message, { exitCode: 2, path })
  const extension = extname(path)
  if (film && extension !== '.png') throw usage(`A film is one picture, but --out is ${path}. Name a .png file.`)
  if (extension === '.png') return { kind: film ? 'film' : 'picture', path }
  if (extension === '.npz') return { kind: 'npz', path }
  if (extension !== '')
    throw usage(`--out ${path}: nothing is known to write into ${extension}. Name a .png, an .npz or a folder.`)
  if (existsSync(path) && !statSync(path).isDirectory())
    throw usage(`--out ${path} is a file. Name a .png, an .npz or a folder.`)
  return { kind: 'folder', path }
}

/** Writes the samples and returns the files' paths. */
export function writeSamples(
  { kind, path }: SampleOutput,
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
    case 'folder': {
      const { data, shape } = imageBatch(images)
      const size = data.length / classes.length
      return classes.map((c, i) => {
        const file = join(path, `${String(i).padStart(6, '0')}-${classNames[c]!.replaceAll(/[^\w-]/g, '_')}.png`)
        writeAtomically(
          file,
          encodePng(
            grid(
              { data: data.subarray(i * size, (i + 1) * size), shape: [1, ...shape.slice(1)] },
              { columns: 1, padding: 0 },
            ),
          ),
        )
        return file
      })
    }
  }
}

/** Starts from an .npz: the one array [N, 3, H, W] in it, uint8 in 0..255 or float in [-1, 1]. */
export function startsFrom(path: string, shape: readonly number[]): Tensor {
  if (!existsSync(path))
    throw new UserError('start-missing', `There is no file ${path}. Name an .npz of images with --start.`, { path })
  const arrays = Object.values(readNpz(readFileSync(path))).filter((array) => array.shape.length === 4)
  const [array] = arrays
  const expected = `[N, ${shape.join(', ')}]`
  if (!array || arrays.length > 1 || array.shape.slice(1).join() !== shape.join()) {
    throw new UserError(
      'start-shape',
      `${path} does not hold exactly one array ${expected}. Write the images as uint8 or float32 of that shape.`,
      { path, expected },
    )
  }
  const x = tensor(array.data as Uint8Array, { shape: array.shape }).float()
  return array.dtype === 'uint8' ? x.div(127.5).sub(1) : x.clamp({ min: -1, max: 1 })
}
