/** How diverse samples are: their classes, and how near they come to training images. */
import { join } from 'node:path'
import { grid, titled } from '@robust-jem/formats'
import { noGrad, scope, tensor } from '@robust-jem/torch'
import { toModelRange } from '../../data/pixels.ts'
import { UserError } from '../../errors.ts'
import {
  distanceRatio,
  effectiveClasses,
  nearestNeighbours,
  pick,
  predictedClasses,
} from '../../evaluation/diversity.ts'
import { type FigureRecord, figureOf } from '../../evaluation/figure-record.ts'
import { type Measured, manifoldFigures, neighbourFeatures } from '../../evaluation/generation.ts'
import type { ImageSource } from '../../evaluation/image-source.ts'
import { judge } from '../../evaluation/judge.ts'
import { writePng } from '../../report/pictures.ts'
import type { Evaluation } from './context.ts'
import { byInception, judgeFor, onSamples, recorded, sentences } from './drawn.ts'
import type { GroupResult } from './store.ts'

/** Neighbours shown beside a sample, and samples shown. */
const [neighbours, shown] = [5, 20]

/** Class balance always; the others where Inception's weights are. */
export function diversityGroup(e: Evaluation, samples: ImageSource, key: string): GroupResult {
  const balance = balanceFigure(e, samples)
  let features: ReturnType<typeof byInception>
  try {
    features = byInception(e, samples)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'inception-missing' || e.inception !== undefined) throw error
    const refused = Object.fromEntries(['recall', 'coverage', 'nearest-ratio'].map((name) => [name, error.message]))
    return { figures: [balance], refused, flags: [], files: [] }
  }
  const { network, reference, drawn } = features
  const { figures, refused } = manifoldFigures(drawn, reference)
  const wanted = (name: string) => /^(recall|coverage)-/.test(name)
  const denied = Object.fromEntries(Object.entries(refused).filter(([name]) => wanted(name)))
  const [{ dim, features: x }, { features: y }] = [neighbourFeatures(drawn), neighbourFeatures(reference)]
  const nearest: Measured[] = []
  const ratio = distanceRatio(x, y)
  if (ratio === undefined) denied[`nearest-ratio-${dim}`] = 'Half of the training images have a duplicate'
  else {
    const settings = { reference: y.shape[0]! }
    nearest.push({ name: `nearest-ratio-${dim}`, value: ratio, count: x.shape[0]!, settings })
  }
  const file = `nearest-${key}.png`
  const some = x.narrow(0, 0, Math.min(shown, x.shape[0]!))
  const { places } = nearestNeighbours(some, y, Math.min(neighbours, y.shape[0]!))
  writePng(join(e.folder, file), neighbourPicture(e, samples, places))
  return {
    figures: [
      balance,
      ...recorded(onSamples(e, samples, network.sha256), [...figures.filter(({ name }) => wanted(name)), ...nearest]),
    ],
    refused: sentences(denied),
    flags: [],
    files: [file],
  }
}

/** By the judge where there is one of these classes, else by the model itself. */
function balanceFigure(e: Evaluation, samples: ImageSource): FigureRecord {
  const { open, data } = e
  const classes = data.train.classNames.length
  const given = judgeOrNone(e)
  const predicted = given
    ? predictedClasses(judge(given, samples).probabilities)
    : scope(() => noGrad(() => predictedByModel(open, samples)))
  const { value, counts } = effectiveClasses(predicted, classes)
  const shares = Object.fromEntries(counts.map((count, c) => [`count/${data.train.classNames[c]}`, count]))
  return figureOf(onSamples(e, samples, given?.sha256 ?? null), 'class-balance', value, {
    unit: 'classes',
    settings: { by: given ? 'judge' : 'model', ...shares },
  })
}

function judgeOrNone(e: Evaluation) {
  try {
    return judgeFor(e)
  } catch (error) {
    const without = error instanceof UserError && ['judge-missing', 'judge-classes'].includes(error.code)
    if (without && e.judge === undefined) return undefined // none that the user named
    throw error
  }
}

function predictedByModel({ f, device }: Evaluation['open'], { count, size, read }: ImageSource): number[] {
  const logits = f('running')
  const predicted: number[] = []
  const batch = 250
  for (let at = 0; at < count; at += batch) {
    const n = Math.min(batch, count - at)
    scope(() => {
      const x = toModelRange(tensor(read(at, n), { shape: [n, 3, ...size], device }))
      predicted.push(...predictedClasses(logits(x)))
    })
  }
  return predicted
}

/** A row for each sample: itself, then its nearest training images. */
function neighbourPicture({ data }: Evaluation, samples: ImageSource, places: readonly number[][]) {
  const [, , height, width] = data.train.shape
  const imageBytes = 3 * height * width
  const rows = places.flatMap((found, i) => [...samples.read(i, 1), ...pick(data.train.images, found, imageBytes)])
  const columns = 1 + places[0]!.length
  const batch = { data: Uint8Array.from(rows), shape: [places.length * columns, 3, height, width] }
  return titled([{ title: 'samples, and their nearest training images', image: grid(batch, { columns, scale: 2 }) }])
}
