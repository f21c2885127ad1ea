/** reproduce: the table, by one command. */
import { presetNames } from '../../config/presets/names.ts'
import { UserError } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { fetchInception, inceptionOptions, judgeOption } from '../judging-options.ts'

const paperRows = ['jem++', 'robust-classifier', 'robust-jem-energy', 'robust-jem']
const otherRows = ['classifier', 'jem', 'sada-jem', 'dat']

/** Images drawn and test images looked at, by preset. */
const counts = {
  quick: { samples: 60, testImages: 500 },
  cpu: { samples: 1000, testImages: 1000 },
  gpu: { samples: 10_000, testImages: 10_000 },
  paper: { samples: 10_000, testImages: 10_000 },
}

export const reproduce = defineCommand({
  description:
    "Trains the systems of the paper's table one after the other, draws from each and measures it: table.md and report.html, with pictures, " +
    'curves, settings and hashes. robust-jem comes first. A second call goes on where the first one ended, and a finished one writes its report anew.',
  arguments: {},
  options: {
    preset: {
      kind: 'string',
      value: 'NAME',
      choices: presetNames,
      default: 'quick',
      description: 'The settings of all systems: minutes or hours on a CPU, hours on a GPU, or as published.',
    },
    rows: {
      kind: 'string',
      value: 'NAME',
      repeated: true,
      description: `A row to reproduce; several may be given. Default: ${paperRows.join(', ')}. Others: ${otherRows.join(', ')}.`,
    },
    all: { kind: 'flag', description: 'All rows.' },
    set: {
      kind: 'string',
      value: 'KEY=VALUE',
      repeated: true,
      description: "One setting of every system, over the preset's: --set model.width=4.",
    },
    dataDir: { kind: 'string', value: 'DIR', description: 'The CIFAR-10 binary files, or a folder of class folders.' },
    maxMinutes: {
      kind: 'number',
      minimum: 0.01,
      description:
        'Training time of all systems together, three fifths of it for robust-jem. Default: 8 with the preset quick, 30 with --all too, else none.',
    },
    samples: {
      kind: 'integer',
      value: 'N',
      minimum: 10,
      description: 'Images drawn for each row. Default: by preset.',
    },
    testImages: { kind: 'integer', value: 'N', minimum: 1, description: 'Test images looked at. Default: by preset.' },
    ...inceptionOptions,
    ...judgeOption,
    out: {
      kind: 'string',
      value: 'DIR',
      description: 'Where everything goes, and what is gone on with. Default: runs/reproduce-PRESET.',
    },
  },
  examples: [
    ['robust-jem reproduce --preset quick', "The paper's own rows in minutes; npm start ends with this."],
    [
      'robust-jem reproduce --preset cpu --all',
      'All systems, hours on two cores. Ctrl-C at any time; the same command goes on.',
    ],
    ['robust-jem reproduce --preset quick --rows jem --rows jem++ --out runs/jems', 'Two rows.'],
  ],
  async run({ options, terminal }) {
    const { existsSync, readFileSync } = await import('node:fs')
    const { join } = await import('node:path')
    const { keptPlan } = await import('../reproduction/plan.ts')
    const { reproduce } = await import('../reproduction/reproduction.ts')
    const { rows } = await import('../../report/rows.ts')
    const { preset } = options
    const folder = options.out ?? join('runs', `reproduce-${preset}`)
    const named = options.all ? rows.map(({ name }) => name) : options.rows.length > 0 ? options.rows : paperRows
    const stranger = named.find((name) => !rows.some((row) => row.name === name))
    if (stranger !== undefined)
      throw new UserError(
        'usage',
        `--rows ${stranger}: there is no such row. They are ${rows.map(({ name }) => name).join(', ')}.`,
        {
          exitCode: 2,
        },
      )
    const asked = {
      preset,
      seed: options.seed ?? 0,
      set: options.set,
      rows: named,
      dataDir: options.dataDir ?? null,
      maxMinutes: options.maxMinutes ?? (preset === 'quick' ? (options.all ? 30 : 8) : null),
      ...counts[preset],
      ...(options.samples !== undefined && { samples: options.samples }),
      ...(options.testImages !== undefined && { testImages: options.testImages }),
    }
    await fetchInception(options, terminal)
    const plan = keptPlan(folder, asked)
    const results = await reproduce(folder, plan, options, terminal)
    if (!results) {
      terminal.result({ folder, finished: false }, `${folder}: stopped and saved. The same command goes on.`)
      return 0
    }
    const table = readFileSync(join(folder, 'table.md'), 'utf8')
    const shown = results.find(({ run }) => run === 'robust-jem') ?? results[0]
    const own = shown && join(folder, shown.run)
    const next = [
      ...(own ? [`npx robust-jem sample ${own} --film --count 10 --out film.png`, `npx robust-jem info ${own}`] : []),
      'npx robust-jem train robust-jem --preset cpu',
      'npx robust-jem --help',
    ]
    const text = [
      table.trimEnd(),
      '',
      `Pictures, curves and settings: ${join(folder, 'report.html')}`,
      ...(existsSync(join(folder, 'samplers.png'))
        ? [`The three samplers side by side: ${join(folder, 'samplers.png')}`]
        : []),
      'Next:',
      ...next.map((line) => `  ${line}`),
    ]
    terminal.result(
      { folder, finished: true, report: join(folder, 'report.html'), rows: results, next },
      text.join('\n'),
    )
    return 0
  },
})
