/** SVHN's cropped digits (Netzer et al. 2011): test_32x32.mat, whose X is [32, 32, 3, N] bytes, columns first, and y the digits, 10 for 0. */
import { readFileSync } from 'node:fs'
import { UserError } from '../errors.ts'
import { type ImageSet, imageSet } from './image-set.ts'
import { readMatlabArrays } from './matlab-file.ts'

export const svhnFile = 'test_32x32.mat'
/** Where it is to be had. */
export const svhnSource = 'http://ufldl.stanford.edu/housenumbers/test_32x32.mat'

const side = 32
const area = side * side

/** [N, 3, 32, 32] bytes, labels 0 to 9. Throws a UserError where the file is damaged or another one. */
export function readSvhn(path: string): ImageSet {
  const wrong = (reason: string) =>
    new UserError(
      'svhn-unreadable',
      `${path} is not SVHN's ${svhnFile}: ${reason}. Fetch it again from ${svhnSource}.`,
      { path, reason },
    )
  const bytes = readFileSync(path)
  let arrays: ReturnType<typeof readMatlabArrays>
  try {
    arrays = readMatlabArrays(bytes)
  } catch (error) {
    throw wrong((error as Error).message)
  }
  const [x, y] = ['X', 'y'].map((wanted) => arrays.find(({ name }) => name === wanted))
  if (!x || !y) throw wrong(`it holds ${arrays.map(({ name }) => name).join(', ') || 'no arrays'}, not X and y`)
  const count = x.shape[3] ?? 1
  if (x.shape.slice(0, 3).join() !== '32,32,3' || !(x.data instanceof Uint8Array) || count === 0)
    throw wrong(`its X is not [32, 32, 3, N] bytes`)
  if (y.data.length !== count) throw wrong(`it has ${count} images and ${y.data.length} labels`)
  const labels = Uint8Array.from({ length: count }, (_, i) => {
    const digit = y.data[i]!
    if (!(Number.isInteger(digit) && digit >= 1 && digit <= 10)) throw wrong(`label ${i} is ${digit}`)
    return digit % 10
  })
  return imageSet({
    name: 'svhn',
    images: rowsFirst(x.data),
    labels,
    size: [side, side],
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
    origin: `SVHN test, ${count.toLocaleString('en-US')} images, from ${path}`,
  })
}

/** Planes of columns to planes of rows. */
function rowsFirst(planes: Uint8Array): Uint8Array {
  const images = new Uint8Array(planes.length)
  for (let plane = 0; plane < planes.length; plane += area) {
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++)
        images[plane + row * side + column] = planes[plane + column * side + row]!
  }
  return images
}
