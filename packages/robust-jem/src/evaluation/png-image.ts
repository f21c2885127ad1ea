/** PNG files as the RGB images that features are taken of. */
import { readFileSync } from 'node:fs'
import { decodePng, type Rgb } from '@robust-jem/formats'
import { toPlanes } from '../data/planes.ts'
import { UserError } from '../errors.ts'

/** 4096 × 4096: one such image takes half a gigabyte on its way to the network. */
const mostPixels = 2 ** 24
const headerBytes = 26

/**
 * Planar bytes [3, H, W] of an 8-bit colour PNG. Throws a UserError where it is damaged or too large, and where reading it as RGB
 * would be a choice that changes figures: grey, and 16 bits.
 */
export function decodeRgb(path: string): { width: number; height: number; planes: Uint8Array } {
  const bytes = readFileSync(path)
  const refused = (code: string, fact: string, remedy: string, cause?: unknown) =>
    new UserError(code, `${path} ${fact}. ${remedy}`, { path, cause })
  if (bytes.length === 0) throw refused('image-unreadable', 'is empty', 'Replace or remove it.')
  if (bytes.length >= headerBytes && bytes.toString('latin1', 12, 16) === 'IHDR') {
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
    const [depth, colourType] = [bytes[24]!, bytes[25]!]
    if (width * height > mostPixels)
      throw refused('image-size', `claims ${width}×${height} pixels`, 'Scale it down to at most 4096×4096.')
    if (depth === 16) throw refused('image-depth', 'has 16 bits a channel', 'Save it with 8 bits.')
    if (colourType === 0 || colourType === 4)
      throw refused('image-grey', 'is grey, but features are of RGB images', 'Save it in colour.')
  }
  let image: Rgb
  try {
    image = decodePng(bytes)
  } catch (cause) {
    const reason = (cause as Error).message.split('. ')[0]!
    throw refused('image-unreadable', `cannot be read (${reason})`, 'Replace or remove it.', cause)
  }
  const { width, height, data } = image
  const planes = new Uint8Array(data.length)
  toPlanes(data, planes)
  return { width, height, planes }
}
