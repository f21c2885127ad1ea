/** One row of the table: its images, its picture and its figures. */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { grid, titled } from '@robust-jem/formats'
import { Generator, noGrad } from '@robust-jem/torch'
import { formatEpsilon } from '../../config/units.ts'
import { pick } from '../../evaluation/diversity.ts'
import type { ImageSource } from '../../evaluation/image-source.ts'
import { sideBySide, writePng } from '../../report/pictures.ts'
import type { Row, RowResult } from '../../report/rows.ts'
import { samplerNames, stepsOf } from '../../samplers/draw.ts'
import type { GlobalValues } from '../command.ts'
import { openEvaluation } from '../evaluation/context.ts'
import { evaluate } from '../evaluation/groups.ts'
import type { GroupName } from '../evaluation/names.ts'
import { tableFigures } from '../evaluation/report.ts'
import { samplesOf } from '../evaluation/samples.ts'
import { pgdSteps } from '../evaluation/test-set.ts'
import { type OpenModel, openModel, requiredGaussians } from '../model-options.ts'
import { classByClass, drawImages } from '../sampling/draw.ts'
import { samplerTitles } from '../sampling/titles.ts'
import type { Terminal } from '../terminal.ts'
import { readRun } from '../training/environment.ts'
import type { Plan } from './plan.ts'

/** Images of each class in a picture. */
const perClass = 6
/**
 * How many training images N samples are compared with: few samples with as many, since they have a minute for their figures, and
 * features of all training images would take an hour on a CPU.
 */
export const referenceOf = (samples: number): number => (samples < 10_000 ? samples : Infinity)
/** Groups of figures of a row. */
const measured: readonly GroupName[] = ['accuracy', 'pgd', 'samples', 'judge']

/** What is not part of the plan: where it computes, and the files of the networks that judge. */
export interface Surroundings extends Pick<GlobalValues, 'device' | 'threads'> {
  inception: string | undefined
  judge: string | undefined
}

const opened = (run: string, { device, threads }: Surroundings, terminal: Terminal) =>
  openModel(run, { device, threads, weights: undefined }, terminal)

/** The three samplers of the paper side by side, from the same starts. */
export async function drawSamplers(
  run: string,
  picture: string,
  seed: number,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<void> {
  const open = await opened(run, surroundings, terminal)
  const { model, f, device } = open
  const gaussians = await requiredGaussians(open)
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
          classes: classByClass(classNames.length, perClass),
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
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<RowResult> {
  const open = await opened(run, surroundings, terminal)
  const { model } = open
  const { inception, judge } = surroundings
  const evaluation = await openEvaluation(
    run,
    open,
    { ...requestOf(row, model, run, plan), inception, judge },
    terminal,
  )
  const { sampler, settings } = evaluation
  const images = await samplesOf(evaluation)
  const picture = join(folder, 'samples', `${row.name}.png`)
  if (!existsSync(picture)) writePng(picture, pictureOf(row.title, images, model.classNames))
  const { norm, epsilon } = model.config.attack
  const attacked = `PGD-${pgdSteps} ${norm} ${formatEpsilon(epsilon).split(' ')[0]}`
  return {
    row: row.name,
    run: relative(folder, run),
    step: Number(model.provenance.step),
    seconds: Number(model.provenance.seconds),
    weights: model.weights,
    weights_sha256: model.sha256,
    drawn: { sampler, steps: stepsOf(sampler, settings), count: images.count, seed: plan.seed, protocol: 'fresh' },
    picture: relative(folder, picture),
    figures: tableFigures(await evaluate(evaluation, measured, { lenient: true }), attacked),
  }
}

/** The row's sampler, and the attack that its training was against; Inception and the judge where they are found. */
function requestOf(
  { sampler, conditional }: Row,
  { config }: OpenModel['model'],
  run: string,
  { seed, samples, testImages }: Plan,
) {
  const { dataDir } = readRun(run).environment
  const { norm, epsilon } = config.attack
  const settings = { ...config.sampling, energy: { ...config.sampling.energy, conditional } }
  return {
    testImages,
    norm,
    epsilon: String(epsilon),
    protocol: 'fresh' as const,
    sampler,
    settings,
    count: samples,
    reference: referenceOf(samples),
    oodDirs: [],
    seed,
    dataDir: dataDir ?? undefined,
  }
}

/** A row for each class, of its first images. */
function pictureOf(title: string, { count, labels, size, read }: ImageSource, classNames: readonly string[]) {
  const [height, width] = size
  const columns = Math.min(perClass, Math.max(1, Math.floor(count / classNames.length)))
  const drawn = classNames.slice(0, count)
  // As many of each class, so that the rows are full.
  const places = drawn.flatMap((_, c) => [...labels!.keys()].filter((i) => labels![i] === c).slice(0, columns))
  const batch = { data: pick(read(0, count), places, 3 * height * width), shape: [places.length, 3, height, width] }
  return titled([{ title, image: grid(batch, { columns, scale: 2 }), rowNames: drawn }])
}
