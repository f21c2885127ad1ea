/** Where a training stands, and what follows from it: the phase and the learning rate. */
import { optim } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'

export interface Position {
  step: number
  /** Seconds of training so far. */
  seconds: number
}

export interface Limits {
  /** Stop after this time; the schedule is fitted to it. */
  maxSeconds?: number
}

/** The fraction of the training that is done, by steps or by time, whichever is further. */
export const progressOf = ({ step, seconds }: Position, config: Config, { maxSeconds }: Limits): number =>
  Math.min(1, Math.max(step / config.schedule.steps, maxSeconds ? seconds / maxSeconds : 0))

/** First the classifier alone, then the whole objective. */
export const phaseAt = (progress: number, { schedule }: Config): 'classifier' | 'joint' =>
  progress < schedule.classifierWarmUp ? 'classifier' : 'joint'

export function learningRateAt(step: number, progress: number, config: Config): number {
  const { warmUpSteps, decay, milestones, factor, jointLearningRate } = config.schedule
  const decayed = decay === 'cosine' ? optim.cosine(1) : optim.milestones(milestones, factor)
  const joint = phaseAt(progress, config) === 'joint' ? jointLearningRate : 1
  return config.optimizer.learningRate * optim.warmUp(warmUpSteps)(step) * decayed(progress) * joint
}
