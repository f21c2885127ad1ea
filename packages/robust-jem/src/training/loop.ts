/** The training loop: batches, one step of the system, one step of the optimiser, and listeners who watch. */
import { setImmediate } from 'node:timers/promises'
import type { StepRecord } from '@robust-jem/formats'
import { type Dtype, scope, type Tensor } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'
import { augmentedAt, labelsAt, withNoise } from '../data/augment.ts'
import type { ClassGaussians } from '../data/class-gaussian.ts'
import type { ImageSet } from '../data/image-set.ts'
import { type RobustJemBatch, robustJemStep } from '../systems/robust-jem.ts'
import { type Limits, learningRateAt, phaseAt, progressOf } from './schedule.ts'
import { stepSettings } from './settings.ts'
import { averaged, freshBuffer, type TrainState } from './state.ts'

export interface Training extends Limits {
  config: Config
  train: ImageSet
  gaussians: ClassGaussians
  /** Compute dtype of the convolutions. */
  precision: Dtype
  state: TrainState
}

/** Told after each step; what they do counts as training time. */
export interface TrainingListeners {
  onStep?(record: StepRecord, progress: number): void
  /** Every `record.…Every` steps and, but for grids, at the end. */
  onGrid?(): void
  onEvaluation?(): void
  onCheckpoint?(): Promise<void> | void
  /** Asked after each step: true ends the training there. */
  shouldStop?(): boolean
}

/** Trains until the steps or the time are over (true), or until `shouldStop` (false). The state is changed in place. */
export async function train(training: Training, listeners: TrainingListeners = {}): Promise<boolean> {
  const { config, state } = training
  const { gridEvery, evaluateEvery, checkpointEvery } = config.record
  const before = state.seconds
  const began = performance.now()
  const progress = () => progressOf(state, config, training)
  let evaluated = -1
  const evaluate = () => {
    if (evaluated !== state.step) listeners.onEvaluation?.()
    evaluated = state.step
  }
  while (progress() < 1) {
    const stepBegan = performance.now()
    const record = trainStep(training)
    state.seconds = before + (performance.now() - began) / 1000
    const stepsPerSecond = 1000 / (performance.now() - stepBegan)
    listeners.onStep?.({ ...record, seconds: state.seconds, stepsPerSecond }, progress())
    if (state.step % gridEvery === 0) listeners.onGrid?.()
    if (state.step % evaluateEvery === 0) evaluate()
    if (state.step % checkpointEvery === 0 && progress() < 1) await listeners.onCheckpoint?.()
    state.seconds = before + (performance.now() - began) / 1000
    await setImmediate() // lets signals in
    if (listeners.shouldStop?.()) return false
  }
  evaluate()
  await listeners.onCheckpoint?.()
  return true
}

function trainStep(training: Training): Omit<StepRecord, 'seconds' | 'stepsPerSecond'> {
  const { config, state, train: set } = training
  const progress = progressOf(state, config, training)
  const phase = phaseAt(progress, config)
  if (phase === 'joint') state.buffer ??= freshBuffer(config, training.gaussians, state)

  return scope(() => {
    const { batch, positiveLabels, slots } = nextBatch(training, phase)
    const result = robustJemStep(state.network, batch, stepSettings(config, training.precision), state.streams)
    if (slots && result.negatives) state.buffer?.update(slots, result.negatives)

    const learningRate = learningRateAt(state.step, progress, config)
    state.optimizer.lr = learningRate
    state.optimizer.step(result.gradients)
    state.average?.update(averaged(state.network))
    state.step++

    const accuracy = (logits: Tensor | null, y: Tensor | null) =>
      logits && y ? logits.argmax({ dim: 1 }).eq(y).float().mean().item() : null
    const { batchSize } = config.optimizer
    return {
      kind: 'step',
      step: state.step,
      epoch: (state.step * batchSize) / set.labels.length,
      images: state.step * batchSize,
      loss: result.loss.item(),
      fPositive: result.fPositive?.item() ?? null,
      fNegative: result.fNegative?.item() ?? null,
      crossEntropy: result.crossEntropy.item(),
      accuracy: accuracy(result.logits.positives, positiveLabels),
      robustAccuracy: accuracy(result.logits.adversarial, batch.labelled.y),
      learningRate,
      phase,
    }
  })
}

interface Batch {
  batch: RobustJemBatch
  /** Labels of x⁺, for the accuracy that is shown; the loss ignores them. */
  positiveLabels: Tensor | null
  /** Slots of the replay buffer that the chains came from. */
  slots: Tensor | null
}

/** The next images of both loaders, and in the joint phase the chains to go on with. */
function nextBatch({ config, state, train: set, gaussians }: Training, phase: StepRecord['phase']): Batch {
  const { streams, loaders, network, buffer } = state
  const { device } = network.classOutput.weight
  const images = (loader: 'positives' | 'labelled', noise: number) => {
    const indices = loaders[loader].next()
    const x = withNoise(augmentedAt(set, indices, config.data, streams[loader]), noise, streams[loader])
    return { x: x.to({ device }), y: labelsAt(set, indices).to({ device }) }
  }
  const labelled = images('labelled', config.attack.noiseBefore ? config.data.noise : 0)
  if (phase === 'adversarial' || !buffer) return { batch: { labelled }, positiveLabels: null, slots: null }
  const { x: positives, y: positiveLabels } = images('positives', config.data.noise)
  const { slots, ...chains } = buffer.draw(
    config.optimizer.batchSize,
    (y, rng) => gaussians.draw(y, rng),
    streams.chain,
  )
  return { batch: { labelled, positives, chains }, positiveLabels, slots }
}
