/** environment.json of a run: what it was started with and on. A resume takes it up, so that it goes on as it would have. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RUN_FILES } from '@robust-jem/formats'
import { z } from 'zod'
import { fromYaml } from '../../config/overrides.ts'
import type { Config } from '../../config/schema.ts'
import { UserError } from '../../errors.ts'
import { writeAtomically } from '../../report/write.ts'

const environmentSchema = z.object({
  /** Absolute path of the images' folder; null for shapes, which are drawn. */
  dataDir: z.string().nullable(),
  dataSha256: z.string(),
  maxMinutes: z.number().positive().nullable(),
  device: z.string(),
  precision: z.enum(['float32', 'bfloat16']),
  threads: z.int().min(1),
})
export type RunEnvironment = z.infer<typeof environmentSchema>

/** Writes what a resume was given anew, so that the next one goes on with it. */
export function remember(run: string, given: Partial<RunEnvironment>): void {
  const path = join(run, RUN_FILES.environment)
  const before = JSON.parse(readFileSync(path, 'utf8')) as RunEnvironment
  const now = { ...before, ...given }
  if (JSON.stringify(now) !== JSON.stringify(before)) writeAtomically(path, `${JSON.stringify(now, null, 2)}\n`)
}

/** The settings and the circumstances of a run to resume. Throws a UserError where their files are not as they were written. */
export function readRun(run: string): { config: Config; environment: RunEnvironment } {
  const settings = join(run, RUN_FILES.config)
  const config = fromYaml(readFileSync(settings, 'utf8'), settings)
  const path = join(run, RUN_FILES.environment)
  try {
    return { config, environment: environmentSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) }
  } catch (cause) {
    throw new UserError('run-damaged', `${path} lacks what a resume needs. Restore it, or start a new run.`, {
      path,
      cause,
    })
  }
}
