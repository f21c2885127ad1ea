/** One row of the table: its images, its picture and its figures. */
import { join, relative } from 'node:path'
import { Generator, noGrad, scope } from '@robust-jem/torch'
import { formatEpsilon } from '../config/units.ts'
import { loadData } from '../data/locate.ts'
import { robustness } from '../evaluation/robustness.ts'
import { imagesGrid, sideBySide, writePng } from '../report/pictures.ts'
import type { Figure, Row, RowResult } from '../report/rows.ts'
import { samplerNames, stepsOf } from '../samplers/draw.ts'
import { pgdSettings } from '../training/settings.ts'
import type { GlobalValues } from './command.ts'
import { gaussiansOf, type OpenModel, openModel } from './model-options.ts'
import type { Plan } from './reproduction.ts'
import { readRun } from './run-environment.ts'
import { samplerTitles } from './sampler-titles.ts'
import { drawImages } from './sampling.ts'
import type { Terminal } from './terminal.ts'

/** Images of each class in a picture. */
const perClass = 6
const evaluationSteps = 20

type Options = Pick<GlobalValues, 'device' | 'threads'>

const opened = (run: string, options: Options, terminal: Terminal) =>
  openModel(run, { ...options, weights: undefined }, terminal)

const evenly = (count: number, classes: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor((i * classes) / count))

/** The three samplers of the paper side by side, from the same starts. */
export async function drawSamplers(
  run: string,
  picture: string,
  seed: number,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  const { model, f, device } = await opened(run, options, terminal)
  const gaussians = (await gaussiansOf({ model, device }))!
  const classNames = model.classNames.slice(0, 10)
  const settings = model.config.sampling
  const panels = samplerNames
    .filter((sampler) => sampler !== 'ascent')
    .map((sampler) => {
      const progress = terminal.progress({ label: sampler, unit: 'image steps' })
      const drawn = noGrad(() =>
        drawImages({
          sampler,
          f: f(settings.statistics),
          settings,
          gaussians,
          rng: new Generator(seed, device).split('sample'),
          classes: evenly(perClass * classNames.length, classNames.length),
          onProgress: (done, total) => progress.update(done, total),
        }),
      )
      progress.clear()
      return { title: samplerTitles[sampler], images: drawn.images, columns: perClass }
    })
  writePng(picture, sideBySide(panels, { rowNames: classNames }))
  terminal.note(`Energy alone, attack alone, and both (robust-jem): ${picture}`)
}

export async function measureRow(
  row: Row,
  run: string,
  { folder, plan }: { folder: string; plan: Plan },
  options: Options,
  terminal: Terminal,
): Promise<RowResult> {
  const open = await opened(run, options, terminal)
  const { model } = open
  const { picture, steps } = await drawRow(row, open, { folder, plan }, terminal)
  return {
    row: row.name,
    run: relative(folder, run),
    step: Number(model.provenance.step),
    seconds: Number(model.provenance.seconds),
    weights: model.weights,
    weights_sha256: model.sha256,
    drawn: { sampler: row.sampler, steps, count: plan.samples, seed: plan.seed, protocol: 'fresh' },
    picture: relative(folder, picture),
    figures: await figuresOf(open, run, plan, terminal),
  }
}

async function drawRow(
  row: Row,
  { model, f, device }: OpenModel,
  { folder, plan }: { folder: string; plan: Plan },
  terminal: Terminal,
) {
  const gaussians = (await gaussiansOf({ model, device }))!
  const base = model.config.sampling
  const settings = { ...base, energy: { ...base.energy, conditional: row.conditional } }
  const names = model.classNames
  const progress = terminal.progress({ label: row.name, unit: 'image steps' })
  const picture = join(folder, 'samples', `${row.name}.png`)
  scope(() =>
    noGrad(() => {
      const { images } = drawImages({
        sampler: row.sampler,
        f: f(settings.statistics),
        settings,
        gaussians,
        rng: new Generator(plan.seed, device).split('sample'),
        classes: evenly(plan.samples, names.length),
        onProgress: (done, total) => progress.update(done, total),
      })
      const columns = Math.floor(plan.samples / names.length)
      writePng(picture, imagesGrid({ title: row.title, images, columns }, names))
    }),
  )
  progress.clear()
  return { picture, steps: stepsOf(row.sampler, settings) }
}

/** Accuracy and robust accuracy on test images. */
async function figuresOf(
  { model, f, device }: OpenModel,
  run: string,
  plan: Plan,
  terminal: Terminal,
): Promise<Record<string, Figure>> {
  const { environment } = readRun(run)
  const { norm, epsilon } = model.config.attack
  const attacked = `PGD-${evaluationSteps} ${norm} ${formatEpsilon(epsilon).split(' ')[0]}`
  const { dataDir } = environment
  const { test } = await loadData(dataDir === null ? { set: 'shapes' } : { set: model.config.data.set, dir: dataDir })
  const progress = terminal.progress({ label: 'test', unit: 'images' })
  const found = noGrad(() =>
    robustness(
      f('running'),
      test,
      pgdSettings({ norm, epsilon, steps: evaluationSteps }),
      new Generator(plan.seed, device).split('evaluation'),
      { count: plan.testImages, onProgress: (done, total) => progress.update(done, total) },
    ),
  )
  progress.clear()
  const share = (p: number): Figure => ({
    value: 100 * p,
    spread: 196 * Math.sqrt((p * (1 - p)) / found.count),
  })
  return {
    'accuracy, %': share(found.accuracy),
    [`${attacked}, %`]: share(found.robustAccuracy),
    FID: { missing: 'needs the official Inception network' },
  }
}
