import { merge, type PartialConfig } from '../merge.ts'
import { type Config, configSchema } from '../schema.ts'
import { type PresetName, presetNames } from './names.ts'

/** What a system's presets change in those of robust-jem: in all of them, and then in one. */
export interface Changes extends Partial<Record<PresetName, PartialConfig>> {
  all: PartialConfig
}

export const changed = (base: Record<PresetName, Config>, { all, ...one }: Changes): Record<PresetName, Config> =>
  Object.fromEntries(
    presetNames.map((name) => [name, configSchema.parse(merge(merge(base[name], all), one[name] ?? {}))]),
  ) as Record<PresetName, Config>
