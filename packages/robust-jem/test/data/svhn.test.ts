import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readSvhn } from '../../src/data/svhn.ts'
import { UserError } from '../../src/errors.ts'
import { temporaryFolder } from './cifar10-files.ts'
import { element, matlabFile, matrix, svhnMatrices } from './matlab-files.ts'

async function svhnOf(bytes: Uint8Array) {
  const path = join(await temporaryFolder(), 'test_32x32.mat')
  writeFileSync(path, bytes)
  return { path, read: () => readSvhn(path) }
}

describe("SVHN's test_32x32.mat", () => {
  it.each([
    ['compressed', true],
    ['plain', false],
  ])('%s: rows of the pictures, planes of colours, and 10 is the digit 0', async (_, compress) => {
    const set = (await svhnOf(matlabFile(svhnMatrices(3, [10, 1, 9]), { compress }))).read()
    expect(set.shape).toEqual([3, 3, 32, 32])
    expect([...set.labels]).toEqual([0, 1, 9])
    const at = (n: number, c: number, row: number, column: number) => set.images[((n * 3 + c) * 32 + row) * 32 + column]
    for (const [n, c, row, column] of [
      [0, 0, 0, 5],
      [1, 2, 7, 0],
      [2, 1, 31, 30],
    ] as const)
      expect(at(n, c, row, column)).toBe((row * 5 + column * 11 + c * 60 + n * 17) % 256)
  })

  it('takes labels of double class, and passes over other variables', async () => {
    const [x] = svhnMatrices(1, [2])
    const y = matrix('y', [1, 1], element(9, Buffer.from(Float64Array.of(7).buffer)), 6)
    const text = matrix('note', [1, 2], element(16, Buffer.from('ab')), 4)
    expect([...(await svhnOf(matlabFile([text, x!, y]))).read().labels]).toEqual([7])
  })

  it('answers with one line what is cut, damaged, too short or another file', async () => {
    const whole = matlabFile(svhnMatrices(2, [1, 2]))
    const plain = matlabFile(svhnMatrices(2, [1, 2]), { compress: false })
    const damaged = Buffer.from(whole)
    damaged.fill(0x55, 200, 230)
    const hdf5 = Buffer.from(whole)
    hdf5.write('MATLAB 7.3 MAT-file')
    const bigEndian = Buffer.from(whole)
    bigEndian.write('MI', 126, 'latin1')
    const huge = Buffer.from(plain)
    huge.writeUInt32LE(0xfffffff0, 132)
    const [x, y] = svhnMatrices(2, [1, 2])
    const cases: [Uint8Array, RegExp][] = [
      [Buffer.alloc(0), /ends within its header/],
      [Buffer.alloc(4000), /no header of a MAT-file of version 5/],
      [whole.subarray(0, whole.length - 9), /cut short/],
      [plain.subarray(0, 132), /ends within the head of an element/],
      [damaged, /a compressed part cannot be read/],
      [huge, /an element of 4294967280 bytes ends after the file/],
      [hdf5, /version 7\.3/],
      [bigEndian, /big-endian/],
      [matlabFile([x!]), /it holds X, not X and y/],
      [matlabFile([x!, svhnMatrices(1, [1])[1]!]), /2 images and 1 labels/],
      [matlabFile(svhnMatrices(2, [1, 11])), /label 1 is 11/],
      [matlabFile([matrix('X', [2, 2], element(2, Buffer.alloc(4))), y!]), /its X is not \[32, 32, 3, N\]/],
      [matlabFile([matrix('X', [2, 3], element(2, Buffer.alloc(4))), y!]), /shape \[2, 3\] has 4 numbers/],
    ]
    for (const [bytes, message] of cases) {
      const { path, read } = await svhnOf(bytes)
      expect(read).toThrow(UserError)
      expect(read).toThrow(message)
      expect(read).toThrow(`${path} is not SVHN's test_32x32.mat: `)
    }
  })

  it('refuses a compressed part in which there is no variable', async () => {
    const zeros = element(15, deflateSync(Buffer.alloc(4096)), false)
    const { read } = await svhnOf(Buffer.concat([matlabFile([]), zeros]))
    expect(read).toThrow(/it holds no arrays, not X and y/)
  })
})
