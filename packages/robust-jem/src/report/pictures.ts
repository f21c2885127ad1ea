/** Images of the library as pictures and arrays of files. */
import { encodePng, grid, type ImageBatch, type NpyArray, type Rgb, titled } from '@robust-jem/formats'
import type { Tensor } from '@robust-jem/torch'
import { toBytes255 } from '../data/pixels.ts'
import { writeAtomically } from './write.ts'

export const imageBatch = (x: Tensor): ImageBatch => ({ data: toBytes255(x), shape: x.shape })
export const npyImages = (x: Tensor): NpyArray => ({ dtype: 'uint8', shape: x.shape, data: toBytes255(x) })

export interface Panel {
  title: string
  /** Images row by row, [rows·columns, 3, H, W] in [-1, 1]. */
  images: Tensor
  columns: number
}

/** Grids side by side, each under its title, with the classes' names at the left of the rows. */
export const sideBySide = (
  panels: readonly Panel[],
  { rowNames, scale = 2 }: { rowNames?: readonly string[]; scale?: number } = {},
): Rgb =>
  titled(
    panels.map(({ title, images, columns }, i) => ({
      title,
      image: grid(imageBatch(images), { columns, scale }),
      rowNames: i === 0 ? rowNames && [...rowNames] : undefined,
    })),
  )

export const writePng = (path: string, image: Rgb): void => writeAtomically(path, encodePng(image))

/** One titled grid with the classes' names at the left of its rows. */
export const imagesGrid = (panel: Panel, rowNames?: readonly string[]): Rgb =>
  sideBySide([panel], rowNames ? { rowNames } : {})
