/** What the steps of the systems are tried on: three images a batch, few steps, deterministic but for what a test changes. */
import { type Dtype, Generator } from '@robust-jem/torch'
import { linf } from '../../src/attacks/threat-model.ts'
import type { Batch, StepSettings } from '../../src/systems/system.ts'
import { smallImages, smallLabels } from '../small.ts'

export const settings: StepSettings = {
  chain: {
    outerSteps: 4,
    innerSteps: 5,
    stepSize: 0.2,
    gradientClip: 1,
    noise: 0,
    statistics: 'batch',
    density: 'marginal',
  },
  attack: { threat: linf(0.1), steps: 3, stepSize: 0.05, start: 'clean', statistics: 'running' },
  loss: { classifier: 'adversarial', tradesBeta: 6, generative: 1, statistics: 'batch' },
  sharpness: { rho: 2 },
  contrastive: { stepSize: 0.2, firstSteps: 3, maxSteps: 5, auc: 0.8, window: 2 },
  precision: 'float64',
}

export const smallBatch = (dtype: Dtype = 'float64'): Required<Batch> => ({
  positives: { x: smallImages(3, 1, { dtype }), y: smallLabels(3, 6) },
  chains: { x: smallImages(3, 2, { dtype }), y: smallLabels(3, 3) },
  labelled: { x: smallImages(3, 4, { dtype }), y: smallLabels(3, 5) },
})

export const context = (seed = 0) => ({ chain: new Generator(seed), attack: new Generator(seed + 1) })
