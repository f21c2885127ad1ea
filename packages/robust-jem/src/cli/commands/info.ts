/** info: what a model or a run is. */
import { columns } from '../../config/columns.ts'
import { defineCommand } from '../command.ts'
import { modelArgument } from '../model-options.ts'

export const info = defineCommand({
  description:
    'Says what a model or a run is: its settings, where it comes from, how many steps it was trained, and the SHA-256 of its ' +
    'weights and of its replay buffer. Two trainings with the same seed, machine and threads have the same hashes.',
  arguments: { model: modelArgument },
  options: {},
  examples: [
    ['robust-jem info runs/my-run', 'Of its newest checkpoint.'],
    ['robust-jem info runs/my-run --json', 'Keys step, weights_sha256, ema_sha256, buffer_sha256, config, provenance.'],
  ],
  async run({ arguments: { model: path }, terminal }) {
    const { loadEngine } = await import('../device.ts')
    await loadEngine()
    const { describeRun } = await import('../../training/describe.ts')
    const found = describeRun(path)
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
