import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { encodePng } from '@robust-jem/formats'
import { describe, expect, it } from 'vitest'
import { hasClassFolders, readFolder } from '../../src/data/folder.ts'
import { temporaryFolder, writeFiles } from './cifar10-files.ts'

/** A 32×32 PNG whose first pixel is (red, 1, 2) and whose others are black. */
function png(red: number, { width = 32, height = 32 } = {}): Uint8Array {
  const data = new Uint8Array(width * height * 3)
  data.set([red, 1, 2])
  return encodePng({ width, height, data })
}

/** Class folders with `count` images each, 00.png, 01.png, … with red 0, 1, …; a second class starts at 100. */
async function classes(root: string, names: string[], count: number): Promise<string> {
  for (const [label, name] of names.entries()) {
    const files = Array.from({ length: count }, (_, i) => [`${String(i).padStart(2, '0')}.png`, png(100 * label + i)])
    await writeFiles(join(root, name), Object.fromEntries(files))
  }
  return root
}

const reds = (set: { images: Uint8Array; labels: Uint8Array }) => [...set.labels].map((_, i) => set.images[i * 3072])
const failure = (folder: string, options?: Parameters<typeof readFolder>[1]) =>
  readFolder(folder, options).then(
    () => undefined,
    (error) => error,
  )

describe('a folder of class folders', () => {
  it('gives planes of red, green and blue, labels in the order of the names, classes in turn', async () => {
    const { train } = await readFolder(await classes(await temporaryFolder(), ['dog', 'cat'], 10))
    expect(train.classNames).toEqual(['cat', 'dog'])
    expect(train.shape).toEqual([18, 3, 32, 32])
    expect([...train.labels]).toEqual(Array(9).fill([0, 1]).flat())
    expect([train.images[0], train.images[1024], train.images[2048], train.images[1]]).toEqual([100, 1, 2, 0])
  })

  it('mixes classes of unlike sizes in proportion, so that its first images are like all', async () => {
    const folder = await temporaryFolder()
    await classes(join(folder, 'train'), ['a'], 6)
    await classes(join(folder, 'train'), ['b'], 2)
    await classes(join(folder, 'test'), ['a', 'b'], 1)
    const { train } = await readFolder(folder)
    expect([...train.labels]).toEqual([0, 0, 1, 0, 0, 0, 1, 0])
  })

  it('holds out every tenth image of each class by sorted name, and says so', async () => {
    const folder = await classes(await temporaryFolder(), ['a', 'b'], 21)
    const { train, test, notes } = await readFolder(folder)
    expect(reds(test)).toEqual([9, 109, 19, 119])
    expect([...test.labels]).toEqual([0, 1, 0, 1])
    expect(train.shape[0]).toBe(38)
    expect(reds(train)).not.toContain(9)
    expect(notes).toEqual([
      `${folder} has no test folder: every tenth image of a class is held out for the test, 4 in all.`,
    ])
    expect(train.origin).toBe(`${basename(folder)} train, 38 images of 2 classes`)
  })

  it('takes train and test as they are where both are there', async () => {
    const folder = await temporaryFolder()
    await classes(join(folder, 'train'), ['a', 'b'], 2)
    await classes(join(folder, 'test'), ['a', 'b'], 1)
    const { train, test, notes } = await readFolder(folder)
    expect([reds(train), reds(test)]).toEqual([
      [0, 100, 1, 101],
      [0, 100],
    ])
    expect(notes).toEqual([])
  })

  it('holds out of train where there is no test, and takes a class called train for a class', async () => {
    const folder = await temporaryFolder()
    await classes(join(folder, 'train'), ['a', 'b'], 10)
    expect((await readFolder(folder)).test.shape[0]).toBe(2)
    const vehicles = await classes(await temporaryFolder(), ['car', 'train'], 10)
    expect((await readFolder(vehicles)).train.classNames).toEqual(['car', 'train'])
  })

  it('ignores hidden files silently and other files with one note', async () => {
    const folder = await classes(await temporaryFolder(), ['a', 'b'], 10)
    await writeFiles(join(folder, '.cache'), { 'x.png': 'x' })
    await writeFiles(join(folder, 'a'), { '.DS_Store': 'x', 'notes.txt': 'x' })
    await writeFile(join(folder, 'labels.csv'), 'x')
    const { train, notes } = await readFolder(folder)
    expect(train.shape[0]).toBe(18)
    expect(notes.filter((note) => note.includes('passed over'))).toEqual([
      `2 entries in ${folder} are no images of a class and were passed over, such as labels.csv.`,
    ])
  })

  it('reads JPEG and WebP by sharp', async ({ skip }) => {
    const sharp = await import('sharp').catch(() => skip('sharp is not installed here'))
    const folder = await classes(await temporaryFolder(), ['a', 'b'], 10)
    const create = { width: 32, height: 32, channels: 4 as const, background: { r: 200, g: 100, b: 50, alpha: 1 } }
    await sharp
      .default({ create })
      .webp({ lossless: true })
      .toFile(join(folder, 'a', '0-.webp'))
    await sharp
      .default({ create })
      .jpeg()
      .toFile(join(folder, 'b', '0-.JPG'))
    const { train } = await readFolder(folder)
    expect(train.shape[0]).toBe(20)
    expect([0, 1024, 2048].map((plane) => train.images[plane])).toEqual([200, 100, 50])
    expect(Math.abs(train.images[3072]! - 200)).toBeLessThan(6)
  })
})

describe('a folder that cannot be used says why', () => {
  it('no class folders, a single class, an empty class, too many classes', async () => {
    const folder = await temporaryFolder()
    expect(await failure(folder)).toMatchObject({
      name: 'UserError',
      code: 'data-no-classes',
      details: { path: folder },
    })
    await classes(folder, ['a'], 10)
    expect(await failure(folder)).toMatchObject({ code: 'data-one-class', details: { received: 1 } })
    await mkdir(join(folder, 'b'))
    expect(await failure(folder)).toMatchObject({ code: 'data-empty-class', details: { path: join(folder, 'b') } })
    for (let i = 0; i < 255; i++) await mkdir(join(folder, `class-${i}`))
    expect(await failure(folder)).toMatchObject({ code: 'data-many-classes', details: { received: 257 } })
    expect(await failure(join(folder, 'none'))).toMatchObject({
      code: 'data-unreadable',
      details: { received: 'ENOENT' },
    })
  })

  it('too few images to hold one out', async () => {
    const folder = await classes(await temporaryFolder(), ['a', 'b'], 9)
    expect(await failure(folder)).toMatchObject({ code: 'data-too-few', details: { received: 9 } })
  })

  it('train and test of different classes', async () => {
    const folder = await temporaryFolder()
    await classes(join(folder, 'train'), ['a', 'b', 'c'], 1)
    await classes(join(folder, 'test'), ['a', 'b', 'd'], 1)
    const error = await failure(folder)
    expect(error).toMatchObject({ code: 'data-classes-differ' })
    expect(error.message).toContain('do not hold the same classes: d, c')
  })

  it('an image of another size, and one that is none; nothing is resized silently', async () => {
    const folder = await classes(await temporaryFolder(), ['a', 'b'], 10)
    const path = join(folder, 'b', '05.png')
    await writeFile(path, png(0, { width: 64, height: 48 }))
    const error = await failure(folder)
    expect(error).toMatchObject({ code: 'image-size', details: { path, expected: [32, 32], received: [64, 48] } })
    expect(error.message).toContain('is 64×48, but images must be 32×32')
    await writeFile(path, png(0).subarray(0, 60))
    expect(await failure(folder)).toMatchObject({ code: 'image-unreadable', details: { path } })
  })

  it('a JPEG without sharp', async () => {
    const folder = await classes(await temporaryFolder(), ['a', 'b'], 10)
    await writeFile(join(folder, 'a', 'x.jpg'), 'x')
    const loadSharp = () => Promise.reject(new Error("Cannot find package 'sharp'"))
    const error = await failure(folder, { loadSharp })
    expect(error).toMatchObject({ code: 'sharp-missing', details: { path: join(folder, 'a', 'x.jpg') } })
    expect(error.message).toContain('npm install sharp')
  })
})

describe('recognising a folder of classes', () => {
  it('needs an image in a folder of the folder or of its train', async () => {
    const folder = await temporaryFolder()
    expect(await hasClassFolders(join(folder, 'none'))).toBe(false)
    await writeFiles(folder, { 'a.png': 'x' })
    await writeFiles(join(folder, 'notes'), { 'a.txt': 'x' })
    expect(await hasClassFolders(folder)).toBe(false)
    await writeFiles(join(folder, 'train', 'a'), { 'a.PNG': 'x' })
    expect(await hasClassFolders(folder)).toBe(true)
  })
})
