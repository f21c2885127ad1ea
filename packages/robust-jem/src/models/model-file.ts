/** A model on disk: safetensors whose metadata hold the configuration, the class names and the provenance. Nothing in it is executed. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RUN_FILES, stepOfDirectoryName } from '@robust-jem/formats'
import {
  Generator,
  loadSafetensors,
  readSafetensorsMetadata,
  saveSafetensors,
  type Tensor,
  toBytes,
} from '@robust-jem/torch'
import { type Config, configSchema } from '../config/schema.ts'
import { UserError } from '../errors.ts'
import { unusedInCheckpoints, WideResNet } from './wide-resnet.ts'

/** Names in a checkpoint, and of the class Gaussians beside a model. */
export const MODEL_FILES = {
  raw: 'weights.safetensors',
  ema: 'ema.safetensors',
  gaussians: 'class-gaussians.safetensors',
} as const

export interface ModelDescription {
  config: Config
  classNames: string[]
  /** Where it comes from: data, step, seed, versions. */
  provenance: Record<string, string | number>
}
export interface Model extends ModelDescription {
  network: WideResNet
  path: string
  weights: 'raw' | 'ema'
  /** Of the parameters and buffers: see `hashTensors`. */
  sha256: string
  /** The class Gaussians' file beside the model, where there is one. */
  gaussians: string | undefined
}

/** A network of the configuration's architecture with fresh weights from `rng`. */
export const buildNetwork = (config: Config, classes: number, rng: Generator): WideResNet =>
  new WideResNet({ ...config.model, classes }, rng)

/** SHA-256 of names, dtypes, shapes and bytes in the order of the names: the same for equal values, whatever file they lie in. */
export function hashTensors(tensors: Readonly<Record<string, Tensor>>): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(tensors).sort()) {
    const tensor = tensors[name]!
    hash.update(`${name} ${tensor.dtype} [${tensor.shape.join()}]\n`).update(toBytes(tensor))
  }
  return hash.digest('hex')
}

export function saveModel(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  { config, classNames, provenance }: ModelDescription,
): void {
  saveSafetensors(path, tensors, {
    format: 'robust-jem',
    config: JSON.stringify(config),
    classes: JSON.stringify(classNames),
    provenance: JSON.stringify(provenance),
  })
}

/** The newest checkpoint of a run directory, or undefined. */
export function newestCheckpoint(run: string): string | undefined {
  const folder = join(run, RUN_FILES.checkpoints)
  if (!existsSync(folder)) return undefined
  const names = readdirSync(folder).filter((name) => stepOfDirectoryName(name) !== undefined)
  const newest = names.sort((a, b) => stepOfDirectoryName(a)! - stepOfDirectoryName(b)!).at(-1)
  return newest && join(folder, newest)
}

/** The weights' file that a user means by a model file, a checkpoint or a run; EMA weights where `wanted` and kept. */
function resolveModel(
  path: string,
  wanted: 'raw' | 'ema',
): { file: string; weights: 'raw' | 'ema'; gaussians: string[] } {
  if (!existsSync(path)) {
    throw new UserError(
      'model-missing',
      `There is no model or run at ${path}. Train one with: robust-jem train robust-jem --preset quick`,
      { path },
    )
  }
  if (!statSync(path).isDirectory())
    return { file: path, weights: wanted, gaussians: [dirname(path), dirname(dirname(dirname(path)))] }
  const folder = newestCheckpoint(path) ?? path
  const weights = wanted === 'ema' && existsSync(join(folder, MODEL_FILES.ema)) ? 'ema' : 'raw'
  const file = join(folder, MODEL_FILES[weights])
  if (!existsSync(file)) {
    throw new UserError(
      'model-missing',
      `${path} holds no checkpoint yet. Let the training save one, or name another run.`,
      { path },
    )
  }
  return { file, weights, gaussians: [path, folder, dirname(dirname(folder))] }
}

/** Loads a model from a `.safetensors` file, a checkpoint or a run directory (its newest checkpoint). Throws a UserError where it cannot. */
export function loadModel(path: string, { weights: wanted }: { weights?: 'raw' | 'ema' } = {}): Model {
  const { file, weights, gaussians } = resolveModel(path, wanted ?? 'ema')
  let description: ModelDescription
  try {
    description = describeModel(file)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError('model-damaged', (error as Error).message, { path: file })
  }
  const { tensors } = loadSafetensors(file)
  const network = buildNetwork(description.config, description.classNames.length, new Generator(0))
  try {
    network.loadStateDict(tensors, { ignore: unusedInCheckpoints })
  } catch (error) {
    throw new UserError(
      'model-mismatch',
      `${file} does not fit the network that its own metadata describe. ${(error as Error).message}`,
      { path: file },
    )
  }
  return {
    ...description,
    network,
    path: file,
    weights,
    sha256: hashTensors(network.stateDict()),
    gaussians: gaussians
      .map((folder) => join(folder, MODEL_FILES.gaussians))
      .find((candidate) => existsSync(candidate)),
  }
}

/** What the metadata of a model file say, without loading its weights. */
export function describeModel(file: string): ModelDescription {
  const metadata = readSafetensorsMetadata(file)
  if (metadata.format !== 'robust-jem' || !metadata.config || !metadata.classes) {
    throw new UserError(
      'model-foreign',
      `${file} is a safetensors file of another program. Name a model that robust-jem wrote.`,
      { path: file },
    )
  }
  const config = configSchema.safeParse(JSON.parse(metadata.config))
  if (!config.success) {
    throw new UserError(
      'model-version',
      `${file} was written with settings that this version does not know. Use the version that wrote it.`,
      { path: file },
    )
  }
  return {
    config: config.data,
    classNames: JSON.parse(metadata.classes),
    provenance: JSON.parse(metadata.provenance ?? '{}'),
  }
}
