/** Weights of Inception-v3 (2015-12-05) from the files that are in circulation, and where they are looked for. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type Device, type Dtype, loadSafetensors, scope, type Tensor } from '@robust-jem/torch'
import { cacheFolder } from '../data/cifar10-download.ts'
import { UserError } from '../errors.ts'
import { foldBatchNorm, graphInArchive, readFrozenGraph, weightsOfGraph } from './frozen-graph.ts'
import { inceptionLayers } from './inception-layers.ts'
import { type FoldedConvolution, InceptionV3, type InceptionWeights } from './inception-v3.ts'
import { readTorchCheckpoint } from './torch-checkpoint.ts'

/** Names under which the weights are looked for in a folder, fullest first. */
export const inceptionFiles = [
  'pt_inception-2015-12-05-6726825d.pth',
  'weights-inception-2015-12-05-6726825d.pth',
  'classify_image_graph_def.pb',
  'inception-2015-12-05.tgz',
  'inception-v3-2015.safetensors',
  'trunk.safetensors',
] as const

/** What to supply for all figures. */
export const fullInception =
  'pt_inception-2015-12-05-6726825d.pth (of pytorch-fid) or classify_image_graph_def.pb (in inception-2015-12-05.tgz)'

/** Where the weights lie in the cache. */
export const inceptionFolder = (cache = cacheFolder()): string => join(cache, 'inception')

/** The fullest file of weights in a folder; undefined where there is none. */
export const inceptionIn = (folder: string): string | undefined =>
  inceptionFiles.map((name) => join(folder, name)).find((path) => existsSync(path))

/** Whether the folder holds more than the trunk. */
export const holdsWholeInception = (folder: string): boolean => !/trunk|^$/.test(basename(inceptionIn(folder) ?? ''))

export interface LoadedInception {
  network: InceptionV3
  path: string
  /** Of the file. */
  sha256: string
}

/**
 * The weights' file: the one named (or in the folder named), ROBUST_JEM_INCEPTION, the folder `inception` of the cache. Throws a
 * UserError where there is none.
 */
export function locateInception({
  file,
  env = process.env,
  cwd = process.cwd(),
}: {
  file?: string | undefined
  env?: Readonly<Record<string, string | undefined>>
  cwd?: string
} = {}): string {
  const named = file ?? (env.ROBUST_JEM_INCEPTION || undefined)
  const place = named === undefined ? inceptionFolder(cacheFolder(env)) : resolve(cwd, named)
  const found = statSync(place, { throwIfNoEntry: false })
  if (found?.isFile()) return place
  const inside = inceptionIn(place)
  if (inside) return inside
  const fact = named
    ? `${named} ${found ? 'holds no file of Inception weights' : 'does not exist'}`
    : 'The weights of Inception-v3 are not on this machine'
  const remedy = named
    ? 'Name'
    : `Have it fetched with --download, put it into ${place}, or name it with --inception or ROBUST_JEM_INCEPTION:`
  throw new UserError('inception-missing', `${fact}. ${remedy} ${fullInception}.`, {
    path: place,
    expected: inceptionFiles,
    received: 'none',
  })
}

/** The network from a file. Throws a UserError where it holds other weights or is damaged. */
export function loadInception(path: string, options: { device?: Device; dtype?: Dtype } = {}): LoadedInception {
  const bytes = readFileSync(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  try {
    return scope(() => ({ network: new InceptionV3(weightsIn(path, bytes), options), path, sha256 }))
  } catch (error) {
    const { message } = error as Error
    if (error instanceof UserError) throw error
    if (message.startsWith(path)) throw new UserError('inception-damaged', message, { path }) // it names the file already
    const reason = message.split('\n')[0]!.replace(/[.:]+$/, '')
    throw new UserError(
      'inception-foreign',
      `${path} is not a file of Inception-v3's weights of 2015-12-05 (${reason}). Supply ${fullInception}.`,
      { path, reason },
    )
  }
}

function weightsIn(path: string, bytes: Buffer): InceptionWeights {
  const starts = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte)
  if (bytes.length === 0) throw new Error('it is empty')
  if (starts(0x1f, 0x8b)) return weightsOfGraph(readFrozenGraph(graphInArchive(bytes)))
  if (starts(0x50, 0x4b) || starts(0x80)) return weightsOfState(readTorchCheckpoint(path).tensors)
  if (bytes[8] === 0x7b) return weightsOfState(loadSafetensors(path).tensors)
  return weightsOfGraph(readFrozenGraph(bytes))
}

/**
 * Weights by the names of PyTorch's ports: folded (`Mixed_5b.branch1x1.weight` and `.bias`) or as pytorch-fid saves them
 * (`.conv.weight`, `.bn.weight`, `.bn.running_mean` …); `fc.weight` for the classes. Layers that are not there are left out.
 */
export function weightsOfState(state: Readonly<Record<string, Tensor>>): InceptionWeights {
  const convolutions = new Map<string, FoldedConvolution>()
  for (const { name } of inceptionLayers) {
    const [weight, bias] = [state[`${name}.weight`], state[`${name}.bias`]]
    const [kernel, gamma, beta, mean, variance] = [
      'conv.weight',
      'bn.weight',
      'bn.bias',
      'bn.running_mean',
      'bn.running_var',
    ].map((part) => state[`${name}.${part}`])
    if (weight && bias) convolutions.set(name, { weight, bias })
    else if (kernel && beta && mean && variance)
      convolutions.set(name, foldBatchNorm(kernel, { beta, gamma, mean, variance, epsilon: 0.001 }))
  }
  return { convolutions, classes: state['fc.weight'] }
}
