/** What a reproduction was asked for, kept in its folder. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PresetName } from '../../config/presets/names.ts'
import { UserError } from '../../errors.ts'
import { writeAtomically } from '../../report/write.ts'

const PLAN_FILE = 'reproduction.json'

export interface Plan {
  preset: PresetName
  seed: number
  /** Settings over the preset's, for every system. */
  set: string[]
  /** Names of rows. */
  rows: string[]
  dataDir: string | null
  /** Of training, all systems together; null for no limit. */
  maxMinutes: number | null
  /** Images drawn for each row, and test images looked at. */
  samples: number
  testImages: number
}

/**
 * Writes the plan into the folder; with one that is there, more rows may join, the rest must be the same, or the rows would not
 * compare. Throws a UserError where it is not.
 */
export function keptPlan(folder: string, asked: Plan): Plan {
  const file = join(folder, PLAN_FILE)
  const plan = existsSync(file) ? joined(file, JSON.parse(readFileSync(file, 'utf8')) as Plan, asked) : asked
  writeAtomically(file, `${JSON.stringify(plan, null, 2)}\n`)
  return plan
}

function joined(file: string, { rows: before, ...settings }: Plan, asked: Plan): Plan {
  const same = (key: keyof Plan) =>
    JSON.stringify(settings[key as keyof typeof settings]) === JSON.stringify(asked[key])
  const differing = (Object.keys(settings) as (keyof typeof settings)[]).find((key) => !same(key))
  if (differing)
    throw new UserError(
      'reproduction-differs',
      `${file} was begun with ${differing} ${JSON.stringify(settings[differing])}. Give the same, or another --out.`,
      { exitCode: 2, path: file },
    )
  return { ...asked, rows: [...new Set([...before, ...asked.rows])] }
}
