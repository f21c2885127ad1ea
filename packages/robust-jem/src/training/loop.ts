/** The training loop: batches, one step of the system, one step of the optimiser, and listeners who watch. */
import { setImmediate } from 'node:timers/promises'
import type { StepRecord } from '@robust-jem/formats'
import { type Dtype, scope, type Tensor } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'
import { augmentedAt, imagesAt, labelsAt, withNoise } from '../data/augment.ts'
import type { ClassGaussians } from '../data/class-gaussian.ts'
import type { ImageSet } from '../data/image-set.ts'
import { startsOf } from '../samplers/starts.ts'
import { systems } from '../systems/index.ts'
import type { Batch, Step, System } from '../systems/system.ts'
import { allFinite, Guard } from './guard.ts'
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

/** How a training ended: its steps or its time are over; it was asked to; or the guard stopped it, with the reason. */
export type Outcome = { ended: 'finished' | 'asked' } | { ended: 'diverged'; reason: string }

const notFinite: Outcome = { ended: 'diverged', reason: 'a weight is no finite number' }

/** Trains until the steps or the time are over, until `shouldStop`, or until it diverges. The state is changed in place. */
export async function train(training: Training, listeners: TrainingListeners = {}): Promise<Outcome> {
  const { config, state } = training
  const { gridEvery, evaluateEvery, checkpointEvery } = config.record
  const before = state.seconds
  const began = performance.now()
  const progress = () => progressOf(state, config, training)
  const guard = new Guard(config.guard)
  let evaluated = -1
  const evaluate = () => {
    if (evaluated !== state.step) listeners.onEvaluation?.()
    evaluated = state.step
  }
  while (progress() < 1) {
    const stepBegan = performance.now()
    const { record, saturation } = trainStep(training)
    state.seconds = before + (performance.now() - began) / 1000
    const stepsPerSecond = 1000 / (performance.now() - stepBegan)
    listeners.onStep?.({ ...record, seconds: state.seconds, stepsPerSecond }, progress())
    const reason = guard.see({ ...record, saturation })
    if (reason) return { ended: 'diverged', reason }
    if (state.step % checkpointEvery === 0 && !allFinite(state)) return notFinite
    if (state.step % gridEvery === 0) listeners.onGrid?.()
    if (state.step % evaluateEvery === 0) evaluate()
    if (state.step % checkpointEvery === 0 && progress() < 1) await listeners.onCheckpoint?.()
    state.seconds = before + (performance.now() - began) / 1000
    await setImmediate() // lets signals in
    if (listeners.shouldStop?.()) return allFinite(state) ? { ended: 'asked' } : notFinite
  }
  if (!allFinite(state)) return notFinite
  evaluate()
  await listeners.onCheckpoint?.()
  return { ended: 'finished' }
}

/** The objective that a training step minimises now. */
const systemAt = (phase: StepRecord['phase'], { system }: Config): System =>
  (phase === 'classifier' ? systems[system].warmUp : null) ?? systems[system]

interface Stepped {
  record: Omit<StepRecord, 'seconds' | 'stepsPerSecond'>
  /** Share of the pixels of x⁻ on or outside ±1; null without chains. */
  saturation: number | null
}

function trainStep(training: Training): Stepped {
  const { config, state, train: set } = training
  const progress = progressOf(state, config, training)
  const phase = phaseAt(progress, config)
  const system = systemAt(phase, config)
  if (system.chains === 'buffer') state.buffer ??= freshBuffer(config, training.gaussians, state)

  return scope(() => {
    const { batch, slots } = nextBatch(training, system)
    const context = { ...state.streams, memory: state.memory }
    const result = system.step(state.network, batch, stepSettings(config, training.precision, phase), context)
    if (slots && result.negatives) state.buffer?.update(slots, result.negatives)
    state.memory = result.memory

    const learningRate = learningRateAt(state.step, progress, config) * state.gentleness
    state.optimizer.lr = learningRate
    state.optimizer.step(result.gradients)
    state.average?.update(averaged(state.network))
    state.step++

    const images = state.step * batch.labelled.y.numel
    return {
      record: {
        kind: 'step',
        step: state.step,
        epoch: images / set.labels.length,
        images,
        loss: result.loss.item(),
        fPositive: result.fPositive?.item() ?? null,
        fNegative: result.fNegative?.item() ?? null,
        crossEntropy: result.crossEntropy.item(),
        ...accuracies(result, batch),
        curriculum: typeof result.memory?.T === 'number' ? result.memory.T : null,
        learningRate,
        phase,
      },
      saturation: result.negatives?.abs().ge(1).float().mean().item() ?? null,
    }
  })
}

/** Of clean images, the labelled ones where the objective sees them, else x⁺; and of attacked ones. */
function accuracies({ logits }: Step, { labelled, positives }: Batch) {
  const accuracy = (given: Tensor | null, y: Tensor | undefined) =>
    given && y ? given.argmax({ dim: 1 }).eq(y).float().mean().item() : null
  return {
    accuracy: accuracy(logits.labelled, labelled.y) ?? accuracy(logits.positives, positives?.y),
    robustAccuracy: accuracy(logits.adversarial, labelled.y),
  }
}

interface NextBatch {
  batch: Batch
  /** Slots of the replay buffer that the chains came from; null where they come from elsewhere. */
  slots: Tensor | null
}

/** The next images that the system takes, of both loaders, and the chains to go on with. */
function nextBatch({ config, state, train: set, gaussians }: Training, system: System): NextBatch {
  const { streams, loaders, network, buffer } = state
  const { device } = network.classOutput.weight
  const images = (loader: 'positives' | 'labelled', noise: number) => {
    const indices = loaders[loader].next()
    const plain = loader === 'positives' && config.data.positives === 'plain'
    const x = plain
      ? imagesAt(set, indices)
      : withNoise(augmentedAt(set, indices, config.data, streams[loader]), noise, streams[loader])
    return { x: x.to({ device }), y: labelsAt(set, indices).to({ device }) }
  }
  const labelled = images('labelled', config.attack.noiseBefore ? config.data.noise : 0)
  if (!system.positives) return { batch: { labelled }, slots: null }
  const positives = images('positives', config.data.noise)
  const starts = startsOf(config.buffer.start, gaussians)
  if (system.chains === 'fresh') {
    const chains = { x: starts(positives.y, streams.chain), y: positives.y }
    return { batch: { labelled, positives, chains }, slots: null }
  }
  const { slots, ...chains } = buffer!.draw(config.optimizer.batchSize, starts, streams.chain)
  return { batch: { labelled, positives, chains }, slots }
}
