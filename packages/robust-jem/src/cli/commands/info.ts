/** info: what a model or a run is. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseMetrics, RUN_FILES } from '@robust-jem/formats'
import { columns } from '../../config/columns.ts'
import { UserError } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { modelArgument } from '../model-options.ts'

export const info = defineCommand({
  description:
    'Says what a model or a run is: its settings, where it comes from, how many steps it was trained, and the SHA-256 of its ' +
    'weights and of its replay buffer. Two trainings with the same seed, machine and threads have the same hashes.',
  arguments: { model: modelArgument },
  options: {
    curves: {
      kind: 'string',
      value: 'FILE.svg',
      description: "Also draws a run's training curves: loss, f(x⁺) − f(x⁻), accuracies.",
    },
  },
  examples: [
    ['robust-jem info runs/my-run', 'Of its newest checkpoint.'],
    ['robust-jem info runs/my-run --curves curves.svg', 'Smoothed over a fortieth of the run.'],
    ['robust-jem info runs/my-run --json', 'Keys step, weights_sha256, ema_sha256, buffer_sha256, config, provenance.'],
  ],
  async run({ arguments: { model: path }, options, terminal }) {
    const { loadEngine } = await import('../device.ts')
    await loadEngine()
    const { describeRun } = await import('../../training/describe.ts')
    const found = describeRun(path)
    if (options.curves !== undefined) await drawCurves(path, options.curves)
    const rows = Object.entries(found.hashes).map(([name, value]): [string, string] => [name, value ?? 'none'])
    const provenance = Object.entries(found.description.provenance).map(([name, value]): [string, string] => [
      name,
      String(value),
    ])
    const { config, classNames } = found.description
    const { toYaml } = await import('../../config/explain.ts')
    terminal.result(
      {
        path: found.path,
        step: found.step,
        ...found.hashes,
        classes: classNames,
        provenance: found.description.provenance,
        config,
      },
      [
        ...columns(
          [
            ['path', found.path],
            ['step', String(found.step ?? '?')],
            ...rows,
            ['classes', classNames.join(', ')],
            ...provenance,
          ],
          { width: terminal.width },
        ),
        '',
        toYaml(config).trimEnd(),
      ].join('\n'),
    )
    return 0
  },
})

async function drawCurves(run: string, file: string): Promise<void> {
  const { curveSheet, curvesOf } = await import('../../report/curves.ts')
  const { writeAtomically } = await import('../../report/write.ts')
  const metrics = join(run, RUN_FILES.metrics)
  const curves = existsSync(metrics) ? curvesOf(parseMetrics(readFileSync(metrics, 'utf8'))) : []
  if (curves.length === 0)
    throw new UserError(
      'curves-missing',
      `${run} has no steps in a ${RUN_FILES.metrics}, so there are no curves. Name the directory of a run, or leave --curves out.`,
      { path: run },
    )
  writeAtomically(file, curveSheet(`Training curves of ${basename(run)}`, curves))
}
