/** Features of samples and of training images, computed once and kept by the hash of the images and of the network. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readNpz } from '@robust-jem/formats'
import type { Dtype } from '@robust-jem/torch'
import { cacheFolder } from '../../data/cifar10-download.ts'
import { type FeatureSet, featureSetOf, packFeatures, unpackFeatures } from '../../evaluation/feature-file.ts'
import { extractFeatures, type FeatureSettings } from '../../evaluation/features.ts'
import type { FeatureGaussian } from '../../evaluation/frechet.ts'
import type { ImageSource } from '../../evaluation/image-source.ts'
import { type Judge, judge } from '../../evaluation/judge.ts'
import { statisticsFile, statisticsFrom } from '../../evaluation/statistics-file.ts'
import type { LoadedInception } from '../../models/inception-weights.ts'
import { writeAtomically } from '../../report/write.ts'
import type { Terminal } from '../terminal.ts'
import { keyOf } from './store.ts'

/** Images whose features themselves are kept: neighbours and KID are of these. */
const mostKept = 10_000

/** Beside the data, in the user's cache: they serve every model. */
export const referenceFolder = (): string => join(cacheFolder(), 'reference')

/** By default of all widths that the network gives; class probabilities where it has them and they are wanted. */
export function featuresOf(
  images: ImageSource,
  { network, sha256 }: LoadedInception,
  folder: string,
  {
    dims = network.dims,
    probabilities = false,
    preparation = 'tf1',
    precision = 'float32',
    batchSize,
    onProgress,
  }: Partial<FeatureSettings> & { precision?: Dtype },
): FeatureSet {
  const wanted = probabilities && network.hasClasses
  const key = keyOf({
    images: images.sha256,
    extractor: sha256,
    dims,
    preparation,
    probabilities: wanted,
    keep: mostKept,
    ...(precision !== 'float32' && { precision }),
  })
  const file = join(folder, `features-${key}.npz`)
  const there = existsSync(file) ? unpackFeatures(readFileSync(file)) : undefined
  if (there?.count === images.count) return there
  const found = featureSetOf(
    extractFeatures(network, images, {
      dims,
      probabilities: wanted,
      preparation,
      batchSize,
      keep: mostKept,
      onProgress,
    }),
  )
  writeAtomically(file, packFeatures(found))
  return found
}

/** Mean and covariance of the judge's features of training images. */
export function judgeReference(images: ImageSource, given: Judge, terminal: Terminal): FeatureGaussian {
  const key = keyOf({ images: images.sha256, judge: given.sha256 })
  const file = join(referenceFolder(), `judge-${key}.npz`)
  try {
    return statisticsFrom(file, readNpz(readFileSync(file)))
  } catch {
    // Not there, or damaged: computed.
  }
  const progress = terminal.progress({ label: 'judge, training images', unit: 'images' })
  const { statistics } = judge(given, images, {
    labels: undefined,
    onProgress: (done, total) => progress.update(done, total),
  })
  progress.clear()
  writeAtomically(file, statisticsFile(statistics!))
  return statistics!
}
