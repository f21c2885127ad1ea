/** Where figures are kept: one JSON file a group, named by a hash of all that would change it. What is there is not computed again. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { RUN_FILES } from '@robust-jem/formats'
import { z } from 'zod'
import { cacheFolder } from '../../data/cifar10-download.ts'
import { figureRecord } from '../../evaluation/figure-record.ts'
import { writeAtomically } from '../../report/write.ts'

const groupResult = z.object({
  figures: z.array(figureRecord),
  /** Figures that cannot be had, and why: whole sentences. */
  refused: z.record(z.string(), z.string()),
  /** What speaks against the figures, such as signs of masked gradients. */
  flags: z.array(z.string()),
  /** Pictures, in the same folder. */
  files: z.array(z.string()),
})
export type GroupResult = z.infer<typeof groupResult>

/** What a group's figures follow from; plain data. */
export type Circumstances = Readonly<Record<string, unknown>>

/** A short name for these circumstances, the same for the same ones. */
export const keyOf = (circumstances: Circumstances): string =>
  createHash('sha256').update(JSON.stringify(circumstances)).digest('hex').slice(0, 12)

/** The run that a path lies in or names; undefined for a model file elsewhere. */
export const runOf = (path: string): string | undefined =>
  [path, dirname(dirname(path)), dirname(dirname(dirname(path)))].find(
    (folder) =>
      existsSync(join(folder, RUN_FILES.config)) &&
      (folder === path ||
        basename(dirname(path)) === RUN_FILES.checkpoints ||
        basename(dirname(dirname(path))) === RUN_FILES.checkpoints),
  )

/** RUN/evaluation; for a model file by itself, a folder of its weights in the user's cache. */
export const evaluationFolder = (run: string | undefined, weightsSha256: string): string =>
  run === undefined ? join(cacheFolder(), 'evaluation', weightsSha256.slice(0, 16)) : join(run, 'evaluation')

/** The group's result from its file, else computed and kept there. `compute` gets the key, for names of its pictures. */
export function kept(
  folder: string,
  group: string,
  circumstances: Circumstances,
  compute: (key: string) => GroupResult,
): GroupResult {
  const key = keyOf({ group, ...circumstances })
  const file = join(folder, `${group}-${key}.json`)
  const found = existsSync(file) ? read(file) : undefined
  if (found?.files.every((name) => existsSync(join(folder, name)))) return found
  const result = compute(key)
  writeAtomically(file, `${JSON.stringify({ circumstances, ...result }, null, 2)}\n`)
  return result
}

/** undefined for a damaged file, whose figures are computed again. */
function read(file: string): GroupResult | undefined {
  try {
    return groupResult.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}
