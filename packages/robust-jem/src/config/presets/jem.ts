import type { Changes } from './changes.ts'

/**
 * No norm, Adam, chains from uniform noise by SGLD (Grathwohl et al. 2020). The small presets take fewer SGLD steps. Its energies
 * may swing by ten nats and come back.
 */
export const jem: Changes = {
  all: {
    system: 'jem',
    model: { norm: 'none' },
    chain: { outerSteps: 20, innerSteps: 1, stepSize: 1, gradientClip: null, noise: 0.01 },
    buffer: { start: 'uniform' },
    optimizer: { name: 'adam', learningRate: 0.0001, weightDecay: 0, nesterov: false },
    loss: { jointStatistics: null },
    schedule: { classifierWarmUp: 0, jointLearningRate: 1 },
    guard: { gap: 20 },
    sampling: {
      sampler: 'energy',
      start: 'uniform',
      energy: { steps: 300, marginalSteps: 300, gradientClip: null, noise: 0.01, clamp: false },
    },
  },
  quick: {
    chain: { outerSteps: 10 },
    sampling: { energy: { steps: 100, marginalSteps: 100 } },
  },
  cpu: { chain: { outerSteps: 10 }, buffer: { size: 10_000 } },
  paper: { schedule: { steps: 140_600, milestones: [0.8, 0.9], factor: 0.3 }, ema: { decay: 0 } },
}
