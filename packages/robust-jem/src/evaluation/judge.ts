/**
 * A classifier trained by others judges drawn images: whether they show the class that was asked for, and how far its features of
 * them are from those of real images. Its figures have names of their own; they compare with no published FID or IS.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Device, loadSafetensors, scope, softmax, type Tensor, tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { CifarResNet, resnetFeatures } from '../models/cifar-resnet.ts'
import { readTorchCheckpoint } from '../models/torch-checkpoint.ts'
import { expectFinite } from './finite.ts'
import { type FeatureGaussian, FeatureStatistics, frechetDistance } from './frechet.ts'
import type { ImageSource } from './image-source.ts'
import { inceptionScore } from './inception-score.ts'

export interface Judge {
  network: CifarResNet
  path: string
  /** Of the file. */
  sha256: string
}

/** A ResNet of any depth 6n + 2 from safetensors or a PyTorch checkpoint. Throws a UserError where the file is something else. */
export function loadJudge(path: string, { device }: { device?: Device } = {}): Judge {
  const bytes = readFileSync(path)
  try {
    return scope(() => {
      const state = bytes[8] === 0x7b ? loadSafetensors(path).tensors : readTorchCheckpoint(path).tensors
      const network = new CifarResNet(state, device ? { device } : {})
      return { network, path, sha256: createHash('sha256').update(bytes).digest('hex') }
    })
  } catch (error) {
    if (error instanceof UserError) throw error
    const reason = (error as Error).message.split('\n')[0]!.replace(/[.:]+$/, '')
    throw new UserError(
      'judge-foreign',
      `${path} holds no ResNet for CIFAR-10 (${reason}). Name resnet56 or resnet20 of akamaster/pytorch_resnet_cifar10.`,
      { path, reason },
    )
  }
}

/** Throws a UserError for images of another size than the judge sees. */
export function expectJudgeable({ path, size }: Pick<ImageSource, 'path' | 'size'>): void {
  if (size[0] === 32 && size[1] === 32) return
  const fact = `The images of ${path} are ${size[1]}×${size[0]}, but the judge sees 32×32`
  throw new UserError('image-size', `${fact}. Resize them; nothing is resized silently.`, {
    path,
    expected: [32, 32],
    received: size,
  })
}

/** What the judge says of images. */
export interface Judgement {
  count: number
  /** Share of images that it gives their labels, over all and by class (null where a class has none); null without labels. */
  accuracy: number | null
  classAccuracies: (number | null)[] | null
  /** exp E KL(p(y | x) ‖ p(y)) of its probabilities, over one split; from 1 to the number of classes. */
  'judge-is': number
  /** Of its penultimate features. */
  statistics: FeatureGaussian | undefined
  /** [N, K] float64. */
  probabilities: Tensor
}

/**
 * Runs the judge over uint8 images of 32 × 32. `labels`: the classes that were asked for, by default those of the source. Throws a
 * UserError for images of another size, labels of another number, and NaN.
 */
export function judge(
  { network }: Pick<Judge, 'network'>,
  images: ImageSource,
  {
    labels = images.labels,
    batchSize = 250,
    onProgress,
  }: {
    labels?: ArrayLike<number> | undefined
    batchSize?: number
    onProgress?: ((done: number, total: number) => void) | undefined
  } = {},
): Judgement {
  const { count, path } = images
  expectJudgeable(images)
  if (labels && labels.length !== count) {
    throw new UserError('labels-count', `${path} has ${count} images, but ${labels.length} labels were given.`, {
      path,
      expected: count,
      received: labels.length,
    })
  }
  const statistics = new FeatureStatistics(resnetFeatures)
  const probabilities = new Float64Array(count * network.classes)
  onProgress?.(0, count)
  for (let at = 0; at < count; at += batchSize) {
    const n = Math.min(batchSize, count - at)
    scope(() => {
      const bytes = tensor(images.read(at, n), { shape: [n, 3, 32, 32], device: network.device })
      const { features, logits } = network.forward(bytes.float().div(255))
      expectFinite(logits, "The judge's logits")
      statistics.add(features)
      const p = softmax(logits, 1, { dtype: 'float64' }).toTypedArray() as Float64Array
      probabilities.set(p, at * network.classes)
    })
    onProgress?.(at + n, count)
  }
  const p = tensor(probabilities, { shape: [count, network.classes] })
  return {
    count,
    ...accuracies(probabilities, network.classes, labels),
    'judge-is': inceptionScore(p, { splits: 1 }).mean,
    statistics: count > 1 ? statistics.gaussian() : undefined,
    probabilities: p,
  }
}

/** Fréchet distance of the judge's features of two sets, named judge-fd. */
export function judgeDistance(a: Judgement, b: Judgement): number {
  const few = [a, b].find(({ statistics }) => !statistics)
  if (few) throw new UserError('samples-few', 'judge-fd needs at least 2 images on each side. Give more images.')
  return frechetDistance(a.statistics!, b.statistics!)
}

function accuracies(p: Float64Array, classes: number, labels: ArrayLike<number> | undefined) {
  if (!labels) return { accuracy: null, classAccuracies: null }
  const right = new Array<number>(classes).fill(0)
  const total = new Array<number>(classes).fill(0)
  for (let i = 0; i < labels.length; i++) {
    const row = p.subarray(i * classes, (i + 1) * classes)
    const best = row.reduce((most, value, c) => (value > row[most]! ? c : most), 0)
    const label = labels[i]!
    if (!(label < classes)) throw new RangeError(`Label ${label} is none of the judge's ${classes} classes.`)
    total[label]!++
    if (best === label) right[label]!++
  }
  return {
    accuracy: right.reduce((sum, n) => sum + n, 0) / labels.length,
    classAccuracies: right.map((n, c) => (total[c] ? n / total[c]! : null)),
  }
}
