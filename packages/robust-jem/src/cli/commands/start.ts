/** start: everything once, in minutes. What `npm start` runs after the set-up. */
import { join } from 'node:path'
import { defineCommand } from '../command.ts'
import { samplerTitles } from '../sampler-titles.ts'
import { settingsFrom, settingsOptions } from '../settings-options.ts'

/** Images of each class in the final picture, per sampler. */
const perClass = 6

export const start = defineCommand({
  description:
    'Trains robust-jem with the quick preset for a few minutes and draws images with its three samplers, side by side in one picture. ' +
    'Images are found as train finds them; without any, and without a network, it draws its own set of shapes.',
  arguments: {},
  options: {
    ...settingsOptions,
    dataDir: { kind: 'string', value: 'DIR', description: 'The CIFAR-10 binary files, or a folder of class folders.' },
    maxMinutes: { kind: 'number', minimum: 0.01, default: 8, description: 'Training time at the most.' },
  },
  examples: [['robust-jem start', 'As npm start, without the set-up.']],
  async run({ options, terminal }) {
    const config = await settingsFrom('robust-jem', options, terminal)
    if (!config) return 0
    const { openDevice } = await import('../device.ts')
    const { newRunPath, RunDirectory } = await import('../../training/run-directory.ts')
    const { holding } = await import('../held-run.ts')
    const path = newRunPath('runs', `robust-jem-${options.preset}`, new Date())
    const run = RunDirectory.create(path)
    const { finished, step, torch, device } = await holding(run, terminal, async (interruption) => {
      const opened = await openDevice(options, { terminal, precision: config.precision })
      const { startRun } = await import('../train-run.ts')
      const { dataDir, maxMinutes } = options
      const result = await startRun({ run, config, dataDir, maxMinutes, ...opened, interruption, terminal })
      return { ...opened, ...result }
    })
    if (!finished) {
      terminal.result(
        { run: path, step, finished },
        `${path}: stopped and saved after ${step} steps. Go on with:\n  npx robust-jem train --resume ${path}`,
      )
      return 0
    }

    const { gaussiansOf, openModel } = await import('../model-options.ts')
    const { samplerNames } = await import('../../samplers/draw.ts')
    const { sideBySide, writePng } = await import('../../report/pictures.ts')
    const { drawImages } = await import('../sampling.ts')
    const opened = await openModel(path, { ...options, weights: undefined }, terminal)
    const { model, f } = opened
    const gaussians = (await gaussiansOf(opened))!
    const classNames = model.classNames.slice(0, 10)
    const classes = classNames.flatMap((_, c) => Array.from({ length: perClass }, () => c))
    const panels = samplerNames.map((sampler) => {
      const progress = terminal.progress({ label: sampler, unit: 'image steps' })
      const rng = new torch.Generator(config.seed, device).split('sample') // the same starts for each sampler
      const settings = config.sampling
      const onProgress = (done: number, total: number) => progress.update(done, total)
      const { images } = torch.noGrad(() =>
        drawImages({ sampler, f: f(settings.statistics), settings, gaussians, rng, classes, onProgress }),
      )
      progress.clear()
      return { title: samplerTitles[sampler], images, columns: perClass }
    })
    const picture = join(path, 'samples', 'samplers.png')
    writePng(picture, sideBySide(panels, { rowNames: classNames }))
    const next = [
      `npx robust-jem sample ${path} --film --count ${classNames.length} --out film.png`,
      `npx robust-jem sample ${path} --class ${classNames[0]} --count 16 --seed 1 --out ${classNames[0]}.png`,
      `npx robust-jem info ${path}`,
      'npx robust-jem train robust-jem --preset cpu',
      'npx robust-jem --help',
    ]
    const text = [
      `Trained ${step} steps: ${path}`,
      `Energy alone, attack alone, and both (robust-jem): ${picture}`,
      'Next:',
      ...next.map((line) => `  ${line}`),
    ]
    terminal.result({ run: path, step, finished, picture, next }, text.join('\n'))
    return 0
  },
})
