import type { Changes } from './changes.ts'

/** As published by Yang & Ji 2021 in `paper`; the small presets train the classifier first, as those of robust-jem do. */
export const jempp: Changes = {
  all: { system: 'jem++', schedule: { classifierWarmUp: 0 }, sampling: { sampler: 'energy' } },
  quick: { schedule: { classifierWarmUp: 0.3 } },
  cpu: { schedule: { classifierWarmUp: 0.3 } },
  paper: { ema: { decay: 0 } },
}
