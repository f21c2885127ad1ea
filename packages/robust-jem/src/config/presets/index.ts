/** Complete settings by name: every file holds all of them, so that `diff` of two files tells what differs. */
import type { Config, SystemName } from '../schema.ts'
import { cpu } from './cpu.ts'
import { gpu } from './gpu.ts'
import type { PresetName } from './names.ts'
import { paper } from './paper.ts'
import { quick } from './quick.ts'

export const presets: Record<SystemName, Record<PresetName, Config>> = {
  'robust-jem': { quick, cpu, gpu, paper },
}
