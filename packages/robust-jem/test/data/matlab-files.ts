/** MAT-files of level 5, as MATLAB writes them. */
import { deflateSync } from 'node:zlib'

/** Type, length, bytes, and what fills them up to a multiple of eight. */
export function element(type: number, bytes: Uint8Array, padded = true): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(type, 0)
  head.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([head, bytes, Buffer.alloc(padded ? -bytes.length & 7 : 0)])
}

/** Up to four bytes in the word beside their type. */
function smallElement(type: number, bytes: Uint8Array): Buffer {
  const whole = Buffer.alloc(8)
  whole.writeUInt32LE((bytes.length << 16) | type, 0)
  whole.set(bytes, 4)
  return whole
}

/** A variable of a class: 9 for uint8, 6 for double. */
export function matrix(name: string, shape: readonly number[], numbers: Buffer, mxClass = 9): Buffer {
  const flags = Buffer.alloc(8)
  flags[0] = mxClass
  const named = Buffer.from(name, 'latin1')
  return element(
    14,
    Buffer.concat([
      element(6, flags),
      element(5, Buffer.from(Int32Array.from(shape).buffer)),
      named.length <= 4 ? smallElement(1, named) : element(1, named),
      numbers,
    ]),
  )
}

export function matlabFile(matrices: readonly Buffer[], { compress = true } = {}): Buffer {
  const header = Buffer.alloc(128, ' ')
  header.write('MATLAB 5.0 MAT-file')
  header.writeUInt16LE(0x0100, 124)
  header.write('IM', 126, 'latin1')
  return Buffer.concat([header, ...matrices.map((each) => (compress ? element(15, deflateSync(each), false) : each))])
}

/** X [32, 32, 3, N], columns first, with (5·row + 11·column + 60·channel + 17·n) mod 256 in it; y [N, 1]. */
export function svhnMatrices(count: number, labels: readonly number[]): Buffer[] {
  const x = Buffer.alloc(count * 3072)
  let at = 0
  for (let n = 0; n < count; n++)
    for (let c = 0; c < 3; c++)
      for (let column = 0; column < 32; column++)
        for (let row = 0; row < 32; row++) x[at++] = (row * 5 + column * 11 + c * 60 + n * 17) % 256
  const y = Buffer.from(labels)
  return [
    matrix('X', [32, 32, 3, count], element(2, x)),
    matrix('y', [count, 1], y.length <= 4 ? smallElement(2, y) : element(2, y)),
  ]
}
