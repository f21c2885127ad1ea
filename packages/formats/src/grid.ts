/** Image batches as one picture: grids and film strips, laid out as torchvision's make_grid does. */

import type { Rgb } from './png.ts'

/** A batch of 8-bit images as networks order them: `data` is [N, 3, H, W], planar, 0 to 255. */
export type ImageBatch = { data: Uint8Array; shape: readonly number[] }

export type GridLook = {
  /** Pixels of background around and between the images, not magnified. */
  padding?: number
  /** Whole-number magnification of the images, by repeating pixels. */
  scale?: number
  /** Grey level of the background, 0 (black) to 255 (white). */
  background?: number
}

/**
 * The images of [N, 3, H, W], row by row from the upper left, `columns` in a row (fewer where N is smaller).
 * The picture is [rows · (scale · H + padding) + padding, columns · (scale · W + padding) + padding, 3].
 */
export function grid(images: ImageBatch, { columns, ...look }: GridLook & { columns: number }): Rgb {
  const { padding = 2, scale = 1, background = 255 } = look
  const [N, H, W] = batchShape(images)
  whole('columns:', columns, 1)
  whole('a padding of', padding, 0)
  whole('a scale of', scale, 1)
  const across = Math.min(columns, N)
  const rows = Math.ceil(N / across)
  const pitch = { x: scale * W + padding, y: scale * H + padding }
  const picture = canvas(across * pitch.x + padding, rows * pitch.y + padding, background)
  for (let n = 0; n < N; n++) {
    const left = padding + (n % across) * pitch.x
    const top = padding + Math.floor(n / across) * pitch.y
    for (let y = 0; y < scale * H; y++) {
      for (let x = 0; x < scale * W; x++) {
        const from = n * 3 * H * W + Math.floor(y / scale) * W + Math.floor(x / scale)
        const to = 3 * ((top + y) * picture.width + left + x)
        for (let c = 0; c < 3; c++) picture.data[to + c] = images.data[from + c * H * W]!
      }
    }
  }
  return picture
}

/**
 * A chain as it ran: `frames` holds one batch [N, 3, H, W] a recorded step. Row n of the picture is image n, its columns
 * are the steps in order.
 */
export function filmStrip(frames: readonly ImageBatch[], look: GridLook = {}): Rgb {
  const first = frames[0]
  if (first === undefined) throw new Error('A film strip of no steps has no picture. Record at least one step.')
  const [N, H, W] = batchShape(first)
  const size = 3 * H * W
  const data = new Uint8Array(frames.length * N * size)
  for (const [step, frame] of frames.entries()) {
    if (String(batchShape(frame)) !== String([N, H, W])) {
      throw new Error(
        `Step ${step} of the film has shape [${frame.shape}] where the first has [${first.shape}]. ` +
          'Record the same images at every step.',
      )
    }
    for (let n = 0; n < N; n++) {
      data.set(frame.data.subarray(n * size, (n + 1) * size), (n * frames.length + step) * size)
    }
  }
  return grid({ data, shape: [N * frames.length, 3, H, W] }, { ...look, columns: frames.length })
}

/** An empty picture in one grey level, 0 to 255. */
export function canvas(width: number, height: number, background = 255): Rgb {
  whole('pixels across', width, 1)
  whole('pixels down', height, 1)
  whole('a background of', background, 0, 255)
  return { width, height, data: new Uint8Array(3 * width * height).fill(background) }
}

/** Copies `image` into `picture` with its upper left corner at (left, top); it must fit. */
export function paste(picture: Rgb, image: Rgb, left: number, top: number): void {
  for (let y = 0; y < image.height; y++) {
    const row = image.data.subarray(3 * y * image.width, 3 * (y + 1) * image.width)
    picture.data.set(row, 3 * ((top + y) * picture.width + left))
  }
}

function batchShape({ data, shape }: ImageBatch): [N: number, H: number, W: number] {
  const [N = 0, C = 0, H = 0, W = 0] = shape
  if (shape.length !== 4 || C !== 3 || !(N > 0 && H > 0 && W > 0) || data.length !== N * 3 * H * W) {
    throw new Error(
      `Images of shape [${shape}] with ${data.length} bytes can't be laid out. ` +
        'Give at least one image, as uint8 data of shape [N, 3, H, W].',
    )
  }
  return [N, H, W]
}

function whole(what: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    throw new Error(`A picture can't have ${what} ${value}. Give a whole number ${range}.`)
  }
}
