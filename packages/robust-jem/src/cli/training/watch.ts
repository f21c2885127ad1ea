/** What is seen of a training: the progress line, metrics.jsonl, validation accuracy and pictures. */
import { join } from 'node:path'
import { type EvaluationRecord, encodePng, type Rgb, RUN_FILES, type StepRecord } from '@robust-jem/formats'
import { type Dtype, Generator, scope, type Tensor } from '@robust-jem/torch'
import type { Config } from '../../config/schema.ts'
import { formatEpsilon } from '../../config/units.ts'
import type { Logits } from '../../energy.ts'
import { robustness } from '../../evaluation/robustness.ts'
import { buildNetwork } from '../../models/model-file.ts'
import { frozen } from '../../models/precision.ts'
import type { WideResNet } from '../../models/wide-resnet.ts'
import { EventFile } from '../../report/event-file.ts'
import { imagesGrid } from '../../report/pictures.ts'
import { writeAtomically } from '../../report/write.ts'
import type { RunDirectory } from '../../training/run-directory.ts'
import { pgdSettings } from '../../training/settings.ts'
import { averagedStateDict, type TrainState } from '../../training/state.ts'
import type { Progress } from '../progress.ts'
import { classByClass, drawImages } from '../sampling/draw.ts'
import type { Terminal } from '../terminal.ts'
import type { TrainingData } from './data.ts'

/** Validation images looked at while training, and PGD steps against them. */
const evaluationImages = 500
const evaluationSteps = 10
/** Images of each class in a picture. */
const perClass = 6
/** Weight of the newest step in the smoothed figures of the progress line. */
const smoothing = 0.05

interface Watched {
  run: RunDirectory
  config: Config
  state: TrainState
  precision: Dtype
  data: TrainingData
  terminal: Terminal
}

export class TrainingWatch {
  readonly #watched: Watched
  readonly #events: EventFile
  readonly #progress: Progress
  /** Holds the averaged weights while they are looked at. */
  readonly #averaged: WideResNet
  readonly #smooth = new Map<string, number>()
  #last = { step: 0, at: performance.now() }
  #finished = false

  constructor(watched: Watched) {
    this.#watched = watched
    this.#events = new EventFile(watched.run.path)
    this.#progress = watched.terminal.progress({ label: 'train', unit: 'steps' })
    const { config, data, state } = watched
    const { device } = state.network.classOutput.weight
    this.#averaged = buildNetwork(config, data.train.classNames.length, new Generator(0)).to({ device })
    this.#last.step = state.step
  }

  step(record: StepRecord, progress: number): void {
    const shown = {
      loss: record.loss,
      acc: record.accuracy,
      robust: record.robustAccuracy,
      'f+': record.fPositive,
      'f-': record.fNegative,
    }
    for (const [name, value] of Object.entries(shown)) {
      if (value === null) continue
      const before = this.#smooth.get(name)
      this.#smooth.set(
        name,
        before === undefined || !Number.isFinite(before) ? value : before + smoothing * (value - before),
      )
    }
    const total = progress > 0 ? Math.round(record.step / progress) : this.#watched.config.schedule.steps
    this.#progress.update(record.step, Math.max(total, record.step), this.#fields(record))
    if (record.step % this.#watched.config.record.logEvery !== 0) return
    const now = performance.now()
    const steps = record.step - this.#last.step // none where the training has gone back after a divergence
    const stepsPerSecond = steps > 0 ? (1000 * steps) / (now - this.#last.at) : record.stepsPerSecond
    this.#last = { step: record.step, at: now }
    this.#watched.run.record({ ...record, stepsPerSecond })
    this.#events.step(record)
  }

  #fields(record: StepRecord): Record<string, string> {
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`
    const fields: Record<string, string> = { phase: record.phase }
    for (const [name, value] of this.#smooth)
      fields[name] = name === 'acc' || name === 'robust' ? percent(value) : value.toFixed(2)
    return fields
  }

  /** f(x) with the weights that samples and evaluation use: the averaged ones where they are kept. */
  #f(): Logits {
    const { state, precision } = this.#watched
    if (state.average) this.#averaged.loadStateDict(averagedStateDict(state))
    const constant = frozen(state.average ? this.#averaged : state.network, precision)
    return (x: Tensor) => constant.forward(x, 'running')
  }

  /** Accuracy and robust accuracy on held-back images. */
  evaluate(): void {
    const { run, config, state, data, terminal } = this.#watched
    if (data.validation.labels.length === 0) return
    scope(() => {
      const { norm, epsilon } = config.attack
      const attack = pgdSettings({ norm, epsilon, steps: evaluationSteps })
      const rng = new Generator(config.seed, state.streams.attack.device).split('evaluation')
      const found = robustness(this.#f(), data.validation, attack, rng, { count: evaluationImages })
      const { step, seconds } = state
      const radius = `${norm} ${formatEpsilon(epsilon)}`
      const record: EvaluationRecord = {
        kind: 'evaluation',
        step,
        seconds,
        split: 'validation',
        epsilon: radius,
        ...found,
      }
      run.record(record)
      this.#events.evaluation(record)
      const percent = (value: number) => `${(100 * value).toFixed(1)} %`
      terminal.note(
        `step ${step}: validation accuracy ${percent(found.accuracy)}, under PGD-${evaluationSteps} ${norm} ${formatEpsilon(epsilon)} ${percent(found.robustAccuracy)} (N = ${found.count})`,
      )
    })
  }

  /** The system's sampler from the same starts each time, and the first chains of the replay buffer. */
  grid(): void {
    const { config, state, data } = this.#watched
    const classNames = data.train.classNames.slice(0, 10)
    scope(() => {
      const classes = classByClass(classNames.length, perClass)
      const rng = new Generator(config.seed, state.streams.chain.device).split('grid')
      const { sampler } = config.sampling
      const { images } = drawImages({
        sampler,
        f: this.#f(),
        settings: config.sampling,
        gaussians: data.gaussians,
        rng,
        classes,
      })
      this.#picture(
        sampler,
        imagesGrid({ title: `${sampler}, step ${state.step}`, images, columns: perClass }, classNames),
      )
      if (!state.buffer) return
      const { buffer } = state
      const slots = classNames.flatMap((_, c) => {
        const own = buffer.slotsOf(c)
        return Array.from({ length: perClass }, (_, i) => own[i % own.length]!)
      })
      const chains = buffer.chainsAt(slots)
      const title = `replay buffer, step ${state.step}`
      this.#picture('buffer', imagesGrid({ title, images: chains, columns: perClass }, classNames))
    })
  }

  #picture(name: string, image: Rgb): void {
    const { run, state } = this.#watched
    const png = encodePng(image)
    const file = `step-${String(state.step).padStart(6, '0')}-${name}.png`
    writeAtomically(join(run.path, RUN_FILES.samples, file), png)
    this.#events.picture(name, state.step, image, png)
  }

  /** Takes the progress line away; once is enough. */
  finish(): void {
    if (!this.#finished) this.#progress.finish()
    this.#finished = true
  }
}
