/**
 * CIFAR-100's test images, binary version (Krizhevsky 2009): records of a coarse label, a fine label and 3,072 pixel bytes.
 * A set of images that a network trained on CIFAR-10 has not seen the classes of.
 */
import { readFileSync } from 'node:fs'
import { UserError } from '../errors.ts'
import { type ImageSet, imageSet, thousands } from './image-set.ts'

const pixels = 3 * 32 * 32
const recordBytes = 2 + pixels
const [coarseClasses, fineClasses] = [20, 100]
/** Of the official file; a shorter one is taken as it is. */
const officialRecords = 10_000

/** Names under which the file is looked for in a folder. */
export const cifar100Files = ['test.bin', 'cifar100-test.bin', 'cifar-100-binary/test.bin'] as const

/** Fine labels, [N, 3, 32, 32] bytes. Throws a UserError where the file is none of CIFAR-100's. */
export function readCifar100(path: string): ImageSet {
  const bytes = readFileSync(path)
  const wrong = (fact: string) =>
    new UserError(
      'cifar100-foreign',
      `${path} ${fact}, so it is not CIFAR-100's test.bin. Unpack it from cifar-100-binary.tar.gz.`,
      { path, expected: `records of ${recordBytes} bytes` },
    )
  if (bytes.length === 0) throw wrong('is empty')
  if (bytes.length % recordBytes !== 0)
    throw wrong(`has ${thousands(bytes.length)} bytes, not a multiple of ${thousands(recordBytes)}`)
  const count = bytes.length / recordBytes
  const images = new Uint8Array(count * pixels)
  const labels = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const record = bytes.subarray(i * recordBytes, (i + 1) * recordBytes)
    const [coarse, fine] = [record[0]!, record[1]!]
    if (coarse >= coarseClasses || fine >= fineClasses)
      throw wrong(`gives record ${thousands(i)} the labels ${coarse} and ${fine}`)
    labels[i] = fine
    images.set(record.subarray(2), i * pixels)
  }
  return imageSet({
    name: 'cifar100',
    images,
    labels,
    size: [32, 32],
    classNames: Array.from({ length: fineClasses }, (_, c) => String(c)),
    origin: `CIFAR-100 test, ${thousands(count)} of ${thousands(officialRecords)} records, from ${path}`,
  })
}
