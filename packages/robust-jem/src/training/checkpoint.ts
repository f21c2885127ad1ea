/** A checkpoint is the whole state: written aside, synced, renamed; checksums are verified when it is read. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
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
import { type Generator, loadSafetensors, saveSafetensors, type Tensor, tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { MODEL_FILES, type ModelDescription, saveModel } from '../models/model-file.ts'
import { ReplayBuffer } from '../samplers/replay-buffer.ts'
import { averagedStateDict, type TrainState } from './state.ts'

/** The optimiser, the replay buffer, the streams and the shuffles. */
export const TRAINING_FILE = 'training.safetensors'
const STATE = 'state.json'
/** Checkpoints that a run keeps. */
const kept = 2

interface StateFile {
  step: number
  seconds: number
  optimizerSteps: number
  averageUpdates: number
  loaders: Record<string, { epoch: number; position: number }>
  /** SHA-256 of each file of the checkpoint. */
  sha256: Record<string, string>
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 22 })) hash.update(chunk)
  return hash.digest('hex')
}

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

/** Writes `folder/step-NNNNNN` and removes all but the two newest. Returns its path. */
export async function saveCheckpoint(
  folder: string,
  state: TrainState,
  description: ModelDescription,
): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, stepDirectoryName(state.step))
  const aside = `${path}.part`
  rmSync(aside, { recursive: true, force: true })
  try {
    mkdirSync(aside)
    const files = [MODEL_FILES.raw, ...(state.average ? [MODEL_FILES.ema] : []), TRAINING_FILE]
    saveModel(join(aside, MODEL_FILES.raw), state.network.stateDict(), description)
    if (state.average) saveModel(join(aside, MODEL_FILES.ema), averagedStateDict(state), description)
    saveSafetensors(join(aside, TRAINING_FILE), trainingTensors(state))
    const position = (loader: { state(): { epoch: number; position: number } }) => {
      const { epoch, position } = loader.state()
      return { epoch, position }
    }
    const content: StateFile = {
      step: state.step,
      seconds: state.seconds,
      optimizerSteps: state.optimizer.steps,
      averageUpdates: state.average?.updates ?? 0,
      loaders: Object.fromEntries(Object.entries(state.loaders).map(([name, loader]) => [name, position(loader)])),
      sha256: Object.fromEntries(await Promise.all(files.map(async (name) => [name, await sha256(join(aside, name))]))),
    }
    writeFileSync(join(aside, STATE), `${JSON.stringify(content, null, 2)}\n`, { flush: true })
    syncFolder(aside)
    rmSync(path, { recursive: true, force: true })
    renameSync(aside, path)
    syncFolder(folder)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    throw error
  }
  for (const old of checkpointsIn(folder).slice(kept)) rmSync(join(folder, old), { recursive: true, force: true })
  return path
}

/** Names of the checkpoints in a folder, newest first. */
export const checkpointsIn = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => stepOfDirectoryName(name) !== undefined)
    .sort((a, b) => stepOfDirectoryName(b)! - stepOfDirectoryName(a)!)

/** Fills a fresh state of the same configuration with what `saveCheckpoint` wrote. Throws a UserError where a file is damaged. */
export async function loadCheckpoint(
  path: string,
  state: TrainState,
  buffer: ConstructorParameters<typeof ReplayBuffer>[0],
): Promise<void> {
  const damaged = (fact: string) =>
    new UserError(
      'checkpoint-damaged',
      `The checkpoint ${path} is damaged: ${fact}. Remove the folder to resume from the one before it.`,
      { path },
    )
  let content: StateFile
  try {
    content = JSON.parse(readFileSync(join(path, STATE), 'utf8'))
  } catch (error) {
    throw damaged(`${STATE} cannot be read (${(error as Error).message})`)
  }
  for (const [name, expected] of Object.entries(content.sha256)) {
    const file = join(path, name)
    if (!existsSync(file)) throw damaged(`${name} is missing`)
    if ((await sha256(file)) !== expected) throw damaged(`${name} does not have the checksum in ${STATE}`)
  }
  const { device } = state.network.classOutput.weight
  state.network.loadStateDict(loadSafetensors(join(path, MODEL_FILES.raw)).tensors)
  if (state.average) {
    const { tensors } = loadSafetensors(join(path, MODEL_FILES.ema))
    for (const [name, average] of state.average.average) average.copy_(tensors[name]!)
    state.average.updates = content.averageUpdates
  }
  const { tensors } = loadSafetensors(join(path, TRAINING_FILE))
  const optimizer = Object.entries(tensors).filter(([name]) => name.startsWith('optimizer.'))
  state.optimizer.loadStateDict({
    steps: content.optimizerSteps,
    tensors: Object.fromEntries(optimizer.map(([name, value]) => [name.slice('optimizer.'.length), value])),
  })
  const images = tensors['buffer.images']
  state.buffer = images
    ? new ReplayBuffer(buffer, state.network.classOutput.weight.shape[0]!, images.to({ device }))
    : null
  for (const [name, stream] of Object.entries(state.streams) as [string, Generator][]) {
    stream.setState(tensors[`stream.${name}`]!.toTypedArray() as Uint8Array)
  }
  for (const [name, loader] of Object.entries(state.loaders)) {
    loader.setState({ ...content.loaders[name]!, order: tensors[`order.${name}`]! })
  }
  state.step = content.step
  state.seconds = content.seconds
}
