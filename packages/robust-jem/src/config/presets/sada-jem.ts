import type { Changes } from './changes.ts'

/** As published by Yang, Su & Ji 2023 in `paper`. */
export const sadaJem: Changes = {
  all: {
    system: 'sada-jem',
    data: { positives: 'plain', noise: 0 },
    chain: { outerSteps: 5, statistics: 'batch' },
    loss: { jointStatistics: null },
    schedule: { classifierWarmUp: 0 },
    sampling: { sampler: 'energy' },
  },
  quick: { schedule: { classifierWarmUp: 0.3 } },
  cpu: { buffer: { size: 10_000 }, schedule: { classifierWarmUp: 0.3, jointLearningRate: 0.3 } },
  gpu: { schedule: { jointLearningRate: 1 } },
  paper: {
    optimizer: { weightDecay: 0.0005, labelledBatchSize: 128 },
    schedule: { steps: 140_600, milestones: [0.3, 0.6, 0.9] },
    ema: { decay: 0 },
  },
}
