/** Figures of samples: by Inception's features, and by a judge. */
import type { Tensor } from '@robust-jem/torch'
import { knowsCifar10 } from '../../data/cifar10.ts'
import { UserError } from '../../errors.ts'
import { type FigureContext, type FigureRecord, figureOf, type Interval } from '../../evaluation/figure-record.ts'
import { frechetDistance } from '../../evaluation/frechet.ts'
import { generationFigures, type Measurement } from '../../evaluation/generation.ts'
import type { ImageSource } from '../../evaluation/image-source.ts'
import { inceptionScore } from '../../evaluation/inception-score.ts'
import { overSplits, wilson } from '../../evaluation/intervals.ts'
import { type Judge, judge } from '../../evaluation/judge.ts'
import { progressLines } from '../progress-lines.ts'
import type { Evaluation } from './context.ts'
import { featuresOf, judgeReference, referenceFolder } from './features.ts'
import { drawnBy } from './samples.ts'
import type { GroupResult } from './store.ts'

/** What all figures of these samples share. */
export function onSamples(e: Evaluation, samples: ImageSource, extractor: string | null): FigureContext {
  const { open, seed, protocol } = e
  const reference = e.referenceImages()
  return {
    count: samples.count,
    protocol,
    reference: { name: `${reference.path} train`, count: reference.count, sha256: reference.sha256 },
    extractor_sha256: extractor,
    weights_sha256: open.model.sha256,
    seed,
    settings: {
      weights: open.model.weights,
      samples_sha256: samples.sha256,
      ...(protocol === 'fresh' && drawnBy(e)),
    },
  }
}

const ended = (reason: string) => (reason.endsWith('.') ? reason : `${reason}.`)
export const sentences = (refused: Record<string, string>) =>
  Object.fromEntries(Object.entries(refused).map(([name, reason]) => [name, ended(reason)]))

export function byInception(e: Evaluation, samples: ImageSource) {
  const network = e.network()
  const progress = progressLines(e.terminal, 'images')
  const telling = (label: string) => ({
    onProgress: (done: number, total: number) => progress.update(`features of ${label}`, done, total),
  })
  const reference = featuresOf(e.referenceImages(), network, referenceFolder(), telling('training images'))
  const drawn = featuresOf(samples, network, e.folder, { probabilities: true, ...telling('samples') })
  progress.end()
  return { network, reference, drawn }
}

export const recorded = (common: FigureContext, figures: Measurement['figures']): FigureRecord[] =>
  figures.map(({ name, value, ...more }) => figureOf(common, name, value, more))

export function samplesGroup(e: Evaluation, samples: ImageSource): GroupResult {
  const { network, reference, drawn } = byInception(e, samples)
  const { figures, refused } = generationFigures(drawn, reference)
  const common = onSamples(e, samples, network.sha256)
  const prepared = { ...common, settings: { ...common.settings, preparation: 'tf1' } }
  return { figures: recorded(prepared, figures), refused: sentences(refused), flags: [], files: [] }
}

export function judgeGroup(e: Evaluation, samples: ImageSource): GroupResult {
  const { terminal, data } = e
  const given = judgeFor(e)
  const progress = terminal.progress({ label: 'judge, samples', unit: 'images' })
  const verdict = judge(given, samples, { onProgress: (done, total) => progress.update(done, total) })
  progress.clear()
  const common = onSamples(e, samples, given.sha256)
  const figures = [
    figureOf(common, 'judge-accuracy', verdict.accuracy!, {
      unit: 'share',
      interval: wilson(Math.round(verdict.accuracy! * samples.count), samples.count),
    }),
    ...verdict.classAccuracies!.flatMap((accuracy, c) =>
      accuracy === null
        ? []
        : [figureOf(common, `judge-accuracy/${data.train.classNames[c]}`, accuracy, { unit: 'share' })],
    ),
    figureOf(common, 'judge-is', verdict['judge-is'], {
      settings: { splits: 1 },
      interval: spread(verdict.probabilities, verdict['judge-is']),
    }),
  ]
  const refused: Record<string, string> = {}
  if (verdict.statistics && e.reference > 1) {
    const reference = judgeReference(e.referenceImages(), given, terminal)
    figures.push(figureOf(common, 'judge-fd', frechetDistance(verdict.statistics, reference)))
  } else refused['judge-fd'] = 'judge-fd needs at least 2 images on each side. Give more images.'
  return { figures, refused, flags: [], files: [] }
}

const splits = 10

/** Around the score of all, from those of ten parts: parts of fewer images score lower, so only their spread is taken. */
function spread(probabilities: Tensor, value: number): Interval | null {
  const count = probabilities.shape[0]!
  if (count < 2 * splits) return null
  const scores = Array.from({ length: splits }, (_, i) => {
    const from = Math.floor((i * count) / splits)
    const part = probabilities.narrow(0, from, Math.floor(((i + 1) * count) / splits) - from)
    return inceptionScore(part, { splits: 1 }).mean
  })
  return overSplits(value, scores)
}

/** The judge, of the classes that the samples are of. Throws a UserError where it is missing or of others. */
export function judgeFor({ judgeNetwork, data }: Evaluation): Judge {
  const given = judgeNetwork()
  const { classNames, name } = data.train
  const { classes } = given.network
  const same = classes === classNames.length && (classes !== 10 || knowsCifar10(classNames))
  if (same) return given
  throw new UserError(
    'judge-classes',
    `The judge ${given.path} knows ${classes === 10 ? 'the classes of CIFAR-10' : `${classes} classes`}, not those of ${name}. Name a judge of the same classes.`,
    { path: given.path, expected: classNames, received: classes },
  )
}
