/** From the configuration, in the units that people write, to the settings of the algorithms, in model units. */
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

export const stepSettings = (config: Config, precision: Dtype): StepSettings => ({
  chain: config.chain,
  attack: { ...pgdSettings(config.attack), start: config.attack.start, statistics: config.attack.statistics },
  loss: config.loss,
  sharpness: config.sharpness,
  contrastive: { ...config.contrastive, stepSize: toModelUnits(parseEpsilon(config.contrastive.stepSize)) },
  precision,
})
