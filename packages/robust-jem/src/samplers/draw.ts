/** The samplers by the names that the paper's table gives its rows, with the settings of a configuration. */
import type { Generator, Tensor } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'
import { joint, type Logits, marginal } from '../energy.ts'
import { ascent } from './ascent.ts'
import type { ChainObserver } from './chain.ts'
import { pyld } from './pyld.ts'
import { robustJem } from './robust-jem.ts'
import { targetedPgd } from './targeted-pgd.ts'

/** Robust JEM-Energy: Langevin steps alone; the attack alone; Robust JEM: both; DAT: ascent in steps of one length. */
export const samplerNames = ['energy', 'attack', 'robust-jem', 'ascent'] as const
export type SamplerName = (typeof samplerNames)[number]

const energySteps = ({ conditional, steps, marginalSteps }: Config['sampling']['energy']): number =>
  conditional ? steps : marginalSteps

/** Steps that a sampler takes, for progress. */
export const stepsOf = (name: SamplerName, s: Config['sampling']): number =>
  ({
    energy: energySteps(s.energy),
    attack: s.attack.steps,
    'robust-jem': s.attack.steps + s.robustJem.steps,
    ascent: s.ascent.steps,
  })[name]

/** The settings that a sampler follows, by the names of their sections. */
export const sectionsOf = (name: SamplerName, { energy, attack, robustJem, ascent }: Config['sampling']) =>
  ({ energy: { energy }, attack: { attack }, 'robust-jem': { attack, robustJem }, ascent: { ascent } })[name]

/** From the starts x₀ [N, 3, H, W] in [-1, 1] to images in [-1, 1], of the classes y [N] int64 (the marginal energy ignores them). */
export function draw(
  name: SamplerName,
  x0: Tensor,
  f: Logits,
  y: Tensor,
  s: Config['sampling'],
  rng: Generator,
  observe?: ChainObserver,
): Tensor {
  switch (name) {
    case 'energy': {
      const { stepSize, gradientClip, noise, conditional, clamp } = s.energy
      const density = conditional ? joint(f, y) : marginal(f)
      const box = clamp ? ([-1, 1] as const) : null
      const langevin = { outerSteps: energySteps(s.energy), innerSteps: 1, stepSize, gradientClip, noise, box }
      return pyld(x0, density, langevin, rng, observe).clamp({ min: -1, max: 1 })
    }
    case 'attack':
      return targetedPgd(x0, f, y, s.attack, observe).clamp({ min: -1, max: 1 })
    case 'robust-jem':
      return robustJem(x0, f, y, { ...s.robustJem, attack: s.attack }, rng, observe)
    case 'ascent':
      return ascent(x0, joint(f, y), s.ascent, observe)
  }
}
