/** The options by which a command takes a whole configuration. */
import { type PresetName, presetNames } from '../config/presets/names.ts'
import type { Config } from '../config/schema.ts'
import type { SystemName } from '../config/system-names.ts'
import type { GlobalValues } from './command.ts'
import type { OptionDeclarations, OptionValues } from './options.ts'
import type { Terminal } from './terminal.ts'

export const settingsOptions = {
  preset: {
    kind: 'string',
    value: 'NAME',
    choices: presetNames,
    description:
      'The settings to begin with: minutes or hours on a CPU, hours on a GPU, or as published. Default: quick.',
  },
  config: { kind: 'string', value: 'FILE', description: 'A YAML file with settings, over those of the preset.' },
  set: {
    kind: 'string',
    value: 'KEY=VALUE',
    repeated: true,
    description: 'One setting, over those of preset and file: --set chain.noise=0.01.',
  },
  dryRun: { kind: 'flag', description: 'Print the resulting settings and stop.' },
  helpSettings: { kind: 'flag', description: 'Print all settings with their defaults, units and meaning, and stop.' },
} as const satisfies OptionDeclarations

export const presetOf = ({ preset }: { preset: PresetName | undefined }): PresetName => preset ?? 'quick'

/**
 * The configuration that the options ask for; undefined where they ask to print (--dry-run, --help-settings), which is
 * then done. Throws a UserError for wrong settings.
 */
export async function settingsFrom(
  system: SystemName,
  options: OptionValues<typeof settingsOptions> & Pick<GlobalValues, 'seed'>,
  terminal: Terminal,
): Promise<Config | undefined> {
  const { presets } = await import('../config/presets/index.ts')
  const { resolveConfig } = await import('../config/overrides.ts')
  const { settingsTable, toYaml } = await import('../config/explain.ts')
  const name = presetOf(options)
  const preset = presets[system][name]
  if (options.helpSettings) {
    const { settings } = await import('../config/settings.ts')
    const table = settingsTable({ values: preset, width: terminal.width })
    const title = `Settings of ${system} with the values of --preset ${name}. Change one with --set KEY=VALUE.`
    terminal.result([...settings.values()], `${title}\n\n${table}`)
    return undefined
  }
  const config = resolveConfig({ preset, file: options.config, set: options.set, seed: options.seed })
  if (!options.dryRun) return config
  terminal.result(config, toYaml(config).trimEnd())
  return undefined
}
