import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NpySource, writeNpz } from '@robust-jem/formats'
import { Generator, randn } from '@robust-jem/torch'
import { afterAll, describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { frechetDistance, gaussianOf } from '../../src/evaluation/frechet.ts'
import { type ImageSource, openImages, type StatisticsSource } from '../../src/evaluation/image-source.ts'
import { statisticsFile } from '../../src/evaluation/statistics-file.ts'
import { bytesOf, cifar10Records, plainPng, planesOf, writePngFolder } from './images.ts'

const root = mkdtempSync(join(tmpdir(), 'robust-jem-images-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = (...names: string[]) => join(root, ...names)
const images = (path: string, settings = {}) => openImages(path, settings) as ImageSource
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const npz = (name: string, arrays: Record<string, NpySource>): string => {
  writeFileSync(at(name), writeNpz(arrays))
  return at(name)
}
const bytes = (shape: number[], data: Uint8Array): NpySource => ({ dtype: 'uint8', shape, data })

/** The message of the one-line UserError that it ends with. */
function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({ exitCode: 1, message: expect.not.stringContaining('\n') })
    return (error as Error).message
  }
  throw new Error('Nothing was refused.')
}

describe('images to evaluate', () => {
  it('of a folder of PNG files come by sorted name as planes, with their hash', () => {
    const pixels = writePngFolder(at('folder'), 5, 1, { width: 6, height: 4 })
    writeFileSync(at('folder', 'notes.txt'), '')
    writeFileSync(at('folder', 'one.jpg'), '')
    const source = images(at('folder'))
    expect(source).toMatchObject({ kind: 'folder', count: 5, size: [4, 6], labels: undefined, sha256: sha256(pixels) })
    expect(source.read(0, 5)).toEqual(pixels)
    expect(source.read(3, 2)).toEqual(pixels.subarray(3 * 72))
    expect(source.notes).toEqual([`1 images in ${at('folder')} are not PNG and were passed over, such as one.jpg.`])
  })

  it('of an .npz come from [N, H, W, 3] and from [N, 3, H, W] alike, with labels where it has them', () => {
    const data = bytesOf(4 * 3 * 5 * 7, 2)
    const planar = images(npz('planar.npz', { images: bytes([4, 3, 5, 7], data) }))
    const last = new Uint8Array(data.length)
    for (let i = 0; i < 4; i++)
      for (let c = 0; c < 3; c++) for (let p = 0; p < 35; p++) last[i * 105 + p * 3 + c] = data[i * 105 + c * 35 + p]!
    const labels: NpySource = { dtype: 'int64', shape: [4], data: BigInt64Array.of(3n, 1n, 0n, 2n) }
    const channelsLast = images(npz('last.npz', { arr_0: bytes([4, 5, 7, 3], last), labels }))
    for (const source of [planar, channelsLast]) {
      expect(source).toMatchObject({ kind: 'npz', count: 4, size: [5, 7], sha256: sha256(data) })
      expect([...source.read(0, 4)]).toEqual([...data])
    }
    expect([planar.labels, channelsLast.labels]).toEqual([undefined, Uint8Array.of(3, 1, 0, 2)])
  })

  it('of CIFAR-10 come from one .bin file with their labels; its folder stands for its training images', () => {
    mkdirSync(at('cifar'))
    const [one, two] = [cifar10Records(3, 3), cifar10Records(2, 4)]
    writeFileSync(at('cifar', 'data_batch_1.bin'), one)
    writeFileSync(at('cifar', 'data_batch_2.bin'), two)
    writeFileSync(at('cifar', 'test_batch.bin'), cifar10Records(1, 5))
    const single = images(at('cifar', 'data_batch_1.bin'))
    expect(single).toMatchObject({ kind: 'cifar10', count: 3, size: [32, 32], labels: Uint8Array.of(0, 1, 2) })
    expect([...single.read(1, 1)]).toEqual([...one.subarray(3074, 6146)])
    const all = images(at('cifar'))
    expect([all.count, [...all.labels!]]).toEqual([5, [0, 1, 2, 0, 1]])
    expect([...all.read(4, 1)]).toEqual([...two.subarray(3074)])
  })

  it('may be limited to the first ones, hash and labels included', () => {
    const pixels = writePngFolder(at('more'), 4, 6)
    expect(images(at('more'), { limit: 2 })).toMatchObject({ count: 2, sha256: sha256(pixels.subarray(0, 2 * 3072)) })
    const records = images(at('cifar'), { limit: 4 })
    expect([records.count, [...records.labels!]]).toEqual([4, [0, 1, 2, 0]])
    const array = npz('four.npz', { x: bytes([4, 3, 32, 32], pixels) })
    expect(images(array, { limit: 2 }).sha256).toBe(images(at('more'), { limit: 2 }).sha256)
  })

  it('are the same planes whether they lie interleaved or not', () => {
    expect([...planesOf(Uint8Array.of(1, 2, 3, 4, 5, 6))]).toEqual([1, 4, 2, 5, 3, 6])
  })
})

describe('statistics as TTUR and pytorch-fid keep them', () => {
  const gaussian = gaussianOf(randn([9, 4], { generator: new Generator(1), dtype: 'float64' }))

  it('come back as they were written, with their count', () => {
    writeFileSync(at('stats.npz'), statisticsFile(gaussian))
    const { kind, gaussian: read } = openImages(at('stats.npz')) as StatisticsSource
    expect([kind, read.count]).toEqual(['statistics', 9])
    expect(read.mean.toArray()).toEqual(gaussian.mean.toArray())
    expect(read.covariance.toArray()).toEqual(gaussian.covariance.toArray())
  })

  it('are read from files without a count and in float32', () => {
    const floats = (x: typeof gaussian.mean): NpySource => ({
      dtype: 'float32',
      shape: x.shape,
      data: x.float().toTypedArray() as Float32Array,
    })
    const path = npz('ttur.npz', { mu: floats(gaussian.mean), sigma: floats(gaussian.covariance) })
    const { gaussian: read } = openImages(path) as StatisticsSource
    expect([read.count, read.mean.dtype]).toEqual([undefined, 'float64'])
    expect(frechetDistance(read, gaussian)).toBeLessThan(1e-6)
  })

  it('are refused where mean and covariance do not fit', () => {
    const mu: NpySource = { dtype: 'float64', shape: [2], data: Float64Array.of(0, 0) }
    const sigma: NpySource = { dtype: 'float64', shape: [3, 3], data: new Float64Array(9) }
    const message = /does not hold statistics: mu \[d\] and sigma \[d, d\] of floats\. Name a file that pytorch-fid/
    expect(refusal(() => openImages(npz('unfit.npz', { mu, sigma })))).toMatch(message)
    expect(refusal(() => openImages(npz('alone.npz', { mu })))).toMatch(message)
  })
})

describe('what cannot be evaluated is refused in one line that names the file', () => {
  const folderWith = (name: string, files: Record<string, Uint8Array | string>): string => {
    writePngFolder(at(name), 2, 7, { width: 4, height: 4 })
    for (const [file, content] of Object.entries(files)) writeFileSync(at(name, file), content)
    return at(name)
  }
  const good = () => plainPng(2, 8)

  it.each<[string, Record<string, Uint8Array | string>, RegExp]>([
    [
      'damaged',
      { '001.png': plainPng(2, 8).subarray(0, 60) },
      /001\.png cannot be read \(The PNG image is damaged: .*\)\. Replace or remove it\.$/,
    ],
    [
      'text',
      { '001.png': 'not a picture, but quite some text' },
      /001\.png cannot be read \(The data does not begin with the PNG/,
    ],
    ['empty', { '001.png': '' }, /001\.png is empty\. Replace or remove it\.$/],
    ['grey', { '001.png': plainPng(0, 8) }, /001\.png is grey, but features are of RGB images\. Save it in colour\.$/],
    ['grey with alpha', { '001.png': plainPng(4, 8) }, /001\.png is grey/],
    ['16-bit', { '001.png': plainPng(2, 16) }, /001\.png has 16 bits a channel\. Save it with 8 bits\.$/],
    [
      'oversized',
      { '001.png': plainPng(2, 8, [4, 4], [60000, 50000]) },
      /001\.png claims 60000×50000 pixels\. Scale it down to at most 4096×4096\.$/,
    ],
    [
      'mixed',
      { '002.png': plainPng(2, 8, [5, 4]) },
      /002\.png is 5×4, but .*000\.png is 4×4\. Give images of one size; nothing is resized silently\.$/,
    ],
  ])('a %s image', (name, files, message) => {
    expect(refusal(() => openImages(folderWith(name, files)))).toMatch(message)
  })

  it('a good image of the same kind is not', () => {
    expect(images(folderWith('good', { '002.png': good() })).count).toBe(3)
  })

  it('a folder without PNG files, nothing at all, and other files', () => {
    mkdirSync(at('bare'))
    expect(refusal(() => openImages(at('bare')))).toMatch(
      /bare holds no PNG files\. Name a folder of PNG files, an \.npz/,
    )
    writeFileSync(at('bare', 'a.jpg'), '')
    expect(refusal(() => openImages(at('bare')))).toMatch(/but 1 of other formats; convert them to PNG\./)
    expect(refusal(() => openImages(at('nowhere')))).toMatch(/^There is nothing at .*nowhere\. Name a folder/)
    writeFileSync(at('a.txt'), '')
    expect(refusal(() => openImages(at('a.txt')))).toMatch(/a\.txt is no kind of images that is known\. Name/)
    expect(readdirSync(at('bare'))).toEqual(['a.jpg'])
  })

  it('an .npz that is damaged, holds floats, no images, or several arrays of them', () => {
    writeFileSync(at('broken.npz'), 'PK and then nothing')
    expect(refusal(() => openImages(at('broken.npz')))).toMatch(
      /broken\.npz is no readable \.npz: The npz archive is damaged/,
    )
    const floats: NpySource = { dtype: 'float32', shape: [1, 3, 2, 2], data: new Float32Array(12) }
    expect(refusal(() => openImages(npz('floats.npz', { floats })))).toMatch(
      /holds images of float32\. Round them to uint8/,
    )
    const two = bytes([1, 3, 2, 2], new Uint8Array(12))
    expect(refusal(() => openImages(npz('two.npz', { a: two, b: two })))).toMatch(
      /holds 2 arrays of images\. Write one/,
    )
    for (const shape of [
      [1, 2, 2, 4],
      [0, 3, 2, 2],
      [1, 1, 4, 4],
    ]) {
      const data = new Uint8Array(shape.reduce((product, n) => product * n, 1))
      expect(refusal(() => openImages(npz('none.npz', { x: bytes(shape, data) })))).toMatch(
        /none\.npz holds no RGB images\./,
      )
    }
  })

  it('a .bin file that breaks off', () => {
    writeFileSync(at('cut.bin'), cifar10Records(2, 8).subarray(0, 5000))
    expect(refusal(() => openImages(at('cut.bin')))).toMatch(/cut\.bin has 5,000 bytes, not a multiple of 3,073/)
    writeFileSync(at('nil.bin'), '')
    expect(refusal(() => openImages(at('nil.bin')))).toMatch(/nil\.bin has 0 bytes/)
  })
})
