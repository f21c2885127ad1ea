/** What an evaluation has at hand: model, images, judges, and what was asked for. */
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { cacheFolder } from '../../data/cifar10-download.ts'
import type { DataSets } from '../../data/image-set.ts'
import type { Logits } from '../../energy.ts'
import { UserError } from '../../errors.ts'
import { firstImages } from '../../evaluation/byte-images.ts'
import type { FigureContext } from '../../evaluation/figure-record.ts'
import type { ImageSource } from '../../evaluation/image-source.ts'
import { type Judge, loadJudge } from '../../evaluation/judge.ts'
import type { Protocol } from '../../evaluation/protocol.ts'
import { type LoadedInception, loadInception, locateInception } from '../../models/inception-weights.ts'
import type { Model } from '../../models/model-file.ts'
import type { SamplerName } from '../../samplers/draw.ts'
import type { OpenModel } from '../model-options.ts'
import type { Terminal } from '../terminal.ts'
import { loadImages } from '../training/data.ts'
import { readRun } from '../training/environment.ts'
import { evaluationFolder, runOf } from './store.ts'

export interface EvaluationRequest {
  testImages: number
  /** In pixel units, as people write it. */
  epsilon: string
  norm: 'linf' | 'l2'
  protocol: Protocol
  sampler: SamplerName
  settings: Config['sampling']
  count: number
  /** How many training images samples are compared with: the first ones. */
  reference: number
  inception: string | undefined
  judge: string | undefined
  oodDirs: readonly string[]
  seed: number
}

export interface Evaluation extends EvaluationRequest {
  open: OpenModel
  /** The run that the model lies in. */
  run: string | undefined
  /** Where results are kept. */
  folder: string
  data: DataSets
  /** The training images that samples are compared with; hashed when first asked for. */
  referenceImages: () => ImageSource
  /** Read when first asked for. Throw a UserError where they are not there. */
  network: () => LoadedInception
  judgeNetwork: () => Judge
  terminal: Terminal
}

/** Reads the images; the other networks are read when they are needed. */
export async function openEvaluation(
  path: string,
  open: OpenModel,
  { dataDir, ...request }: EvaluationRequest & { dataDir: string | undefined },
  terminal: Terminal,
): Promise<Evaluation> {
  const run = runOf(resolve(path))
  const data = await dataOf(run, open.model, dataDir, terminal)
  const { device } = open
  const reference = Math.min(request.reference, data.train.labels.length)
  return {
    ...request,
    testImages: Math.min(request.testImages, data.test.labels.length),
    reference,
    open,
    run,
    folder: evaluationFolder(run, open.model.sha256),
    data,
    referenceImages: once(() => firstImages(data.train, reference)),
    network: once(() => loadInception(locateInception({ file: request.inception }), { device, dtype: 'float32' })),
    judgeNetwork: once(() => loadJudge(locateJudge(request.judge), { device })),
    terminal,
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** The images that the run was trained on, or those that the user names; of the model's classes. */
async function dataOf(
  run: string | undefined,
  { config, classNames, path, provenance }: Model,
  dataDir: string | undefined,
  terminal: Terminal,
): Promise<DataSets> {
  const began = run === undefined ? undefined : readRun(run).environment.dataDir
  const drawn = began === null || String(provenance.data).startsWith('shapes ')
  const set = dataDir === undefined && drawn ? 'shapes' : config.data.set
  const data = await loadImages({ set, dir: dataDir ?? began ?? undefined }, terminal)
  if (data.test.classNames.join() !== classNames.join()) {
    throw new UserError(
      'data-classes-differ',
      `The test images (${data.test.origin}) are of ${data.test.classNames.join(', ')}, but ${path} knows ${classNames.join(', ')}. Name its images with --data-dir.`,
      { path, expected: classNames, received: data.test.classNames },
    )
  }
  return data
}

const judgeFiles = ['resnet56.safetensors', 'resnet20.safetensors', 'resnet56-4bfd9763.th', 'resnet20-12fca82f.th']

/** The judge's file: the one named, ROBUST_JEM_JUDGE, the folder `judge` of the cache. Throws a UserError where there is none. */
export function locateJudge(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const named = file ?? (env.ROBUST_JEM_JUDGE || undefined)
  const place = named ?? join(cacheFolder(env), 'judge')
  if (statSync(place, { throwIfNoEntry: false })?.isFile()) return place
  const inside = judgeFiles.map((name) => join(place, name)).find((path) => existsSync(path))
  if (inside) return inside
  const fact = named === undefined ? 'No judge of images is on this machine' : `${named} is no file of a judge`
  const remedy = 'Name resnet56 or resnet20 of akamaster/pytorch_resnet_cifar10 with --judge or ROBUST_JEM_JUDGE.'
  throw new UserError('judge-missing', `${fact}. ${remedy}`, { path: place, expected: judgeFiles })
}

/** f(x) as test figures are of it: running statistics, and float32, since no figure is to depend on the processor. */
export const testedLogits = ({ open }: Evaluation): Logits => open.f('running', testPrecision)
export const testPrecision = 'float32'

/** What all figures of these test images share. */
export const onTestImages = ({ open, testImages, data, seed }: Evaluation): FigureContext => ({
  count: testImages,
  protocol: 'test',
  reference: { name: data.test.name, count: testImages, sha256: data.test.sha256 },
  extractor_sha256: null,
  weights_sha256: open.model.sha256,
  seed,
  settings: { precision: testPrecision, weights: open.model.weights },
})
