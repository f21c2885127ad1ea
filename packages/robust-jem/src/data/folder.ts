import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { decodePng } from '@robust-jem/formats'
import { UserError } from '../errors.ts'
import { type DataSets, type ImageSet, imageSet, thousands } from './image-set.ts'
import { toPlanes } from './planes.ts'

/** Red, green and blue of every pixel, row by row: [height, width, 3]. */
interface Picture {
  width: number
  height: number
  data: Uint8Array
}

/** The part of sharp's interface that is used here. */
type Sharp = (bytes: Uint8Array) => {
  removeAlpha(): ReturnType<Sharp>
  toColourspace(space: 'srgb'): ReturnType<Sharp>
  raw(): ReturnType<Sharp>
  toBuffer(options: { resolveWithObject: true }): Promise<{ data: Buffer; info: { width: number; height: number } }>
}

const side = 32
const holdOutEvery = 10
const mostClasses = 256
const extensions: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp']
const isImage = (file: string) => extensions.includes(extname(file).toLowerCase())

// The name of an optional package, typed so that the compiler does not look for it.
const sharpPackage: string = 'sharp'
const importSharp = async () => (await import(sharpPackage)).default as Sharp

/** Whether a folder, or its `train`, holds a folder with an image in it. */
export async function hasClassFolders(directory: string): Promise<boolean> {
  for (const parent of [directory, join(directory, 'train')]) {
    const { folders } = await listing(parent).catch(() => ({ folders: [] }))
    for (const folder of folders) if ((await listing(join(parent, folder))).files.some(isImage)) return true
  }
  return false
}

/**
 * Reads a folder of class folders: `DIR/cat/*.png …`, or `DIR/train/cat/…` and `DIR/test/cat/…`.
 * Classes and images go by sorted name, the classes mixed in proportion, so that the first N images are of all of them. Without
 * `test`, every tenth image of each class is held out for it.
 * PNG is read here; JPEG and WebP need the optional package sharp. Throws a UserError that names the file or folder:
 * no class folders, a single class, more than 256, an empty class, an unreadable image, an image that is not 32×32.
 */
export async function readFolder(
  directory: string,
  { loadSharp = importSharp }: { loadSharp?: () => Promise<Sharp> } = {},
): Promise<DataSets> {
  const notes: string[] = []
  const name = basename(resolve(directory))
  const top = await listing(directory)
  const hasTrain = top.folders.includes('train') && (await listing(join(directory, 'train'))).folders.length > 0
  const trainRoot = hasTrain ? join(directory, 'train') : directory
  const classNames = await classesOf(trainRoot)

  const read = async (part: string, root: string, classFiles: readonly (readonly string[])[]): Promise<ImageSet> => {
    const mixed = classFiles
      .flatMap((files, label) => files.map((file, i) => ({ file, label, place: (i + 0.5) / files.length })))
      .sort((a, b) => a.place - b.place || a.label - b.label)
    const count = mixed.length
    const images = new Uint8Array(count * 3 * side * side) // [count, 3, 32, 32]
    const labels = Uint8Array.from(mixed, ({ label }) => label)
    for (const [i, { file, label }] of mixed.entries()) {
      const picture = await readPicture(join(root, classNames[label]!, file), loadSharp)
      toPlanes(picture.data, images.subarray(i * 3 * side * side, (i + 1) * 3 * side * side))
    }
    const origin = `${name} ${part}, ${thousands(count)} images of ${classNames.length} classes`
    return imageSet({ name, images, labels, size: [side, side], classNames, origin })
  }

  const trainFiles = await imagesOf(trainRoot, classNames, notes)
  if (hasTrain && top.folders.includes('test')) {
    const testRoot = join(directory, 'test')
    const testClasses = await classesOf(testRoot)
    const odd = [
      ...testClasses.filter((c) => !classNames.includes(c)),
      ...classNames.filter((c) => !testClasses.includes(c)),
    ]
    if (odd.length > 0) {
      throw new UserError(
        'data-classes-differ',
        `${trainRoot} and ${testRoot} do not hold the same classes: ${odd.join(', ')} is in one only. Give both the same class folders.`,
        { path: testRoot, expected: classNames, received: testClasses },
      )
    }
    const testFiles = await imagesOf(testRoot, classNames, notes)
    const train = await read('train', trainRoot, trainFiles)
    return { train, test: await read('test', testRoot, testFiles), notes }
  }

  const isHeldOut = (_file: string, i: number) => i % holdOutEvery === holdOutEvery - 1
  const testFiles = trainFiles.map((files) => files.filter(isHeldOut))
  const held = testFiles.reduce((sum, files) => sum + files.length, 0)
  if (held === 0) {
    throw new UserError(
      'data-too-few',
      `No class in ${trainRoot} has ten images, so none can be held out for the test. Add images, or give ${directory} the folders train and test.`,
      {
        path: trainRoot,
        expected: `${holdOutEvery} images or more`,
        received: Math.max(...trainFiles.map((f) => f.length)),
      },
    )
  }
  notes.push(
    `${directory} has no test folder: every tenth image of a class is held out for the test, ${thousands(held)} in all.`,
  )
  const keptFiles = trainFiles.map((files) => files.filter((file, i) => !isHeldOut(file, i)))
  const train = await read('train', trainRoot, keptFiles)
  return { train, test: await read('test', trainRoot, testFiles), notes }
}

async function classesOf(root: string): Promise<string[]> {
  const { folders } = await listing(root)
  if (folders.length >= 2 && folders.length <= mostClasses) return folders
  const shape = 'Put the images of each class into a folder of their own, such as cat/001.png and dog/001.png.'
  const received = folders.length
  if (received === 0) {
    throw new UserError('data-no-classes', `${root} holds no class folders. ${shape}`, {
      path: root,
      expected: '2..256',
      received,
    })
  }
  if (received === 1) {
    throw new UserError('data-one-class', `${root} holds a single class, ${folders[0]}. ${shape}`, {
      path: root,
      expected: '2..256',
      received,
    })
  }
  throw new UserError(
    'data-many-classes',
    `${root} holds ${thousands(received)} class folders, but at most 256 are supported. Leave some out.`,
    { path: root, expected: '2..256', received },
  )
}

/** The image files of each class, sorted; one note tells how many other files were passed over. */
async function imagesOf(root: string, classNames: readonly string[], notes: string[]): Promise<string[][]> {
  const others = (await listing(root)).files
  const classFiles: string[][] = []
  for (const className of classNames) {
    const { files, folders } = await listing(join(root, className))
    const images = files.filter(isImage)
    if (images.length === 0) {
      throw new UserError(
        'data-empty-class',
        `The class folder ${join(root, className)} holds no images. Add PNG, JPEG or WebP files, or remove the folder.`,
        { path: join(root, className), expected: extensions, received: files.length },
      )
    }
    classFiles.push(images)
    others.push(...files.filter((file) => !isImage(file)), ...folders)
  }
  if (others.length > 0) {
    notes.push(
      `${thousands(others.length)} entries in ${root} are no images of a class and were passed over, such as ${others[0]}.`,
    )
  }
  return classFiles
}

/** Sorted names in a folder, hidden ones left out; links are followed. */
async function listing(directory: string): Promise<{ files: string[]; folders: string[] }> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(
      'data-unreadable',
      `${directory} is not a readable folder (${cause.code}). Name another with --data-dir.`,
      {
        path: directory,
        expected: 'a folder',
        received: cause.code,
      },
    )
  })
  const files: string[] = []
  const folders: string[] = []
  for (const name of names.filter((name) => !name.startsWith('.')).sort()) {
    if (isImage(name)) files.push(name)
    else if ((await stat(join(directory, name)).catch(() => undefined))?.isDirectory()) folders.push(name)
    else files.push(name)
  }
  return { files, folders }
}

async function readPicture(path: string, loadSharp: () => Promise<Sharp>): Promise<Picture> {
  const isPng = extname(path).toLowerCase() === '.png'
  const sharp = isPng
    ? undefined
    : await loadSharp().catch((cause: Error) => {
        throw new UserError(
          'sharp-missing',
          `Reading ${path} needs the package sharp, which is not there. Run \`npm install sharp\`, or convert the images to PNG.`,
          {
            path,
            expected: 'sharp',
            received: cause.message,
          },
        )
      })
  let picture: Picture
  try {
    const bytes = await readFile(path)
    if (sharp) {
      const { data, info } = await sharp(bytes)
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true })
      picture = { width: info.width, height: info.height, data }
    } else {
      picture = decodePng(bytes)
    }
  } catch (cause) {
    const received = (cause as Error).message
    throw new UserError('image-unreadable', `The image ${path} cannot be read (${received}). Replace or remove it.`, {
      path,
      expected: 'a PNG, JPEG or WebP image',
      received,
    })
  }
  const { width, height } = picture
  if (width !== side || height !== side) {
    throw new UserError(
      'image-size',
      `The image ${path} is ${width}×${height}, but images must be 32×32. Resize the images first; nothing is resized silently.`,
      { path, expected: [side, side], received: [width, height] },
    )
  }
  return picture
}

/** One image file as planar bytes [3, 32, 32]. Throws a UserError as `readFolder` does. */
export async function readImage(
  path: string,
  { loadSharp = importSharp }: { loadSharp?: () => Promise<Sharp> } = {},
): Promise<{ data: Uint8Array; shape: [3, number, number] }> {
  const { data, width, height } = await readPicture(path, loadSharp)
  const planes = new Uint8Array(data.length)
  toPlanes(data, planes)
  return { data: planes, shape: [3, height, width] }
}
