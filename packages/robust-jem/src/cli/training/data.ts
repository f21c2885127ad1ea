/** The images of a training: found, split, and their class Gaussians. */
import { Generator, randperm, scope } from '@robust-jem/torch'
import type { Config } from '../../config/schema.ts'
import { cacheFolder } from '../../data/cifar10-download.ts'
import { type ClassGaussians, cachedClassGaussians } from '../../data/class-gaussian.ts'
import { type DataSets, type ImageSet, split } from '../../data/image-set.ts'
import { type DataSearch, loadData, locateData } from '../../data/locate.ts'
import { UserError } from '../../errors.ts'
import type { Terminal } from '../terminal.ts'
import { watchedDownload } from '../watched-download.ts'

export interface TrainingImages {
  train: ImageSet
  validation: ImageSet
  /** Absolute path of the images' folder; null for shapes, which are drawn. */
  directory: string | null
}
export interface TrainingData extends TrainingImages {
  /** Of the training part. */
  gaussians: ClassGaussians
}

/** The images found, with notes and, where they are downloaded, progress on the terminal. */
export async function loadImages(search: Pick<DataSearch, 'set' | 'dir'>, terminal: Terminal): Promise<DataSets> {
  return watchedDownload(terminal, (watch) => loadData({ ...search, ...watch, onNote: (note) => terminal.note(note) }))
}

/**
 * Validation images are held back by the seed, never more than a tenth. Throws a UserError where images are missing or
 * damaged, or too few to train with.
 */
export async function trainingImages(
  config: Config,
  dir: string | undefined,
  terminal: Terminal,
): Promise<TrainingImages> {
  const sets = await loadImages({ set: config.data.set, dir }, terminal)
  const count = sets.train.labels.length
  const held = Math.min(config.data.validation, Math.floor(count / 10))
  const permutation = scope(() =>
    randperm(count, { generator: new Generator(config.seed).split('validation') }).toTypedArray(),
  )
  const { train, validation } = split(sets.train, held, Uint32Array.from(permutation as BigInt64Array, Number))
  const location = await locateData({ set: config.data.set, dir })
  const heldBack = validation.labels.length.toLocaleString('en')
  terminal.note(
    `${train.origin}; ${heldBack} held back for validation${location ? `; from ${location.directory}` : ''}`,
  )
  checkCounts(train, config.optimizer)
  return { train, validation, directory: location?.directory ?? null }
}

/** Seconds per class the first time; later they come from the cache. */
export const withGaussians = (images: TrainingImages, terminal: Terminal): TrainingData => ({
  ...images,
  gaussians: cachedClassGaussians(images.train, cacheFolder(), (note) => terminal.note(note)),
})

function checkCounts({ labels, classNames, origin }: ImageSet, optimizer: Config['optimizer']): void {
  const present = new Set(labels)
  const absent = classNames.filter((_, c) => !present.has(c))
  if (absent.length > 0) {
    throw new UserError(
      'data-empty-class',
      `No training image is left of ${absent.join(', ')} (${origin}). Add images, or hold none back: --set data.validation=0.`,
      { expected: classNames, received: absent },
    )
  }
  for (const key of ['batchSize', 'labelledBatchSize'] as const) {
    const batchSize = optimizer[key]
    if (batchSize === null || labels.length >= batchSize) continue
    throw new UserError(
      'data-too-few',
      `${labels.length} training images are fewer than one batch of ${batchSize}. Add images, or take smaller batches: --set optimizer.${key}=${labels.length}.`,
      { expected: batchSize, received: labels.length },
    )
  }
}
