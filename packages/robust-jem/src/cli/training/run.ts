/** A training run from its settings to its last checkpoint, as `train` and `start` do it. */
import { join } from 'node:path'
import type { EventRecord } from '@robust-jem/formats'
import { Generator, getThreads, instructionSet, versions } from '@robust-jem/torch'
import { toYaml } from '../../config/explain.ts'
import type { Config } from '../../config/schema.ts'
import { UserError } from '../../errors.ts'
import { MODEL_FILES, type ModelDescription } from '../../models/model-file.ts'
import { writeAtomically } from '../../report/write.ts'
import { checkpointsIn, loadCheckpoint, saveCheckpoint, setCheckpointAside, settle } from '../../training/checkpoint.ts'
import { type TrainingListeners, train } from '../../training/loop.ts'
import { rescue } from '../../training/rescue.ts'
import type { RunDirectory } from '../../training/run-directory.ts'
import { initialState, type TrainState } from '../../training/state.ts'
import type { OpenDevice } from '../device.ts'
import type { Terminal } from '../terminal.ts'
import { version } from '../version.ts'
import { type TrainingData, trainingImages, withGaussians } from './data.ts'
import { type RunEnvironment, remember } from './environment.ts'
import type { Interruption } from './held.ts'
import { TrainingWatch } from './watch.ts'

/** Components of each class covariance that travel beside a model; all of them would be 377 MB for CIFAR-10. */
const compactRank = 128

export interface TrainRequest extends Pick<OpenDevice, 'device' | 'precision'> {
  run: RunDirectory
  config: Config
  dataDir: string | undefined
  maxMinutes: number | undefined
  interruption: Interruption
  terminal: Terminal
}

export interface TrainResult {
  /** False where a signal ended it. */
  finished: boolean
  step: number
}

/** Writes what a run begins with, and trains. */
export async function startRun(request: TrainRequest): Promise<TrainResult> {
  const { run, config, device, precision, dataDir, maxMinutes, terminal } = request
  const data = withGaussians(await trainingImages(config, dataDir, terminal), terminal)
  const state = initialState(config, data.train, device)
  const compact = data.gaussians.compact(compactRank, new Generator(config.seed).split('compact'))
  compact.save(join(run.path, MODEL_FILES.gaussians), { dtype: 'float16' })
  const taken: RunEnvironment = {
    dataDir: data.directory,
    dataSha256: data.train.sha256,
    maxMinutes: maxMinutes ?? null,
    device,
    precision: precision === 'bfloat16' ? precision : 'float32',
    threads: getThreads(),
  }
  const told = {
    data: data.train.origin,
    instructionSet: instructionSet(),
    versions: { robustJem: version(), node: process.versions.node, libtorch: versions().libtorch },
    commandLine: process.argv.slice(2),
    seed: config.seed,
  }
  writeAtomically(run.file('environment'), `${JSON.stringify({ ...taken, ...told }, null, 2)}\n`)
  writeAtomically(run.file('config'), toYaml(config)) // the last: it makes the folder a run
  run.begin()
  return runTraining(request, data, state)
}

/** Goes on from the newest checkpoint that is whole, or from the beginning where there is none yet. */
export async function resumeRun(request: TrainRequest, began: RunEnvironment): Promise<TrainResult> {
  const { run, config, device, terminal } = request
  const set = request.dataDir === undefined && began.dataDir === null ? 'shapes' : config.data.set
  const dataDir = request.dataDir ?? began.dataDir ?? undefined
  const images = await trainingImages({ ...config, data: { ...config.data, set } }, dataDir, terminal)
  if (images.train.sha256 !== began.dataSha256) {
    throw new UserError(
      'data-differ',
      `The training images are not those that ${run.path} began with. Name their folder with --data-dir.`,
      { expected: began.dataSha256, received: images.train.sha256 },
    )
  }
  remember(run.path, { dataDir: images.directory, maxMinutes: request.maxMinutes ?? null })
  const state = initialState(config, images.train, device)
  const resumed = await loadNewest(run.file('checkpoints'), state, config, terminal)
  terminal.note(`resuming ${run.path} after step ${state.step}`)
  recordEvent(run, state, 'resumed', `after step ${state.step}`)
  return runTraining(request, withGaussians(images, terminal), state, resumed ? state.step : undefined)
}

/** Fills the state from the newest checkpoint that is whole; false where there is none yet. */
async function loadNewest(folder: string, state: TrainState, config: Config, terminal: Terminal): Promise<boolean> {
  settle(folder)
  const names = checkpointsIn(folder)
  for (const name of names) {
    const path = join(folder, name)
    try {
      await loadCheckpoint(path, state, config.buffer)
      return true
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'checkpoint-damaged') throw error
      const aside = setCheckpointAside(path, 'damaged')
      terminal.warn(
        `The checkpoint ${path} is damaged: ${error.details.fact}. It is now ${aside}; the one before it is taken.`,
      )
    }
  }
  if (names.length === 0) return false
  throw new UserError('checkpoints-damaged', `No checkpoint in ${folder} is whole. Restore one, or start a new run.`, {
    path: folder,
  })
}

async function runTraining(
  request: TrainRequest,
  data: TrainingData,
  state: TrainState,
  savedStep?: number,
): Promise<TrainResult> {
  const { run, config, terminal, precision, maxMinutes, device, interruption } = request
  const gaussians = data.gaussians.to({ device })
  const watch = new TrainingWatch({ run, config, state, precision, data: { ...data, gaussians }, terminal })
  terminal.note(
    `${config.system}, WRN-${config.model.depth}-${config.model.width}, up to ${config.schedule.steps} steps${maxMinutes ? ` or ${maxMinutes} minutes` : ''} → ${run.path}`,
  )
  let saved = savedStep
  const save = async () => {
    if (saved === state.step) return
    await saveCheckpoint(run.file('checkpoints'), state, describe(config, data, state))
    saved = state.step
  }
  const training = {
    config,
    train: data.train,
    gaussians,
    precision,
    state,
    ...(maxMinutes && { maxSeconds: maxMinutes * 60 }),
  }
  const listeners: TrainingListeners = {
    onStep: (record, progress) => watch.step(record, progress),
    onGrid: () => watch.grid(),
    onEvaluation: () => watch.evaluate(),
    onCheckpoint: save,
    shouldStop: () => interruption.asked,
  }
  interruption.canSave = true
  try {
    let outcome = await train(training, listeners)
    while (outcome.ended === 'diverged') {
      const { reason } = outcome
      const at = state.step
      recordEvent(run, state, 'diverged', reason)
      const toldDamaged = (aside: string) => terminal.warn(`A checkpoint was damaged; it is now ${aside}.`)
      if (!(await rescue(training, run.file('checkpoints'), toldDamaged))) throw gaveUp(run, state, config, reason)
      saved = undefined
      await save()
      const what = `back to step ${state.step} with new chains and ${state.gentleness} of the learning rate`
      recordEvent(run, state, 'recovered', what)
      terminal.warn(`diverged at step ${at} (${reason}): ${what} (${state.rescues} of at most ${config.guard.retries})`)
      outcome = await train(training, listeners)
    }
    watch.finish()
    await save()
    const finished = outcome.ended === 'finished'
    recordEvent(run, state, finished ? 'finished' : 'stopped', finished ? 'the training is over' : 'by a signal')
    return { finished, step: state.step }
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    throw new UserError(
      'disk-full',
      `The disk is full: step ${state.step} of ${run.path} could not be saved. Free some space and go on with: robust-jem train --resume ${run.path}`,
      { path: run.path, cause: error },
    )
  } finally {
    watch.finish()
  }
}

const recordEvent = (
  run: RunDirectory,
  { step, seconds }: TrainState,
  event: EventRecord['event'],
  message: string,
): void => run.record({ kind: 'event', step, seconds, event, message })

function gaveUp(run: RunDirectory, state: TrainState, config: Config, reason: string): UserError {
  const { retries } = config.guard
  recordEvent(run, state, 'gave-up', reason)
  return new UserError(
    'diverged',
    `The training diverged at step ${state.step} (${reason})${retries > 0 ? ` after going back ${retries === 1 ? 'once' : `${retries} times`}` : ''}. The checkpoints in ${run.path} are from before it; train anew with a smaller step: --set optimizer.learningRate=${config.optimizer.learningRate / 4}`,
    { path: run.path, reason },
  )
}

const describe = (config: Config, { train: set }: TrainingData, state: TrainState): ModelDescription => ({
  config,
  classNames: [...set.classNames],
  provenance: {
    step: state.step,
    seconds: Math.round(state.seconds),
    seed: config.seed,
    data: set.origin,
    dataSha256: set.sha256,
    robustJem: version(),
    libtorch: versions().libtorch,
  },
})
