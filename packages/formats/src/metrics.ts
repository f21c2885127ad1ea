/** metrics.jsonl: one JSON object a line, of three kinds. Names and meanings are a contract with whoever reads runs. */

import { z } from 'zod'

/** A number that a record may lack: null where the system has no such term, or where it was NaN or infinite. */
const figure = z.number().nullable()
const fraction = z.number().min(0).max(1).nullable()

const when = {
  /** Optimiser steps done, counted over the whole run, resumed parts included. */
  step: z.int().min(0),
  /** Seconds of training so far, resumed parts included. */
  seconds: z.number().min(0),
}

/** What training measured at one step, on the batch of that step. */
export const StepRecord = z.object({
  kind: z.literal('step'),
  ...when,
  /** Passes over the training set, fractions included. */
  epoch: z.number().min(0),
  /** Training images seen. */
  images: z.int().min(0),
  loss: figure,
  /** Mean of logsumexp f(x), in nats, over the data images: −E. */
  fPositive: figure,
  /** The same over the images that the sampler drew. */
  fNegative: figure,
  /** Mean classification loss in nats, on the attacked images where the system attacks. */
  crossEntropy: figure,
  /** Fraction of clean images classified rightly. */
  accuracy: fraction,
  /** Fraction of attacked images classified rightly. */
  robustAccuracy: fraction,
  /** Where a curriculum stands, T in DAT. */
  curriculum: figure.default(null),
  learningRate: z.number().min(0),
  /** `classifier`: the classifier's term alone; `joint`: the whole objective. */
  phase: z.enum(['classifier', 'joint']),
  stepsPerSecond: z.number().min(0),
})

/** What the held-back images say. */
export const EvaluationRecord = z.object({
  kind: z.literal('evaluation'),
  ...when,
  split: z.literal('validation'),
  /** Images looked at. */
  count: z.int().min(1),
  accuracy: fraction,
  robustAccuracy: fraction,
  /** Radius of the attack behind robustAccuracy with its units, as a user would write it. */
  epsilon: z.string().min(1),
})

/** Something that happened, by name and in words. */
export const EventRecord = z.object({
  kind: z.literal('event'),
  ...when,
  event: z.enum(['resumed', 'stopped', 'finished', 'diverged', 'recovered', 'gave-up']),
  message: z.string().min(1),
})

export const MetricsRecord = z.discriminatedUnion('kind', [StepRecord, EvaluationRecord, EventRecord])

export type StepRecord = z.infer<typeof StepRecord>
export type EvaluationRecord = z.infer<typeof EvaluationRecord>
export type EventRecord = z.infer<typeof EventRecord>
export type MetricsRecord = z.infer<typeof MetricsRecord>

/** The record as its line, line feed included; NaN and infinities become null. Throws on what couldn't be read back. */
export function metricsLine(record: MetricsRecord): string {
  const line = JSON.stringify(record)
  const result = MetricsRecord.safeParse(JSON.parse(line))
  if (!result.success) throw unreadable('The metrics record', result.error, 'Correct the record before it is written.')
  return `${JSON.stringify(result.data)}\n`
}

/**
 * All records of a metrics.jsonl, in the file's order. A last line without line feed that isn't whole is passed over: its
 * writer is at work or was stopped. Throws an Error with the line's number on any other line that is no record.
 */
export function parseMetrics(text: string): MetricsRecord[] {
  const lines = text.split('\n')
  const records: MetricsRecord[] = []
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (cause) {
      if (i === lines.length - 1) break
      throw new Error(`Line ${i + 1} of the metrics is not JSON. Remove the line to read the rest.`, { cause })
    }
    const result = MetricsRecord.safeParse(value)
    if (!result.success) {
      const remedy = 'Remove the line, or read the run with the version that wrote it.'
      throw unreadable(`Line ${i + 1} of the metrics`, result.error, remedy)
    }
    records.push(result.data)
  }
  return records
}

function unreadable(what: string, cause: z.ZodError, remedy: string): Error {
  const { path, message } = cause.issues[0]!
  const field = path.length === 0 ? 'record' : path.join('.')
  return new Error(`${what} is no known record (${field}: ${message}). ${remedy}`, { cause })
}
