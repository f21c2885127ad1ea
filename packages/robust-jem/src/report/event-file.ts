/** TensorBoard's event file of a run, beside metrics.jsonl: the same figures, and the pictures. */
import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  type EvaluationRecord,
  eventFileHeader,
  eventFileName,
  imageEvent,
  type Rgb,
  type StepRecord,
  scalarEvents,
  wholeLength,
} from '@robust-jem/formats'

export class EventFile {
  readonly path: string
  /** Unix seconds. */
  readonly #clock: () => number

  /** The file of the run directory, made where there is none; what follows its last whole record is cut off. */
  constructor(run: string, clock: () => number = () => Date.now() / 1000) {
    this.#clock = clock
    const earlier = readdirSync(run).find((name) => name.startsWith('events.out.tfevents.'))
    this.path = join(run, earlier ?? eventFileName(Math.floor(clock()), hostname()))
    const length = existsSync(this.path) ? wholeLength(readFileSync(this.path)) : 0
    if (existsSync(this.path)) truncateSync(this.path, length)
    if (length === 0) appendFileSync(this.path, eventFileHeader(clock()))
  }

  step({
    step,
    loss,
    fPositive,
    fNegative,
    crossEntropy,
    accuracy,
    robustAccuracy,
    curriculum,
    learningRate,
  }: StepRecord): void {
    const figures = { loss, fPositive, fNegative, crossEntropy, accuracy, robustAccuracy, curriculum, learningRate }
    this.#scalars('train', step, figures)
  }

  evaluation({ step, split, accuracy, robustAccuracy }: EvaluationRecord): void {
    this.#scalars(split, step, { accuracy, robustAccuracy })
  }

  /** `png`: the image as its file holds it. */
  picture(tag: string, step: number, { width, height }: Rgb, png: Uint8Array): void {
    appendFileSync(this.path, imageEvent({ wallTime: this.#clock(), step, tag, png, width, height }))
  }

  #scalars(group: string, step: number, figures: Readonly<Record<string, number | null>>): void {
    const known = Object.entries(figures).flatMap(([name, value]) =>
      value === null ? [] : [[`${group}/${name}`, value]],
    )
    appendFileSync(this.path, scalarEvents({ wallTime: this.#clock(), step, scalars: Object.fromEntries(known) }))
  }
}
