import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type EvaluationRecord,
  type EventRecord,
  type MetricsRecord,
  metricsLine,
  parseMetrics,
  type StepRecord,
  stepDirectoryName,
  stepOfDirectoryName,
} from '../src/index.ts'

const step: StepRecord = {
  kind: 'step',
  step: 100,
  seconds: 12.5,
  epoch: 0.14,
  images: 6400,
  loss: 1.9,
  fPositive: 3.2,
  fNegative: 3.1,
  crossEntropy: 1.8,
  accuracy: 0.41,
  robustAccuracy: 0.28,
  curriculum: null,
  learningRate: 0.1,
  phase: 'joint',
  stepsPerSecond: 8,
}
const evaluation: EvaluationRecord = {
  kind: 'evaluation',
  step: 100,
  seconds: 14,
  split: 'validation',
  count: 1000,
  accuracy: 0.4,
  robustAccuracy: 0.3,
  epsilon: '8/255',
}
const event: EventRecord = { kind: 'event', step: 0, seconds: 0, event: 'diverged', message: 'the loss:\n"NaN"' }
const records: MetricsRecord[] = [event, step, evaluation]

describe('metrics.jsonl', () => {
  it('gives back the records that were written, one a line', () => {
    const text = records.map(metricsLine).join('')
    expect(text.match(/\n/g)).toHaveLength(3)
    expect(parseMetrics(text)).toEqual(records)
    expect(parseMetrics(text.replaceAll('\n', '\r\n'))).toEqual(records)
    expect(parseMetrics('')).toEqual([])
  })

  it('cut off anywhere, gives the whole records before the cut', () => {
    const lines = records.map(metricsLine)
    const text = lines.join('')
    const ends = lines.map((_, i) => lines.slice(0, i + 1).join('').length - 1)
    for (let length = 0; length <= text.length; length++) {
      expect(parseMetrics(text.slice(0, length))).toEqual(records.slice(0, ends.filter((end) => end <= length).length))
    }
  })

  it('keeps a diverged step, its numbers as null', () => {
    const line = metricsLine({ ...step, loss: Number.NaN, fNegative: Number.POSITIVE_INFINITY })
    expect(parseMetrics(line)).toEqual([{ ...step, loss: null, fNegative: null }])
  })

  it('names the line that is no record, and why', () => {
    const good = metricsLine(event)
    expect(() => parseMetrics(`${good}{"kind":\n${good}`)).toThrow('Line 2 of the metrics is not JSON.')
    expect(() => parseMetrics(`${good}\n{"kind":"dream"}\n`)).toThrow(/^Line 3 of the metrics .*kind.*\. Remove/s)
    expect(() => parseMetrics(JSON.stringify({ ...step, accuracy: 41 }))).toThrow('accuracy')
    expect(() => parseMetrics('[]')).toThrow('Line 1')
  })

  it('takes no record that could not be read back', () => {
    expect(() => metricsLine({ ...step, step: 1.5 })).toThrow(/\(step: .*\. Correct the record/)
    expect(() => metricsLine({ ...evaluation, count: 0 })).toThrow('count')
    expect(() => metricsLine({ ...step, seconds: Number.NaN })).toThrow('seconds')
  })
})

describe("a checkpoint's directory", () => {
  it('is named after its step, and sorts by it up to a million', () => {
    expect(stepDirectoryName(4000)).toBe('step-004000')
    expect(stepDirectoryName(1_234_567)).toBe('step-1234567')
  })

  it('gives its step back', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (n) => void expect(stepOfDirectoryName(stepDirectoryName(n))).toBe(n)))
  })

  it.each(['step-004000.part', 'step-4000', 'step-0004000', 'step--04000', 'latest', '', 'step-9999999999999999'])(
    'is not %j',
    (name) => {
      expect(stepOfDirectoryName(name)).toBeUndefined()
    },
  )

  it.each([-1, 0.5, Number.NaN, 2 ** 60])('is never made for step %d', (n) => {
    expect(() => stepDirectoryName(n)).toThrow('Give a whole number of at least 0.')
  })
})
