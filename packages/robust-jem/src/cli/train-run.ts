/** A training run from its settings to its last checkpoint, as `train` and `start` do it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RUN_FILES } from '@robust-jem/formats'
import { Generator, getThreads, instructionSet, versions } from '@robust-jem/torch'
import { z } from 'zod'
import { toYaml } from '../config/explain.ts'
import { fromYaml } from '../config/overrides.ts'
import type { Config } from '../config/schema.ts'
import { formatEpsilon } from '../config/units.ts'
import { UserError } from '../errors.ts'
import { MODEL_FILES, type ModelDescription } from '../models/model-file.ts'
import { writeAtomically } from '../report/write.ts'
import { checkpointsIn, loadCheckpoint, saveCheckpoint } from '../training/checkpoint.ts'
import { train } from '../training/loop.ts'
import type { RunDirectory } from '../training/run-directory.ts'
import { initialState, type TrainState } from '../training/state.ts'
import type { OpenDevice } from './device.ts'
import type { Terminal } from './terminal.ts'
import { type TrainingData, trainingData } from './training-data.ts'
import { TrainingWatch } from './training-watch.ts'
import { version } from './version.ts'

/** Components of each class covariance that travel beside a model; all of them would be 377 MB for CIFAR-10. */
const compactRank = 128

const environmentSchema = z.object({
  /** Folder of the images, or null where they were found without one. */
  dataDir: z.string().nullable(),
  dataSha256: z.string(),
  maxMinutes: z.number().nullable(),
})

export interface TrainRequest extends Pick<OpenDevice, 'device' | 'precision'> {
  run: RunDirectory
  config: Config
  dataDir: string | undefined
  maxMinutes: number | undefined
  terminal: Terminal
}

export interface TrainResult {
  /** False where a signal ended it. */
  finished: boolean
  step: number
}

/** Writes what a run begins with, and trains. The run must be locked. */
export async function startRun(request: TrainRequest): Promise<TrainResult> {
  const { run, config, device, precision, dataDir, maxMinutes, terminal } = request
  const data = await trainingData(config, dataDir, terminal)
  const environment = {
    dataDir: dataDir ?? process.env.ROBUST_JEM_DATA ?? null,
    dataSha256: data.train.sha256,
    maxMinutes: maxMinutes ?? null,
    data: data.train.origin,
    device,
    precision,
    threads: getThreads(),
    instructionSet: instructionSet(),
    versions: { robustJem: version(), node: process.versions.node, libtorch: versions().libtorch },
    commandLine: process.argv.slice(2),
    seed: config.seed,
  }
  writeAtomically(run.file('config'), toYaml(config))
  writeAtomically(join(run.path, RUN_FILES.environment), `${JSON.stringify(environment, null, 2)}\n`)
  const compact = data.gaussians.compact(compactRank, new Generator(config.seed).split('compact'))
  compact.save(join(run.path, MODEL_FILES.gaussians), { dtype: 'float16' })
  return runTraining(request, data, initialState(config, data.train, device))
}

/** The configuration and the start's circumstances of a run to resume. */
export function readRun(run: RunDirectory): { config: Config; environment: z.infer<typeof environmentSchema> } {
  const config = fromYaml(readFileSync(run.file('config'), 'utf8'), run.file('config'))
  const parsed = environmentSchema.safeParse(JSON.parse(readFileSync(run.file('environment'), 'utf8')))
  if (!parsed.success)
    throw new UserError('run-damaged', `${run.file('environment')} lacks what a resume needs. Start a new run.`, {
      path: run.path,
    })
  return { config, environment: parsed.data }
}

/** Goes on from the newest checkpoint that is whole, or from the beginning where there is none. */
export async function resumeRun(request: TrainRequest, dataSha256: string): Promise<TrainResult> {
  const { run, config, device, dataDir, terminal } = request
  const data = await trainingData(config, dataDir, terminal)
  if (data.train.sha256 !== dataSha256) {
    throw new UserError(
      'data-differ',
      `The training images are not those that ${run.path} began with. Name their folder with --data-dir.`,
      {
        expected: dataSha256,
        received: data.train.sha256,
      },
    )
  }
  const state = initialState(config, data.train, device)
  const folder = run.file('checkpoints')
  for (const name of checkpointsIn(folder)) {
    try {
      await loadCheckpoint(join(folder, name), state, config.buffer)
      break
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      terminal.warn(`${error.message} Trying the one before it.`)
    }
  }
  terminal.note(`resuming ${run.path} after step ${state.step}`)
  run.record({ kind: 'event', step: state.step, seconds: state.seconds, message: 'resumed' })
  return runTraining(request, data, state)
}

async function runTraining(request: TrainRequest, data: TrainingData, state: TrainState): Promise<TrainResult> {
  const { run, config, terminal, precision, maxMinutes, device } = request
  const stopListening = terminal.onLine((line) => run.log(line))
  const gaussians = data.gaussians.to({ device })
  const watch = new TrainingWatch({ run, config, state, precision, data: { ...data, gaussians }, terminal })
  terminal.note(
    `${config.system}, WRN-${config.model.depth}-${config.model.width}, ε ${formatEpsilon(config.attack.epsilon)} (${config.attack.norm}), K = ${config.attack.steps}, M = ${config.chain.outerSteps}, up to ${config.schedule.steps} steps${maxMinutes ? ` or ${maxMinutes} minutes` : ''} → ${run.path}`,
  )
  let saved = -1
  const save = async () => {
    if (saved === state.step) return
    await saveCheckpoint(run.file('checkpoints'), state, describe(config, data, state))
    saved = state.step
  }
  let signals = 0
  const onSignal = () => {
    signals++
    if (signals > 1) process.exit(130)
    terminal.warn('Finishing the step and saving; once more to stop at once.')
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  try {
    const training = {
      config,
      train: data.train,
      gaussians,
      precision,
      state,
      ...(maxMinutes && { maxSeconds: maxMinutes * 60 }),
    }
    const finished = await train(training, {
      onStep: (record, progress) => watch.step(record, progress),
      onGrid: () => watch.grid(),
      onEvaluation: () => watch.evaluate(),
      onCheckpoint: save,
      shouldStop: () => signals > 0,
    })
    watch.finish()
    await save()
    run.record({
      kind: 'event',
      step: state.step,
      seconds: state.seconds,
      message: finished ? 'finished' : 'stopped by a signal',
    })
    return { finished, step: state.step }
  } finally {
    watch.finish()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
    stopListening()
    run.release()
  }
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
