/** Where a training stands, and what follows from it: the phase and the learning rate. */
import { optim } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'

export interface Position {
  step: number
  /** Seconds of training so far, and those of them that were spent before it last began anew. */
  seconds: number
  begunAt: number
}

export interface Limits {
  /** Stop after this time; the schedule is fitted to it. */
  maxSeconds?: number
}

/** The fraction of the training that is done, by steps or by time, whichever is further. */
export function progressOf({ step, seconds, begunAt }: Position, config: Config, { maxSeconds }: Limits): number {
  const time = maxSeconds ? (seconds - begunAt) / Math.max(maxSeconds - begunAt, 1e-9) : 0
  return Math.min(1, Math.max(step / config.schedule.steps, time))
}

/** First the classifier alone, then the whole objective. */
export const phaseAt = (progress: number, { schedule }: Config): 'classifier' | 'joint' =>
  progress < schedule.classifierWarmUp ? 'classifier' : 'joint'

export function learningRateAt(step: number, progress: number, config: Config): number {
  const { warmUpSteps, decay, milestones, factor, jointLearningRate } = config.schedule
  const decayed = decay === 'cosine' ? optim.cosine(1) : optim.milestones(milestones, factor)
  const joint = phaseAt(progress, config) === 'joint' ? jointLearningRate : 1
  return config.optimizer.learningRate * optim.warmUp(warmUpSteps)(step) * decayed(progress) * joint
}
