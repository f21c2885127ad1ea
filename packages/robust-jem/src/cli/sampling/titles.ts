import type { SamplerName } from '../../samplers/draw.ts'

/** What stands above a picture. */
export const samplerTitles: Record<SamplerName, string> = {
  energy: 'energy: Langevin steps alone',
  attack: 'attack: targeted PGD alone',
  'robust-jem': 'robust-jem: attack, then Langevin steps',
  ascent: 'ascent: steps of one length',
}
