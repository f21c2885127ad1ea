/** Figures of a model on test images: accuracy, robust accuracy, calibration. */
import { join } from 'node:path'
import { noGrad, scope } from '@robust-jem/torch'
import { autoAttack, standard } from '../../attacks/autoattack.ts'
import { defaultStepSize } from '../../attacks/pgd.ts'
import { threatModel } from '../../attacks/threat-model.ts'
import { parseEpsilon, toModelUnits } from '../../config/units.ts'
import { imagesAt, labelsAt } from '../../data/augment.ts'
import { calibration } from '../../evaluation/calibration.ts'
import { predictedClasses, rowsAt } from '../../evaluation/diversity.ts'
import { figureOf } from '../../evaluation/figure-record.ts'
import { expectFinite } from '../../evaluation/finite.ts'
import { bootstrap, wilson } from '../../evaluation/intervals.ts'
import { logitsOf } from '../../evaluation/logits.ts'
import { robustness } from '../../evaluation/robustness.ts'
import { writeAtomically } from '../../report/write.ts'
import { progressLines } from '../progress-lines.ts'
import { type Evaluation, onTestImages, testedLogits } from './context.ts'
import { reliabilityDiagram } from './diagrams.ts'
import type { GroupResult } from './store.ts'

/** Steps of PGD. */
export const pgdSteps = 20
const nothing = { refused: {}, flags: [], files: [] }

const share = (right: number, count: number) =>
  ({ value: right / count, more: { unit: 'share', interval: wilson(right, count) } }) as const

function testLogits(e: Evaluation) {
  const { open, data, testImages, terminal } = e
  const progress = progressLines(terminal, 'images')
  const logits = logitsOf(testedLogits(e), data.test, {
    count: testImages,
    device: open.device,
    onProgress: (done, total) => progress.update('test', done, total),
  })
  progress.end()
  expectFinite(logits, 'The logits')
  return logits
}

export const accuracyGroup = (e: Evaluation): GroupResult =>
  scope(() => {
    const predicted = predictedClasses(testLogits(e))
    const right = predicted.filter((c, i) => c === e.data.test.labels[i]).length
    const { value, more } = share(right, predicted.length)
    return { figures: [figureOf(onTestImages(e), 'accuracy', value, more)], ...nothing }
  })

/** Random start, last iterate, steps of 2.5·ε/20. */
export function pgdGroup(e: Evaluation): GroupResult {
  const { open, data, testImages, norm, epsilon, seed, terminal } = e
  const radius = toModelUnits(parseEpsilon(epsilon))
  const progress = progressLines(terminal, 'images')
  const attack = { threat: threatModel(norm, radius), steps: pgdSteps, stepSize: defaultStepSize(radius, pgdSteps) }
  const { count, robustAccuracy } = noGrad(() =>
    robustness(testedLogits(e), data.test, attack, new open.torch.Generator(seed, open.device).split('evaluation'), {
      count: testImages,
      onProgress: (done, total) => progress.update(`PGD-${pgdSteps}`, done, total),
    }),
  )
  progress.end()
  const { value, more } = share(Math.round(robustAccuracy * count), count)
  const settings = { norm, epsilon, steps: pgdSteps, start: 'random' }
  return { figures: [figureOf(onTestImages(e), `pgd-${pgdSteps}`, value, { ...more, settings })], ...nothing }
}

/** The standard version, each attack on what the ones before it left. */
export function autoAttackGroup(e: Evaluation): GroupResult {
  const { open, data, testImages, norm, epsilon, seed, terminal } = e
  const progress = progressLines(terminal, 'images')
  const indices = Array.from({ length: testImages }, (_, i) => i)
  const found = scope(() =>
    autoAttack(
      testedLogits(e),
      imagesAt(data.test, indices),
      labelsAt(data.test, indices),
      standard(norm, toModelUnits(parseEpsilon(epsilon))),
      new open.torch.Generator(seed, open.device).split('autoattack'),
      { onProgress: (done, total, attack) => progress.update(attack, Number(done.toFixed(1)), total) },
    ),
  )
  progress.end()
  const { count, clean, robust, attacks, flags } = found
  const figure = (name: string, right: number, settings: Record<string, number> = {}) => {
    const { value, more } = share(right, count)
    return figureOf(onTestImages(e), name, value, {
      ...more,
      settings: { norm, epsilon, version: 'standard', ...settings },
    })
  }
  return {
    figures: [
      figure('autoattack/clean', clean),
      ...attacks.map(({ name, tried, broken, robust: left }) => figure(`autoattack/${name}`, left, { tried, broken })),
      figure('autoattack', robust),
    ],
    refused: {},
    flags: flags.map(({ kind, message }) => `${kind}: ${message}`),
    files: [],
  }
}

const resamples = 200

/** Without temperature scaling, which would hide what is looked for. */
export const calibrationGroup = (e: Evaluation, key: string): GroupResult =>
  scope(() => {
    const logits = testLogits(e)
    const labels = e.data.test.labels.subarray(0, e.testImages)
    const rng = new e.open.torch.Generator(e.seed).split('calibration')
    const common = onTestImages(e)
    const figures = [15, 20].map((bins) => {
      const resampled = ([places]: readonly Int32Array[]) =>
        scope(() => {
          const drawn = Uint8Array.from(places!, (i) => labels[i]!)
          return calibration(rowsAt(logits, places!), drawn, { bins }).ece
        })
      const interval = bootstrap([labels.length], resampled, rng.split(String(bins)), { resamples })
      const { ece } = calibration(logits, labels, { bins })
      return figureOf(common, `ece-${bins}`, ece, { unit: 'share', interval, settings: { bins } })
    })
    const { nll, brier, bins } = calibration(logits, labels)
    const file = `reliability-${key}.svg`
    writeAtomically(join(e.folder, file), reliabilityDiagram(bins))
    return {
      figures: [...figures, figureOf(common, 'nll', nll, { unit: 'nats' }), figureOf(common, 'brier', brier)],
      ...nothing,
      files: [file],
    }
  })
