/** fid: how far two sets of images are from each other. */
import type { Device } from '@robust-jem/torch'
import { columns } from '../../config/columns.ts'
import { UserError } from '../../errors.ts'
import type { ImageSource } from '../../evaluation/image-source.ts'
import type { Judge } from '../../evaluation/judge.ts'
import type { FeatureDim } from '../../models/inception-layers.ts'
import { defineCommand } from '../command.ts'
import type { Comparands } from '../evaluation/comparands.ts'
import { fetchInception, inceptionOptions } from '../judging-options.ts'
import { progressLines } from '../progress-lines.ts'
import type { Terminal } from '../terminal.ts'

export const fid = defineCommand({
  description:
    'Compares two sets of images by the features of Inception-v3 (2015-12-05): Fréchet distances of 64, 192 and 768 features, the FID of ' +
    '2,048, KID of each, and the Inception score of A, as far as weights and counts allow. A set is a folder of PNG files of one size, an ' +
    ".npz of uint8 images, CIFAR-10's folder (its training images) or one of its .bin files, or an .npz of statistics (mu, sigma). It may " +
    "also be drawn, as many images as the other set has: by a model or a run, from a model's class-gaussians.safetensors, or uniform-noise. " +
    'Features of B are kept in the cache, and what a model draws where evaluate keeps it.',
  arguments: {
    a: { description: 'The set to judge: samples.' },
    b: { description: 'The reference: real images, or their statistics.' },
  },
  options: {
    features: {
      kind: 'string',
      value: 'LIST',
      description: 'Widths out of 64, 192, 768 and 2048 (the FID), by commas. Default: all that can be had.',
    },
    inceptionScore: {
      kind: 'flag',
      description: 'Demand the Inception score of A; otherwise it comes where it can be had.',
    },
    limit: { kind: 'integer', value: 'N', minimum: 2, description: 'Only the first N images of each set.' },
    ...inceptionOptions,
    judge: {
      kind: 'string',
      value: 'FILE',
      description:
        'Also the verdict of a ResNet for CIFAR-10 on A: its own score, Fréchet distance and, where A has labels, accuracy.',
    },
    preparation: {
      kind: 'string',
      choices: ['tf1', 'pytorch-fid'],
      default: 'tf1',
      description: 'How images become 299×299: as in the published figures, or as pytorch-fid does. They differ.',
    },
    precision: {
      kind: 'string',
      choices: ['float32', 'bfloat16'],
      default: 'float32',
      description: 'Of the convolutions; bfloat16 is quicker and good to about two digits.',
    },
    batch: { kind: 'integer', value: 'N', minimum: 1, description: 'Images at once. Default: 4, on a GPU 128.' },
    saveStatistics: {
      kind: 'string',
      value: 'FILE',
      description: "Write A's mean and covariance, as pytorch-fid does; needs one width in --features.",
    },
  },
  examples: [
    ['robust-jem fid samples.npz data/cifar-10-batches-bin', 'Samples against the training images of CIFAR-10.'],
    ['robust-jem fid samples/ test_batch.bin --features 768 --limit 1000 --json', 'One figure, for scripts.'],
    ['robust-jem fid runs/my-run data/cifar-10-batches-bin --limit 1000', 'What a run draws, a thousand images.'],
    ['robust-jem fid uniform-noise test_batch.bin --limit 1000', 'How far off noise is: the other end of the scale.'],
    ['robust-jem fid samples/ fid_stats_cifar10_train.npz --features 2048', 'Against published statistics.'],
  ],
  async run({ arguments: { a: pathA, b: pathB }, options, terminal }) {
    const dims = widthsOf(options.features)
    if (options.saveStatistics !== undefined && dims?.length !== 1) {
      throw new UserError('usage', 'A file of statistics is of one width. Give one with --features.', { exitCode: 2 })
    }
    const { loadEngine, openDevice } = await import('../device.ts')
    await loadEngine()
    const { openComparands } = await import('../evaluation/comparands.ts')
    const { limit = Infinity, seed = 0 } = options
    const comparands = await openComparands(pathA, pathB, { ...options, limit, seed }, terminal)

    const { locateInception, loadInception } = await import('../../models/inception-weights.ts')
    const needsNetwork = comparands.outlines.some(({ kind }) => kind !== 'statistics')
    if (needsNetwork) await fetchInception(options, terminal)
    const weights = needsNetwork ? locateInception({ file: options.inception }) : undefined
    const { torch, device, precision } = await openDevice(options, { terminal, precision: options.precision })
    const inception = weights === undefined ? undefined : loadInception(weights, { device, dtype: precision })
    const { compareDistributions, possibleFigures } = await import('../../evaluation/distribution.ts')
    const asked = { dims, score: options.inceptionScore || undefined }

    // What cannot be had is said before anything is drawn.
    possibleFigures(inception?.network, ...comparands.outlines, asked)
    const judge = options.judge === undefined ? undefined : await openJudge(options.judge, device, comparands.outlines)

    const [a, b] = await comparands.draw()
    for (const set of [a, b]) if (set.kind !== 'statistics') for (const note of set.notes) terminal.warn(note)
    const { featureSetOf } = await import('../../evaluation/feature-file.ts')
    const { extractFeatures } = await import('../../evaluation/features.ts')
    const { featuresOf, referenceFolder } = await import('../evaluation/features.ts')
    const progress = progressLines(terminal, 'images', 'finish')
    const telling = (label: string) => (done: number, total: number) => progress.update(label, done, total)
    const { figures, inceptionScore, kidCounts, refused, statistics } = compareDistributions(
      inception?.network,
      a,
      b,
      {
        ...asked,
        extract: (images, wanted) => {
          const onProgress = telling(`features of ${images === a ? 'A' : 'B'}`)
          const settings = { ...wanted, preparation: options.preparation, batchSize: options.batch, onProgress }
          return images === b
            ? featuresOf(images, inception!, referenceFolder(), { ...settings, precision })
            : featureSetOf(extractFeatures(inception!.network, images, settings))
        },
      },
      new torch.Generator(seed),
    )
    const verdict = judge && (await verdictOf(judge, a as ImageSource, b as ImageSource, telling('judge'), terminal))
    progress.end()
    const notHad = { ...refused, ...verdict?.refused }
    const described = [a, b].map((set, i) => ({
      path: set.path,
      kind: set.kind,
      count: (set.kind === 'statistics' ? set.gaussian.count : set.count) ?? null,
      sha256: set.sha256,
      ...comparands.facts[i],
    }))
    const extractor = inception && {
      path: inception.path,
      sha256: inception.sha256,
      preparation: options.preparation,
      precision,
    }
    const score = inceptionScore && { 'inception-score': inceptionScore }
    const rows = Object.entries({ ...figures, ...verdict?.figures }).map(([name, value]): [string, string] => [
      name,
      value.toPrecision(5),
    ])
    if (inceptionScore)
      rows.push(['inception-score', `${inceptionScore.mean.toPrecision(5)} ± ${inceptionScore.std.toPrecision(3)}`])
    terminal.result(
      {
        ...figures,
        ...verdict?.figures,
        ...score,
        ...(kidCounts && { 'kid-counts': kidCounts }),
        a: described[0],
        b: described[1],
        extractor: extractor ?? null,
        ...(verdict && { judge: verdict.judge }),
        refused: notHad,
      },
      [
        ...columns(
          [
            ...described.map(({ path, count }, i): [string, string] => [
              'AB'[i]!,
              `${path}, ${count === null ? 'unknown count' : `${count.toLocaleString('en-US')} images`}`,
            ]),
            ...rows,
          ],
          { width: terminal.width },
        ),
        ...Object.values(notHad),
      ].join('\n'),
    )
    if (options.saveStatistics !== undefined) {
      const { statisticsFile } = await import('../../evaluation/statistics-file.ts')
      const { writeAtomically } = await import('../../report/write.ts')
      writeAtomically(options.saveStatistics, statisticsFile(statistics.get(dims![0]!)!))
    }
    return 0
  },
})

/** Throws a UserError where there is none, or nothing that it could look at. */
async function openJudge(file: string, device: Device, sets: Comparands['outlines']): Promise<Judge> {
  const { locateJudge } = await import('../evaluation/context.ts')
  const { expectJudgeable, loadJudge } = await import('../../evaluation/judge.ts')
  for (const set of sets) {
    if (set.kind === 'statistics')
      throw new UserError(
        'images-kind',
        'A judge looks at images, and one of the sets is statistics. Name images, or leave out --judge.',
      )
    if (set.size) expectJudgeable({ path: set.path, size: set.size })
  }
  return loadJudge(locateJudge(file), { device })
}

/** The judge's figures of A, and how far A is from B by its features; the accuracy where A has labels that the judge knows. */
async function verdictOf(
  given: Judge,
  a: ImageSource,
  b: ImageSource,
  onProgress: (done: number, total: number) => void,
  terminal: Terminal,
) {
  const { judgeReference } = await import('../evaluation/features.ts')
  const { frechetDistance } = await import('../../evaluation/frechet.ts')
  const { judge } = await import('../../evaluation/judge.ts')
  const { classes } = given.network
  const stranger = a.labels?.find((label) => label >= classes)
  const x = judge(given, { ...a, ...(stranger !== undefined && { labels: undefined }) }, { onProgress })
  return {
    figures: {
      ...(x.accuracy !== null && { 'judge-accuracy': x.accuracy }),
      'judge-is': x['judge-is'],
      'judge-fd': frechetDistance(x.statistics!, judgeReference(b, given, terminal)),
    },
    refused: {
      ...(stranger !== undefined && {
        'judge-accuracy': `judge-accuracy needs labels below ${classes}, the judge's classes, and ${a.path} has the label ${stranger}.`,
      }),
    },
    judge: { path: given.path, sha256: given.sha256 },
  }
}

/** The widths in a list such as '64,768'. Throws a UserError (exit code 2). */
function widthsOf(list: string | undefined): FeatureDim[] | undefined {
  if (list === undefined) return undefined
  const known: readonly number[] = [64, 192, 768, 2048]
  const widths = list.split(',').map((word) => (/^\s*\d+\s*$/.test(word) ? Number(word) : Number.NaN))
  if (widths.length === 0 || !widths.every((width) => known.includes(width))) {
    throw new UserError(
      'usage',
      `--features: expected some of 64,192,768,2048 by commas, received ${JSON.stringify(list)}.`,
      { exitCode: 2, expected: known, received: list },
    )
  }
  return [...new Set(widths)].sort((x, y) => x - y) as FeatureDim[]
}
