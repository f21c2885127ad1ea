/** Image files for tests. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { encodePng } from '@robust-jem/formats'
import { Generator, randint } from '@robust-jem/torch'

/** Random bytes; the same for the same seed. */
export const bytesOf = (count: number, seed: number): Uint8Array =>
  randint(0, 256, [count], { generator: new Generator(seed), dtype: 'uint8' }).toTypedArray() as Uint8Array

/** [H, W, 3] to [3, H, W]. */
export function planesOf(data: Uint8Array): Uint8Array {
  const area = data.length / 3
  return Uint8Array.from({ length: data.length }, (_, i) => data[(i % area) * 3 + Math.floor(i / area)]!)
}

/** PNG files 000.png … of random colours in a new folder; returns their pixels one after another, [N, 3, H, W]. */
export function writePngFolder(
  folder: string,
  count: number,
  seed: number,
  { width = 32, height = 32 } = {},
): Uint8Array {
  mkdirSync(folder, { recursive: true })
  const all = new Uint8Array(count * 3 * height * width)
  for (let i = 0; i < count; i++) {
    const data = bytesOf(3 * height * width, 1000 * seed + i)
    writeFileSync(join(folder, `${String(i).padStart(3, '0')}.png`), encodePng({ width, height, data }))
    all.set(planesOf(data), i * data.length)
  }
  return all
}

/** Records of CIFAR-10's binary version. */
export function cifar10Records(count: number, seed: number): Uint8Array {
  const bytes = bytesOf(count * 3073, seed)
  for (let i = 0; i < count; i++) bytes[i * 3073] = i % 10
  return bytes
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})
function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const crc = ~body.reduce((c, byte) => crcTable[(c ^ byte) & 255]! ^ (c >>> 8), -1) >>> 0
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc)
  return Buffer.concat([length, body, check])
}

/** A PNG of zeros of any kind: colour type 0 grey, 2 RGB, 4 grey with alpha. `claimed`: the size in its header. */
export function plainPng(
  colourType: 0 | 2 | 4,
  depth: 8 | 16,
  [width, height] = [4, 4],
  claimed = [width, height],
): Buffer {
  const channels = { 0: 1, 2: 3, 4: 2 }[colourType]
  const header = Buffer.alloc(13)
  header.writeUInt32BE(claimed[0]!, 0)
  header.writeUInt32BE(claimed[1]!, 4)
  header.set([depth, colourType, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (1 + (width * channels * depth) / 8))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
