import type { Changes } from './changes.ts'

/**
 * Adversarial training first, then both terms with frozen statistics. `paper`: L2 attacks of 0.5, batches of 128 and T up to
 * 50, the second stage at a constant rate of 0.001. Its loss pulls the two energies apart, as far as T allows.
 */
export const dat: Changes = {
  all: {
    system: 'dat',
    data: { noise: 0 },
    loss: { jointStatistics: 'running' },
    guard: { gap: 20 },
    sampling: { sampler: 'ascent' },
  },
  quick: { contrastive: { firstSteps: 2, maxSteps: 20 } },
  cpu: { contrastive: { firstSteps: 2, maxSteps: 30 }, schedule: { jointLearningRate: 0.3 } },
  gpu: { schedule: { jointLearningRate: 0.3 } },
  paper: {
    model: { depth: 34, activation: 'relu', batchNormMomentum: 0.1 },
    attack: { norm: 'l2', epsilon: 0.5, steps: 10, stepSize: 0.1, start: 'clean' },
    optimizer: { nesterov: true, weightDecay: 0.0005, batchSize: 128 },
    schedule: { milestones: [0.25, 0.5], factor: 0.1, classifierWarmUp: 0.6, jointLearningRate: 1 },
  },
}
