import type { Changes } from './changes.ts'

/** Cross-entropy of clean images: half the time, and nothing to attack or draw in training. */
export const classifier: Changes = {
  all: {
    system: 'classifier',
    schedule: { classifierWarmUp: 1, jointLearningRate: 1 },
    sampling: { sampler: 'attack' },
  },
  cpu: { sampling: { attack: { epsilon: 0.5 } } },
}
