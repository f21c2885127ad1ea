/** A checkpoint is the whole state: written aside, synced, renamed; checksums are verified when it is read. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { stepDirectoryName, stepOfDirectoryName } from '@robust-jem/formats'
import { type Generator, loadSafetensors, saveSafetensors, scope, type Tensor, tensor } from '@robust-jem/torch'
import type { Loader } from '../data/loader.ts'
import { UserError } from '../errors.ts'
import { describeModel, hashFile, MODEL_FILES, type ModelDescription, saveModel } from '../models/model-file.ts'
import { ReplayBuffer } from '../samplers/replay-buffer.ts'
import type { Memory } from '../systems/system.ts'
import { averagedStateDict, type TrainState } from './state.ts'

/** The optimiser, the replay buffer, the streams and the shuffles. */
export const TRAINING_FILE = 'training.safetensors'
const STATE = 'state.json'
/** Checkpoints that a run keeps. */
const kept = 3
/** The end of the name of a checkpoint while a new one of the same step takes its place. */
const replaced = '.replaced'

type Position = Pick<ReturnType<Loader['state']>, 'epoch' | 'position'>

interface StateContent {
  step: number
  seconds: number
  begunAt?: number
  optimizerSteps: number
  averageUpdates: number
  loaders: Record<string, Position>
  memory: Memory | null
  rescues: number
  returnedTo: number | null
  gentleness: number
  /** SHA-256 of each file of the checkpoint. */
  sha256: Record<string, string>
}

const stateJson = (content: StateContent): string => JSON.stringify(content, null, 2)
const sha256OfText = (text: string): string => createHash('sha256').update(text).digest('hex')

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function trainingTensors(state: TrainState): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {}
  for (const [name, value] of Object.entries(state.optimizer.stateDict().tensors)) tensors[`optimizer.${name}`] = value
  if (state.buffer) tensors['buffer.images'] = state.buffer.images
  for (const [name, stream] of Object.entries(state.streams)) tensors[`stream.${name}`] = tensor(stream.state())
  for (const [name, loader] of Object.entries(state.loaders)) tensors[`order.${name}`] = loader.state().order
  return tensors
}

/**
 * Writes `folder/step-NNNNNN` and removes all but the three newest, and what saves that were cut short have left. Returns its
 * path. Where it fails, nothing of it stays and the others are untouched.
 */
export async function saveCheckpoint(
  folder: string,
  state: TrainState,
  description: ModelDescription,
): Promise<string> {
  mkdirSync(folder, { recursive: true })
  settle(folder)
  const path = join(folder, stepDirectoryName(state.step))
  const aside = `${path}.part`
  try {
    mkdirSync(aside)
    const files = [MODEL_FILES.raw, ...(state.average ? [MODEL_FILES.ema] : []), TRAINING_FILE]
    saveModel(join(aside, MODEL_FILES.raw), state.network.stateDict(), description)
    if (state.average) saveModel(join(aside, MODEL_FILES.ema), averagedStateDict(state), description, 'ema')
    scope(() => saveSafetensors(join(aside, TRAINING_FILE), trainingTensors(state)))
    const content: StateContent = {
      step: state.step,
      seconds: state.seconds,
      begunAt: state.begunAt,
      optimizerSteps: state.optimizer.steps,
      averageUpdates: state.average?.updates ?? 0,
      loaders: Object.fromEntries(Object.entries(state.loaders).map(([name, loader]) => [name, positionOf(loader)])),
      memory: state.memory,
      rescues: state.rescues,
      returnedTo: state.returnedTo,
      gentleness: state.gentleness,
      sha256: Object.fromEntries(
        await Promise.all(files.map(async (name) => [name, await hashFile(join(aside, name))])),
      ),
    }
    const checked = { ...content, checksum: sha256OfText(stateJson(content)) }
    writeFileSync(join(aside, STATE), `${JSON.stringify(checked, null, 2)}\n`, { flush: true })
    syncFolder(aside)
    if (existsSync(path)) renameSync(path, `${path}${replaced}`)
    renameSync(aside, path)
    syncFolder(folder)
    settle(folder)
  } catch (error) {
    settle(folder)
    throw error
  }
  for (const old of checkpointsIn(folder).slice(kept)) rmSync(join(folder, old), { recursive: true, force: true })
  return path
}

const positionOf = (loader: Loader): Position =>
  scope(() => {
    const { epoch, position } = loader.state()
    return { epoch, position }
  })

/** Ends what a save that was cut short has begun: a checkpoint whose successor did not get its place has it again. */
export function settle(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const place = path.slice(0, -replaced.length)
    if (name.endsWith(replaced) && !existsSync(place)) renameSync(path, place)
    else if (name.endsWith(replaced) || name.endsWith('.part')) rmSync(path, { recursive: true, force: true })
  }
}

/** Takes a checkpoint out of the row, so that the ones before it count as the newest; nothing is deleted. Returns its new name. */
export function setCheckpointAside(path: string, reason: 'damaged' | 'diverged'): string {
  const aside = `${path}.${reason}`
  rmSync(aside, { recursive: true, force: true })
  renameSync(path, aside)
  return aside
}

/** Names of the checkpoints in a folder, newest first. */
export const checkpointsIn = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => stepOfDirectoryName(name) !== undefined)
    .sort((a, b) => stepOfDirectoryName(b)! - stepOfDirectoryName(a)!)

/**
 * Fills a fresh state of the same configuration with what `saveCheckpoint` wrote. Throws a UserError: 'checkpoint-damaged'
 * where a file is not what was written (then the state is untouched), 'checkpoint-mismatch' where it is of another configuration.
 */
export async function loadCheckpoint(
  path: string,
  state: TrainState,
  buffer: ConstructorParameters<typeof ReplayBuffer>[0],
): Promise<void> {
  const content = await verified(path)
  try {
    scope(() => fill(state, content, path, buffer))
  } catch (error) {
    throw new UserError(
      'checkpoint-mismatch',
      `The checkpoint ${path} does not fit the settings in config.yaml. Give the file back what it held when the run began. (${(error as Error).message})`,
      { path, cause: error },
    )
  }
}

/** The replay buffer in a checkpoint's folder; null where there is none. */
export function savedBuffer(path: string): ReplayBuffer | null {
  const file = join(path, TRAINING_FILE)
  if (!existsSync(file)) return null
  const images = loadSafetensors(file).tensors['buffer.images']
  const { config, classNames } = describeModel(join(path, MODEL_FILES.raw))
  return images ? new ReplayBuffer(config.buffer, classNames.length, images) : null
}

/** state.json of a checkpoint whose files all have their checksums. */
async function verified(path: string): Promise<StateContent> {
  const damaged = (fact: string) =>
    new UserError(
      'checkpoint-damaged',
      `The checkpoint ${path} is damaged: ${fact}. Resume from another one, or restore it.`,
      { path, fact },
    )
  let read: StateContent & { checksum?: string }
  try {
    read = JSON.parse(readFileSync(join(path, STATE), 'utf8'))
  } catch (error) {
    throw damaged(`${STATE} cannot be read (${(error as Error).message})`)
  }
  const { checksum, ...content } = read
  if (checksum !== sha256OfText(stateJson(content))) throw damaged(`${STATE} does not have its own checksum`)
  for (const [name, expected] of Object.entries(content.sha256)) {
    const file = join(path, name)
    if (!existsSync(file)) throw damaged(`${name} is missing`)
    if ((await hashFile(file)) !== expected) throw damaged(`${name} does not have the checksum in ${STATE}`)
  }
  return content
}

function fill(
  state: TrainState,
  content: StateContent,
  path: string,
  buffer: ConstructorParameters<typeof ReplayBuffer>[0],
): void {
  const { weight } = state.network.classOutput
  const { tensors } = loadSafetensors(join(path, TRAINING_FILE))
  const images = tensors['buffer.images']
  if (images && (images.shape[0] !== buffer.size || images.dtype !== buffer.dtype)) {
    throw new Error(`It holds ${images.shape[0]} chains as ${images.dtype}, not ${buffer.size} as ${buffer.dtype}.`)
  }
  state.network.loadStateDict(loadSafetensors(join(path, MODEL_FILES.raw)).tensors)
  if (state.average) {
    const { tensors } = loadSafetensors(join(path, MODEL_FILES.ema))
    for (const [name, average] of state.average.average) average.copy_(tensors[name]!)
    state.average.updates = content.averageUpdates
  }
  const optimizer = Object.entries(tensors).filter(([name]) => name.startsWith('optimizer.'))
  state.optimizer.loadStateDict({
    steps: content.optimizerSteps,
    tensors: Object.fromEntries(optimizer.map(([name, value]) => [name.slice('optimizer.'.length), value])),
  })
  state.buffer = images ? new ReplayBuffer(buffer, weight.shape[0]!, images.to({ device: weight.device }).keep()) : null
  for (const [name, stream] of Object.entries(state.streams) as [string, Generator][]) {
    stream.setState(tensors[`stream.${name}`]!.toTypedArray() as Uint8Array)
  }
  for (const [name, loader] of Object.entries(state.loaders)) {
    loader.setState({ ...content.loaders[name]!, order: tensors[`order.${name}`]! })
  }
  state.memory = content.memory
  state.rescues = content.rescues
  state.returnedTo = content.returnedTo
  state.gentleness = content.gentleness
  state.step = content.step
  state.seconds = content.seconds
  state.begunAt = content.begunAt ?? 0
}
