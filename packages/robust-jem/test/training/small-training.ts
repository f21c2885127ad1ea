/** Trainings small enough for a test: WRN-10-1, batches of four, two classes of random images, Gaussians of rank 3. */
import { type Dtype, Generator, randn, setThreads, type Tensor, tensor } from '@robust-jem/torch'
import { resolveConfig } from '../../src/config/overrides.ts'
import { presets } from '../../src/config/presets/index.ts'
import type { Config } from '../../src/config/schema.ts'
import { ClassGaussians } from '../../src/data/class-gaussian.ts'
import { type ImageSet, imageSet } from '../../src/data/image-set.ts'
import { hashTensors, type ModelDescription } from '../../src/models/model-file.ts'
import type { Training } from '../../src/training/loop.ts'
import { initialState, type TrainState } from '../../src/training/state.ts'

setThreads(1) // for tensors this small a second thread only waits

export const classNames = ['cat', 'dog']

export const smallSettings = [
  'model.depth=10',
  'model.width=1',
  'optimizer.batchSize=4',
  'buffer.size=20',
  'chain.outerSteps=2',
  'attack.steps=2',
  'schedule.steps=8',
  'schedule.warmUpSteps=2',
  'schedule.classifierWarmUp=0.5',
  'record.logEvery=1',
  'record.gridEvery=4',
  'record.evaluateEvery=4',
  'record.checkpointEvery=2',
  'sampling.attack.steps=2',
  'sampling.energy.steps=3',
  'sampling.energy.marginalSteps=3',
  'sampling.robustJem.steps=3',
]

export const smallConfig = (...settings: string[]): Config =>
  resolveConfig({ preset: presets['robust-jem'].quick, set: [...smallSettings, ...settings] })

/** 0, 1, 0, 1, … and bytes without meaning. */
export function smallImages(count = 22): ImageSet {
  const size = 3 * 32 * 32
  return imageSet({
    name: 'small',
    images: Uint8Array.from({ length: count * size }, (_, i) => (i * 7919 + Math.floor(i / size) * 31) % 256),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 2),
    size: [32, 32],
    classNames,
    origin: 'small',
  })
}

export function smallGaussians(): ClassGaussians {
  const d = 3 * 32 * 32
  const rng = new Generator(11)
  return new ClassGaussians(
    randn([2, d], { generator: rng }).mul(0.2),
    randn([2, d, 3], { generator: rng }).mul(0.2),
    tensor(new Float32Array(2 * d).fill(0.05), { shape: [2, d] }),
    [3, 32, 32],
  )
}

export function smallTraining(settings: string[] = [], precision: Dtype = 'float32'): Training {
  const config = smallConfig(...settings)
  const train = smallImages()
  return { config, train, gaussians: smallGaussians(), precision, state: initialState(config, train, 'cpu') }
}

export const descriptionOf = (config: Config): ModelDescription => ({
  config,
  classNames,
  provenance: { step: 0, data: 'small' },
})

/** Of everything that a training has learnt. */
export function hashesOf(state: TrainState): Record<string, string | null> {
  const tensors = (named: ReadonlyMap<string, Tensor>) => hashTensors(Object.fromEntries(named))
  return {
    weights: hashTensors(state.network.stateDict()),
    average: state.average && tensors(state.average.average),
    optimizer: tensors(state.optimizer.state),
    buffer: state.buffer && hashTensors({ images: state.buffer.images }),
  }
}
