/** A model on disk: safetensors whose metadata hold the configuration, the class names and the provenance. Nothing in it is executed. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RUN_FILES, stepOfDirectoryName } from '@robust-jem/formats'
import {
  Generator,
  loadSafetensors,
  readSafetensorsMetadata,
  saveSafetensors,
  type Tensor,
  toBytes,
} from '@robust-jem/torch'
import { z } from 'zod'
import { type Config, configSchema } from '../config/schema.ts'
import { UserError } from '../errors.ts'
import { unusedInCheckpoints, WideResNet } from './wide-resnet.ts'

/** Names in a checkpoint, and of the class Gaussians beside a model. */
export const MODEL_FILES = {
  raw: 'weights.safetensors',
  ema: 'ema.safetensors',
  gaussians: 'class-gaussians.safetensors',
} as const

/** What a model file's metadata call it. */
const modelFormat = 'robust-jem'

export type Weights = 'raw' | 'ema'

export interface ModelDescription {
  config: Config
  classNames: string[]
  /** Where it comes from: data, step, seed, versions. */
  provenance: Record<string, string | number>
}
export interface Model extends ModelDescription {
  network: WideResNet
  path: string
  /** The last weights of the training, or their average. */
  weights: Weights
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

/** SHA-256 of a file's bytes. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 22 })) hash.update(chunk)
  return hash.digest('hex')
}

export function saveModel(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  { config, classNames, provenance }: ModelDescription,
  weights: Weights = 'raw',
): void {
  saveSafetensors(path, tensors, {
    format: modelFormat,
    weights,
    sha256: hashTensors(tensors),
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

/** Trained weights that travel with the project, by the names of their folders. */
const shipped = fileURLToPath(new URL('../../../../models', import.meta.url))

/** The path, or that of a model that travels with the project where there is no such path; undefined where there is neither. */
function findModel(given: string): string | undefined {
  if (existsSync(given)) return given
  const own = join(shipped, given)
  return /^[\w-]+$/.test(given) && existsSync(own) ? own : undefined
}

/** The same; throws a UserError where there is neither. */
export function modelPath(given: string): string {
  const found = findModel(given)
  if (found !== undefined) return found
  throw new UserError(
    'model-missing',
    `There is no model or run at ${given}. Train one with: robust-jem train robust-jem --preset quick`,
    { path: given },
  )
}

/** Whether a run, a checkpoint, a model file or the name of a model that travels with the project is there. */
export function namesModel(given: string): boolean {
  const path = findModel(given)
  if (path === undefined) return false
  if (statSync(path).isDirectory())
    return [RUN_FILES.config, MODEL_FILES.raw, MODEL_FILES.ema].some((name) => existsSync(join(path, name)))
  if (!path.endsWith('.safetensors')) return false
  try {
    return readSafetensorsMetadata(path).format === modelFormat
  } catch {
    return false
  }
}

/** The weights' file that a user means by a model file, a checkpoint, a run or a name, and where its class Gaussians may lie. */
function resolveModel(given: string, wanted: Weights | undefined): { file: string; gaussians: string[] } {
  const path = modelPath(given)
  if (!statSync(path).isDirectory()) return { file: path, gaussians: [dirname(path), dirname(dirname(dirname(path)))] }
  const folder = newestCheckpoint(path) ?? path
  const fileOf = (weights: Weights) => join(folder, MODEL_FILES[weights])
  const kept = (['raw', 'ema'] as const).filter((weights) => existsSync(fileOf(weights)))
  if (kept.length === 0) {
    throw new UserError(
      'model-missing',
      `${path} holds no checkpoint yet. Let the training save one, or name another run.`,
      { path },
    )
  }
  const weights = wanted ?? describeModel(fileOf(kept[0]!)).config.sampling.weights
  if (wanted && !kept.includes(wanted)) throw otherWeights(folder, wanted)
  return {
    file: fileOf(kept.includes(weights) ? weights : kept[0]!),
    gaussians: [path, folder, dirname(dirname(folder))],
  }
}

const otherWeights = (path: string, wanted: Weights) =>
  new UserError(
    'weights-missing',
    `${path} holds no ${wanted === 'ema' ? 'averaged' : 'raw'} weights. Leave out --weights ${wanted}.`,
    { path, expected: wanted },
  )

/**
 * Loads a model from a `.safetensors` file, a checkpoint or a run directory (its newest checkpoint). Without `weights` those
 * that its settings name, where they are kept. Throws a UserError where it cannot.
 */
export function loadModel(path: string, { weights: wanted }: { weights?: Weights | undefined } = {}): Model {
  const { file, gaussians } = resolveModel(path, wanted)
  const { weights, savedSha256, ...description } = readDescription(file)
  if (wanted && weights !== wanted) throw otherWeights(file, wanted)
  const { tensors } = loadSafetensors(file)
  if (savedSha256 !== undefined && hashTensors(tensors) !== savedSha256)
    throw damaged(file, `The weights in ${file} are not those that were written.`)
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

const damaged = (path: string, fact: string) =>
  new UserError('model-damaged', `${fact} Fetch or write the file again.`, { path })

/** What the metadata of a model file say, without loading its weights. Throws a UserError where they are none of ours. */
export function describeModel(file: string): ModelDescription {
  const { config, classNames, provenance } = readDescription(file)
  return { config, classNames, provenance }
}

const classNamesSchema = z.array(z.string()).min(2)
const provenanceSchema = z.record(z.string(), z.union([z.string(), z.number()]))

function readDescription(file: string): ModelDescription & { weights: Weights; savedSha256: string | undefined } {
  let metadata: Record<string, string>
  try {
    metadata = readSafetensorsMetadata(file)
  } catch (error) {
    if ('syscall' in (error as Error)) throw error // the file system's own words
    throw new UserError('model-damaged', (error as Error).message, { path: file })
  }
  if (metadata.format !== modelFormat || !metadata.config || !metadata.classes) {
    throw new UserError(
      'model-foreign',
      `${file} is a safetensors file of another program. Name a model that robust-jem wrote.`,
      { path: file },
    )
  }
  const read = <T>(schema: z.ZodType<T>, json: string): T => {
    try {
      return schema.parse(JSON.parse(json))
    } catch (cause) {
      throw new UserError(
        'model-version',
        `${file} was written with settings that this version does not know. Use the version that wrote it.`,
        { path: file, cause },
      )
    }
  }
  return {
    config: read(configSchema, metadata.config),
    classNames: read(classNamesSchema, metadata.classes),
    provenance: read(provenanceSchema, metadata.provenance ?? '{}'),
    weights: metadata.weights === 'ema' ? 'ema' : 'raw',
    savedSha256: metadata.sha256,
  }
}
