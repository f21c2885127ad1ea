/** PNG files to 8-bit RGB images and back (PNG specification, third edition), by fast-png. */

import { type DecodedPng, decode, encode } from 'fast-png'

/** An 8-bit image: `data` is [height, width, 3], rows from the top, red green blue interleaved, 0 to 255. */
export type Rgb = { width: number; height: number; data: Uint8Array }

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const GREY = 0
const PALETTE = 3

/** Colour type → samples a pixel and the bit depths that the specification allows. */
const COLOUR_TYPES = new Map([
  [GREY, { channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { channels: 3, depths: [8, 16] }],
  [PALETTE, { channels: 1, depths: [1, 2, 4, 8] }],
  [4, { channels: 2, depths: [8, 16] }],
  [6, { channels: 4, depths: [8, 16] }],
])

/** 16384 × 16384, beyond which nobody's grid or photograph goes. */
const MOST_PIXELS = 2 ** 28
/** Deflate codes at most 258 bytes in 2 bits; a file that promises more is damaged or hostile. */
const MOST_EXPANSION = 1032

/** An 8-bit RGB PNG. Throws where `data` hasn't 3 · width · height bytes or a side is zero. */
export function encodePng({ width, height, data }: Rgb): Uint8Array {
  if (!(width > 0 && height > 0) || data.length !== 3 * width * height) {
    throw new Error(
      `An RGB image of ${width} × ${height} pixels can't have ${data.length} bytes. ` +
        'Give data of shape [height, width, 3] with both sides above zero.',
    )
  }
  return encode({ width, height, data, channels: 3, depth: 8 })
}

/**
 * Any PNG as 8-bit RGB, by the rules of Pillow's `convert('RGB')`, which image folders are read with elsewhere: alpha and
 * transparent colours are dropped, not blended over a background; grey is repeated three times; a palette is looked up.
 * 1, 2, 4 and 16 bits are rescaled to 8 with rounding. Colour profiles, gamma and all other metadata are ignored, and of
 * an animation the first image is taken. Throws an Error on anything that is not a whole, undamaged PNG.
 */
export function decodePng(bytes: Uint8Array): Rgb {
  const { header, critical } = readChunks(bytes)
  let png: DecodedPng
  try {
    png = decode(critical, { checkCrc: true })
  } catch (error) {
    throw damaged(error instanceof Error ? error.message.replace(/[.:]*$/, '') : 'it can not be decoded', error)
  }
  return toRgb(png, header)
}

type Header = { width: number; height: number; depth: number; colourType: number; channels: number }

/** Checks the chunk structure and copies what the pixels need, so that no metadata can spoil or bloat the decoding. */
function readChunks(bytes: Uint8Array): { header: Header; critical: Uint8Array } {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    throw new Error('The data does not begin with the PNG signature. Give a PNG file; convert other formats first.')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kept = [bytes.subarray(0, 8)]
  let header: Header | undefined
  let compressed = 0
  let type = ''
  for (let offset = 8; type !== 'IEND'; ) {
    if (offset + 12 > bytes.length) throw damaged('it ends before its last chunk')
    const length = view.getUint32(offset)
    type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8))
    const end = offset + 12 + length
    if (end > bytes.length) throw damaged(`it ends inside a chunk of type ${JSON.stringify(type)}`)
    if (header === undefined) {
      if (type !== 'IHDR' || length !== 13) throw damaged('its header is missing')
      header = readHeader(view)
    }
    if (type === 'IDAT') compressed += length
    if (['IHDR', 'IDAT', 'IEND'].includes(type) || (type === 'PLTE' && header.colourType === PALETTE)) {
      kept.push(bytes.subarray(offset, end))
    }
    offset = end
  }
  const raw = header!.height * (1 + Math.ceil((header!.width * header!.channels * header!.depth) / 8))
  if (raw > MOST_EXPANSION * compressed || compressed > 2 * raw + 65536) {
    throw damaged(`${compressed} bytes of pixel data can't hold ${header!.width} × ${header!.height} pixels`)
  }
  return { header: header!, critical: concatenate(kept) }
}

function readHeader(view: DataView): Header {
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  const [depth, colourType, interlace] = [view.getUint8(24), view.getUint8(25), view.getUint8(28)]
  const kind = COLOUR_TYPES.get(colourType)
  if (!kind?.depths.includes(depth)) throw damaged(`it claims colour type ${colourType} with ${depth} bits`)
  if (width === 0 || height === 0) throw damaged(`it claims ${width} × ${height} pixels`)
  if (width * height > MOST_PIXELS) {
    throw new Error(`The PNG image claims ${width} × ${height} pixels. Scale it down to at most 16384 × 16384.`)
  }
  if (interlace !== 0 && depth < 8) {
    throw new Error(`Interlaced PNG images of ${depth} bits can't be read. Save the image without interlacing.`)
  }
  return { width, height, depth, colourType, channels: kind.channels }
}

function toRgb(png: DecodedPng, { width, height, depth, colourType, channels }: Header): Rgb {
  const samples = depth < 8 ? unpack(png.data, width, height, depth) : png.data
  const data = new Uint8Array(3 * width * height)
  const most = 2 ** depth - 1
  const colours = channels < 3 ? 1 : 3
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels
    if (colourType === PALETTE) {
      const colour = png.palette?.[samples[at]!]
      if (colour === undefined) throw damaged(`a pixel asks for colour ${samples[at]} that the palette lacks`)
      data.set(colour, 3 * pixel)
    } else {
      for (let c = 0; c < 3; c++) {
        const sample = samples[colours === 1 ? at : at + c]!
        data[3 * pixel + c] = depth === 8 ? sample : Math.round((sample * 255) / most)
      }
    }
  }
  return { width, height, data }
}

/** Samples of 1, 2 or 4 bits, packed from the high bits on and padded to whole bytes a row, one to a byte. */
function unpack(packed: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const samples = new Uint8Array(width * height)
  const bytesPerRow = Math.ceil((width * depth) / 8)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth
      samples[y * width + x] = (packed[y * bytesPerRow + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1)
    }
  }
  return samples
}

function concatenate(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

function damaged(fact: string, cause?: unknown): Error {
  return new Error(`The PNG image is damaged: ${fact}. Copy or save the file again.`, { cause })
}
