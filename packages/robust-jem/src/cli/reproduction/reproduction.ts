/** Every row of the table trained, drawn and measured in one folder; what is there already is not done again. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseMetrics, RUN_FILES } from '@robust-jem/formats'
import { toYaml } from '../../config/explain.ts'
import { resolveConfig } from '../../config/overrides.ts'
import { presets } from '../../config/presets/index.ts'
import type { SystemName } from '../../config/system-names.ts'
import { describeModel, MODEL_FILES, newestCheckpoint } from '../../models/model-file.ts'
import { curvesOf } from '../../report/curves.ts'
import { htmlReport, type ReportSection } from '../../report/html.ts'
import { type RowResult, rows } from '../../report/rows.ts'
import { markdown, tableOf } from '../../report/table.ts'
import { writeAtomically } from '../../report/write.ts'
import { formatDuration } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import { beginRun, isFinished, resumeSession } from '../training/session.ts'
import type { Plan } from './plan.ts'
import { drawSamplers, measureRow, referenceOf, type Surroundings } from './row.ts'

interface Reproduction {
  folder: string
  plan: Plan
  results: readonly RowResult[]
  /** Why a row has no result yet, by its name. */
  reasons: Readonly<Record<string, string>>
}

const robust = 'robust-jem'
/** Part of the time that goes to robust-jem, whose picture comes first. */
const robustShare = 0.6

/** Trains, draws and measures what is missing, robust-jem first; undefined where a signal ended it. */
export async function reproduce(
  folder: string,
  plan: Plan,
  options: Surroundings,
  terminal: Terminal,
): Promise<RowResult[] | undefined> {
  const results: RowResult[] = []
  const reasons: Record<string, string> = {}
  const wanted = rows.filter(({ name }) => plan.rows.includes(name))
  for (const { name, system } of wanted)
    reasons[name] = system === null ? 'this version has no flows' : 'not trained yet'
  const report = () => writeReport({ folder, plan, results, reasons })
  const systems = [...new Set(wanted.flatMap(({ system }) => system ?? []))]
  systems.sort((a, b) => Number(b === robust) - Number(a === robust))
  for (const system of systems) {
    const path = join(folder, system)
    const of = wanted.filter((row) => row.system === system)
    try {
      if (!(await trained(system, systems, path, plan, options, terminal))) return undefined
    } catch (error) {
      if ((error as { code?: string }).code !== 'diverged') throw error
      for (const { name } of of) reasons[name] = `its training diverged: ${(error as Error).message}`
      terminal.warn((error as Error).message)
      continue
    }
    const samplers = join(folder, 'samplers.png')
    if (system === robust && !existsSync(samplers)) await drawSamplers(path, samplers, plan.seed, options, terminal)
    for (const row of of) {
      // What is measured already is taken from the run's folder evaluation.
      results.push(await measureRow(row, path, { folder, plan }, options, terminal))
      report()
    }
  }
  report()
  return results
}

/** The part of the training time that a system gets. */
function shareOf(system: SystemName, all: readonly SystemName[]): number {
  if (!all.includes(robust) || all.length === 1) return 1 / all.length
  return system === robust ? robustShare : (1 - robustShare) / (all.length - 1)
}

async function trained(
  system: SystemName,
  all: readonly SystemName[],
  path: string,
  plan: Plan,
  { device, threads }: Surroundings,
  terminal: Terminal,
): Promise<boolean> {
  const session = {
    device,
    threads,
    dataDir: plan.dataDir ?? undefined,
    maxMinutes: plan.maxMinutes === null ? undefined : plan.maxMinutes * shareOf(system, all),
  }
  if (existsSync(join(path, RUN_FILES.config))) {
    const metrics = join(path, RUN_FILES.metrics)
    if (existsSync(metrics) && isFinished(metrics)) return true
    return (await resumeSession(path, session, terminal)).finished
  }
  const config = resolveConfig({ preset: presets[system][plan.preset], set: plan.set, seed: plan.seed })
  return (await beginRun(path, config, session, terminal)).finished
}

const captionOf = ({ preset, seed, samples, testImages, set }: Plan, data: string): string =>
  `Preset ${preset}${set.length ? ` with ${set.join(', ')}` : ''}, seed ${seed}, trained on ${data}. ` +
  `${samples} fresh images of each row (running statistics, nothing left out) against ${referenceOf(samples) === Infinity ? 'all' : `the first ${samples}`} ` +
  `training images; the first ${testImages} test images. ± is half of a 95 % interval, of IS the standard deviation over splits. ` +
  "The paper's figures come from other networks and protocols."

/** table.md and report.html of what is there so far. */
function writeReport({ folder, plan, results, reasons }: Reproduction): void {
  const [first] = results
  const data = first ? String(describeModel(weightsOf(folder, first)).provenance.data) : 'nothing yet'
  const caption = captionOf(plan, data)
  const table = tableOf(results, reasons)
  writeAtomically(join(folder, 'table.md'), markdown(table, caption))
  const sections = results.map((result): ReportSection => {
    const row = rows.find(({ name }) => name === result.row)!
    const run = join(folder, result.run)
    const metrics = parseMetrics(readFileSync(join(run, RUN_FILES.metrics), 'utf8'))
    const { config } = describeModel(weightsOf(folder, result))
    return {
      title: row.title,
      picture: readFileSync(join(folder, result.picture)),
      facts: [
        ['run', result.run],
        ['trained', `${result.step} steps in ${formatDuration(result.seconds)}`],
        ['weights', `${result.weights}, sha256 ${result.weights_sha256}`],
        [
          'drawn',
          `${result.drawn.count} images by ${result.drawn.sampler}, ${result.drawn.steps} steps, seed ${result.drawn.seed}`,
        ],
      ],
      curves: curvesOf(metrics),
      details: { title: 'Settings', text: toYaml(config) },
    }
  })
  writeAtomically(join(folder, 'report.html'), htmlReport('Robust JEM and its relatives', caption, table, sections))
}

const weightsOf = (folder: string, { run, weights }: RowResult): string =>
  join(newestCheckpoint(join(folder, run))!, MODEL_FILES[weights])
