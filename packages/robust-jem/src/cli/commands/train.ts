/** train: a network from images to a run directory. */
import { join } from 'node:path'
import { type SystemName, systemNames } from '../../config/system-names.ts'
import { UserError } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { flagOf } from '../options.ts'
import { presetOf, settingsFrom, settingsOptions } from '../settings-options.ts'

export const train = defineCommand({
  description:
    'Trains a network and writes a run directory: settings, metrics, pictures while it learns, and checkpoints that sample, ' +
    'classify and info read. Without --data-dir it takes the images in ROBUST_JEM_DATA, ./data or the cache, else downloads ' +
    'CIFAR-10, and without a network draws its own shapes. Ctrl-C saves and prints the command that goes on.',
  arguments: { system: { description: 'What is trained.', choices: systemNames, optional: true } },
  options: {
    ...settingsOptions,
    dataDir: { kind: 'string', value: 'DIR', description: 'The CIFAR-10 binary files, or a folder of class folders.' },
    out: {
      kind: 'string',
      value: 'DIR',
      description: 'The run directory to make. Default: the next free name under runs/.',
    },
    steps: { kind: 'integer', minimum: 1, description: 'Length of the training; the schedule is fitted to it.' },
    maxMinutes: {
      kind: 'number',
      minimum: 0,
      description: 'Stop after this time at the latest; the schedule is fitted to it.',
    },
    resume: { kind: 'string', value: 'DIR', description: 'Go on with this run from its newest checkpoint.' },
  },
  examples: [
    ['robust-jem train robust-jem --preset quick', 'Minutes on two cores; first shapes.'],
    ['robust-jem train robust-jem --preset cpu --data-dir ~/cifar-10-batches-bin', 'Hours on two cores.'],
    [
      'robust-jem train jem++ --preset quick',
      'JEM++ instead; classifier, robust-classifier, jem, sada-jem and dat too.',
    ],
    ['robust-jem train robust-jem --set attack.epsilon=8/255 --dry-run', 'See the settings first.'],
    ['robust-jem train --resume runs/my-run', 'After Ctrl-C, a crash or a reboot.'],
  ],
  async run({ arguments: { system }, options, terminal }) {
    const { dataDir, maxMinutes, device, threads } = options
    const session = { dataDir, maxMinutes, device, threads }
    if (maxMinutes === 0)
      throw new UserError('usage', '--max-minutes: expected more than 0. Leave it out for no limit.', { exitCode: 2 })
    const { beginRun, resumeSession } = await import('../training/session.ts')
    if (options.resume !== undefined) {
      refuseSettings(options.resume)
      return report(options.resume, await resumeSession(options.resume, session, terminal))
    }
    if (!system)
      throw new UserError(
        'usage',
        `SYSTEM is missing. It is one of ${systemNames.join(', ')}. See robust-jem train --help.`,
        { exitCode: 2 },
      )
    const set = options.steps === undefined ? options.set : [...options.set, `schedule.steps=${options.steps}`]
    const config = await settingsFrom(system as SystemName, { ...options, set }, terminal)
    if (!config) return 0
    const { newRunPath } = await import('../../training/run-directory.ts')
    const path = options.out ?? newRunPath('runs', `${system}-${presetOf(options)}`, new Date())
    return report(path, await beginRun(path, config, session, terminal))

    /** A run goes on as it was begun. */
    function refuseSettings(path: string): void {
      const { out, preset, config, steps, seed, set, dryRun, helpSettings } = options
      const given = Object.entries({ out, preset, config, steps, seed, set: set[0], dryRun, helpSettings })
      const flag = given.find(([, value]) => value !== undefined && value !== false)?.[0]
      const stranger = system ?? (flag && flagOf(flag))
      if (!stranger) return
      throw new UserError(
        'usage',
        `--resume goes on with the settings in ${join(path, 'config.yaml')}. Leave out ${stranger}.`,
        { exitCode: 2 },
      )
    }

    function report(path: string, { finished, step }: { finished: boolean; step: number }): number {
      const next = finished
        ? [`robust-jem sample ${path} --out ${join(path, 'samples.png')}`, `robust-jem info ${path}`]
        : [`robust-jem train --resume ${path}`]
      const state = finished ? 'trained' : 'stopped and saved'
      terminal.result(
        { run: path, step, finished, next },
        [`${path}: ${state} after ${step} steps. Next:`, ...next.map((line) => `  npx ${line}`)].join('\n'),
      )
      return 0
    }
  },
})
