import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng, readEvents, type StepRecord } from '@robust-jem/formats'
import { afterAll, describe, expect, it } from 'vitest'
import { EventFile } from '../../src/report/event-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'robust-jem-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const step = (at: number, more: Partial<StepRecord> = {}): StepRecord => ({
  kind: 'step',
  step: at,
  seconds: at,
  epoch: 0,
  images: 0,
  loss: 1.5,
  fPositive: null,
  fNegative: null,
  crossEntropy: 1,
  accuracy: null,
  robustAccuracy: 0.25,
  curriculum: null,
  learningRate: 0.5,
  phase: 'classifier',
  stepsPerSecond: 1,
  ...more,
})

describe("a run's event file", () => {
  it('has the figures that there are, and pictures, under the name that TensorBoard looks for', () => {
    const file = new EventFile(folder, () => 1_700_000_000.5)
    file.step(step(10))
    const image = { width: 2, height: 1, data: new Uint8Array(6) }
    file.picture('robust-jem', 10, image, encodePng(image))
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^events\.out\.tfevents\.1700000000\./)])
    const [header, scalars, picture] = readEvents(readFileSync(file.path))
    expect(header).toMatchObject({ fileVersion: 'brain.Event:2' })
    expect(scalars).toMatchObject({
      step: 10,
      scalars: { 'train/loss': 1.5, 'train/crossEntropy': 1, 'train/robustAccuracy': 0.25, 'train/learningRate': 0.5 },
    })
    expect(scalars!.scalars).not.toHaveProperty('train/accuracy')
    expect(picture!.images).toMatchObject([{ tag: 'robust-jem', width: 2, height: 1 }])
  })

  it('is gone on with after a kill in the middle of a record', () => {
    const [name] = readdirSync(folder)
    appendFileSync(join(folder, name!), new Uint8Array([7, 0, 0]))
    const file = new EventFile(folder)
    file.step(step(20, { accuracy: 0.5 }))
    const events = readEvents(readFileSync(file.path))
    expect(events.map((event) => event.step)).toEqual([0, 10, 10, 20])
    expect(readdirSync(folder)).toEqual([name])
  })

  it('is gone on with after a power cut, which leaves zeros, and begins with its header where nothing is left', () => {
    const [name] = readdirSync(folder)
    const path = join(folder, name!)
    appendFileSync(path, new Uint8Array(64))
    new EventFile(folder).step(step(30, { accuracy: 0.5 }))
    expect(readEvents(readFileSync(path)).map((event) => event.step)).toEqual([0, 10, 10, 20, 30])
    writeFileSync(path, '')
    new EventFile(folder).step(step(40, { accuracy: 0.5 }))
    const [header, ...events] = readEvents(readFileSync(path))
    expect([header!.fileVersion, events.map((event) => event.step)]).toEqual(['brain.Event:2', [40]])
  })
})
