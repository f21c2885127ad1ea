import type { Changes } from './changes.ts'

/**
 * As published by Yang & Ji 2021 in `paper`; the small presets train the classifier first, as those of robust-jem do. Chains
 * see the statistics of the batch that the loss will see: without robust gradients, running ones mislead them.
 */
export const jempp: Changes = {
  all: {
    system: 'jem++',
    chain: { outerSteps: 10, statistics: 'batch' },
    loss: { jointStatistics: null },
    schedule: { classifierWarmUp: 0 },
    sampling: { sampler: 'energy' },
  },
  quick: { schedule: { classifierWarmUp: 0.3 } },
  cpu: { buffer: { size: 10_000 }, schedule: { classifierWarmUp: 0.3, jointLearningRate: 0.3 } },
  gpu: { schedule: { jointLearningRate: 1 } },
  paper: { ema: { decay: 0 } },
}
