/** The images of a training: found, split, and their class Gaussians. */
import { Generator, randperm, scope } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'
import { cacheFolder } from '../data/cifar10-download.ts'
import { type ClassGaussians, cachedClassGaussians } from '../data/class-gaussian.ts'
import { type ImageSet, split } from '../data/image-set.ts'
import { loadData } from '../data/locate.ts'
import type { Terminal } from './terminal.ts'

export interface TrainingData {
  train: ImageSet
  validation: ImageSet
  /** Of the training part. */
  gaussians: ClassGaussians
}

/** Validation images are held back by the seed, never more than a tenth. */
export async function trainingData(config: Config, dir: string | undefined, terminal: Terminal): Promise<TrainingData> {
  const progress = terminal.progress({ label: 'download', unit: 'MB' })
  const sets = await loadData({
    set: config.data.set,
    dir,
    onProgress: (done, total) => progress.update(Math.floor(done / 1e6), Math.ceil((total ?? 0) / 1e6)),
    onNote: (note) => terminal.note(note),
  })
  progress.clear()
  const count = sets.train.labels.length
  const held = Math.min(config.data.validation, Math.floor(count / 10))
  const permutation = scope(() =>
    randperm(count, { generator: new Generator(config.seed).split('validation') }).toTypedArray(),
  )
  const { train, validation } = split(sets.train, held, Uint32Array.from(permutation as BigInt64Array, Number))
  terminal.note(`${train.origin}; ${validation.labels.length.toLocaleString('en')} held back for validation`)
  const gaussians = cachedClassGaussians(train, cacheFolder(), (note) => terminal.note(note))
  return { train, validation, gaussians }
}
