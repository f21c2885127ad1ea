/** From the configuration, in the units that people write, to the settings of the algorithms, in model units. */
import type { StepRecord } from '@robust-jem/formats'
import type { Dtype } from '@robust-jem/torch'
import { defaultStepSize, type PgdSettings } from '../attacks/pgd.ts'
import { threatModel } from '../attacks/threat-model.ts'
import type { Config } from '../config/schema.ts'
import { parseEpsilon, toModelUnits } from '../config/units.ts'
import type { StepSettings } from '../systems/system.ts'

/** PGD in model units on images in [-1, 1]. `epsilon` and `stepSize` are in pixel units; no step size means 2.5·ε/steps. */
export function pgdSettings(s: {
  norm: 'linf' | 'l2'
  epsilon: string | number
  steps: number
  stepSize?: string | number | null
  iterate?: 'last' | 'best'
}): PgdSettings {
  const epsilon = toModelUnits(parseEpsilon(s.epsilon))
  const stepSize = s.stepSize == null ? defaultStepSize(epsilon, s.steps) : toModelUnits(parseEpsilon(s.stepSize))
  return { threat: threatModel(s.norm, epsilon), steps: s.steps, stepSize, iterate: s.iterate ?? 'last' }
}

/** Of one phase of a training; the chain's settings stay as they are, in model units. */
export const stepSettings = (config: Config, precision: Dtype, phase: StepRecord['phase'] = 'joint'): StepSettings => ({
  chain: config.chain,
  attack: { ...pgdSettings(config.attack), start: config.attack.start, statistics: config.attack.statistics },
  loss: lossSettings(config.loss, phase),
  sharpness: config.sharpness,
  contrastive: { ...config.contrastive, stepSize: toModelUnits(parseEpsilon(config.contrastive.stepSize)) },
  precision,
})

const lossSettings = (
  { jointStatistics, ...loss }: Config['loss'],
  phase: StepRecord['phase'],
): StepSettings['loss'] => ({
  ...loss,
  statistics: (phase === 'joint' && jointStatistics) || loss.statistics,
})
