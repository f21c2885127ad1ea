import type { Changes } from './changes.ts'

/** The attacks and the optimiser of robust-jem, without chains. */
export const robustClassifier: Changes = {
  all: {
    system: 'robust-classifier',
    schedule: { classifierWarmUp: 1, jointLearningRate: 1 },
    sampling: { sampler: 'attack' },
  },
  cpu: { sampling: { attack: { epsilon: 0.5 } } },
}
