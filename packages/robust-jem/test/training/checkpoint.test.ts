import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { loadModel } from '../../src/models/model-file.ts'
import {
  checkpointsIn,
  loadCheckpoint,
  saveCheckpoint,
  setCheckpointAside,
  settle,
} from '../../src/training/checkpoint.ts'
import { type Training, train } from '../../src/training/loop.ts'
import { descriptionOf, hashesOf, smallTraining } from './small-training.ts'

vi.setConfig({ testTimeout: 180_000 }) // several trainings in a test, on a busy machine too

const parent = mkdtempSync(join(tmpdir(), 'robust-jem-checkpoint-'))
afterAll(() => rmSync(parent, { recursive: true }))
let folders = 0
const folder = () => join(parent, String(folders++))

const save = (to: string, { state, config }: Training) => saveCheckpoint(to, state, descriptionOf(config))
const until = (training: Training, step: number) =>
  train(training, { shouldStop: () => training.state.step >= step }).then(() => training)

describe('a training that goes on from a checkpoint ends as one that never stopped', () => {
  const variants: Record<string, string[]> = {
    'SGD with momentum and an average': ['optimizer.momentum=0.9', 'ema.decay=0.99'],
    'Adam, no average, chains as bytes, noise in the chains': [
      'optimizer.name=adam',
      'optimizer.nesterov=false',
      'ema.decay=0',
      'buffer.dtype=uint8',
      'chain.noise=0.01',
    ],
    'no norm layers, restarts, clean and attacked images': [
      'model.norm=none',
      'buffer.restart=0.5',
      'loss.classifier=both',
      'optimizer.learningRate=0.01',
    ],
  }

  it.each(Object.entries(variants))('%s', async (_, settings) => {
    const whole = smallTraining(settings)
    const saved = new Map<number, string>()
    // Before the chains exist, in the step before they begin, amidst them; 22 images make an epoch of 5 batches.
    for (const step of [1, 4, 6]) saved.set(step, await save(folder(), await until(whole, step)))
    await train(whole)
    for (const [stop, path] of saved) {
      const resumed = smallTraining(settings)
      await loadCheckpoint(path, resumed.state, resumed.config.buffer)
      expect(resumed.state.step).toBe(stop)
      await train(resumed)
      expect(hashesOf(resumed.state)).toEqual(hashesOf(whole.state))
      expect(resumed.state.buffer).not.toBeNull()
      for (const name of ['positives', 'labelled', 'chain', 'attack'] as const) {
        expect(resumed.state.streams[name].state()).toEqual(whole.state.streams[name].state())
      }
    }
  })

  it('in bfloat16 too', async () => {
    const whole = await until(smallTraining([], 'bfloat16'), 8)
    const path = await save(folder(), await until(smallTraining([], 'bfloat16'), 5))
    const resumed = smallTraining([], 'bfloat16')
    await loadCheckpoint(path, resumed.state, resumed.config.buffer)
    await train(resumed)
    expect(hashesOf(resumed.state)).toEqual(hashesOf(whole.state))
  })
})

describe('a checkpoint', () => {
  it('holds models that load by themselves', async () => {
    const training = await until(smallTraining(), 2)
    const path = await save(folder(), training)
    expect(readdirSync(path).sort()).toEqual([
      'ema.safetensors',
      'state.json',
      'training.safetensors',
      'weights.safetensors',
    ])
    expect(loadModel(path, { weights: 'raw' }).sha256).toBe(hashesOf(training.state).weights)
    expect(loadModel(path)).toMatchObject({ weights: 'ema', classNames: ['cat', 'dog'], config: training.config })
  })

  it('is written aside; the three newest stay, and nothing of saves that were cut short', async () => {
    const training = smallTraining()
    const to = folder()
    mkdirSync(join(to, 'step-000001.part'), { recursive: true })
    for (const step of [1, 2, 3, 4]) {
      await until(training, step)
      await save(to, training)
    }
    expect(readdirSync(to).sort()).toEqual(['step-000002', 'step-000003', 'step-000004'])
    expect(checkpointsIn(to)).toEqual(['step-000004', 'step-000003', 'step-000002'])
  })

  it('is not lost by a kill while another of its step takes its place', async () => {
    const training = await until(smallTraining(), 1)
    const to = folder()
    const path = await save(to, training)
    renameSync(path, `${path}.replaced`)
    mkdirSync(`${path}.part`)
    settle(to)
    expect(readdirSync(to)).toEqual(['step-000001'])
    mkdirSync(`${path}.replaced`)
    await save(to, training)
    expect(readdirSync(to)).toEqual(['step-000001'])
    await loadCheckpoint(path, smallTraining().state, training.config.buffer)
  })

  it('that cannot be written leaves nothing behind, and the one before it whole', async () => {
    const training = await until(smallTraining(), 1)
    const to = folder()
    const before = await save(to, training)
    await until(training, 2)
    const unwritable = { ...descriptionOf(training.config), provenance: { step: 2n as unknown as number } }
    await expect(saveCheckpoint(to, training.state, unwritable)).rejects.toThrow('BigInt')
    expect(readdirSync(to)).toEqual(['step-000001'])
    const other = smallTraining()
    await loadCheckpoint(before, other.state, other.config.buffer)
    expect(other.state.step).toBe(1)
  })

  it.each(['weights.safetensors', 'ema.safetensors', 'training.safetensors', 'state.json'])(
    'with one flipped bit in %s is refused, and the state stays as it was',
    async (name) => {
      const path = await save(folder(), await until(smallTraining(), 6))
      const bytes = readFileSync(join(path, name))
      const at = name === 'state.json' ? bytes.indexOf('"step": ') + 8 : bytes.length - 5
      bytes[at]! ^= 1
      writeFileSync(join(path, name), bytes)
      const { state, config } = smallTraining()
      const before = hashesOf(state)
      await expect(loadCheckpoint(path, state, config.buffer)).rejects.toMatchObject({
        code: 'checkpoint-damaged',
        message: expect.stringMatching(new RegExp(`^The checkpoint ${path} is damaged: ${name} does not have`)),
      })
      expect([hashesOf(state), state.step]).toEqual([before, 0])
    },
  )

  it('without a file, or without state.json, is refused', async () => {
    const path = await save(folder(), smallTraining())
    const { state, config } = smallTraining()
    for (const name of ['training.safetensors', 'state.json']) {
      rmSync(join(path, name))
      await expect(loadCheckpoint(path, state, config.buffer)).rejects.toMatchObject({ code: 'checkpoint-damaged' })
    }
    const aside = setCheckpointAside(path)
    expect([existsSync(path), existsSync(aside), checkpointsIn(join(path, '..'))]).toEqual([false, true, []])
  })

  it('of other settings is refused: it is not damaged', async () => {
    const path = await save(folder(), await until(smallTraining(), 6))
    for (const settings of [['model.width=2'], ['buffer.size=30']]) {
      const { state, config } = smallTraining(settings)
      await expect(loadCheckpoint(path, state, config.buffer)).rejects.toMatchObject({
        code: 'checkpoint-mismatch',
        message: expect.stringContaining('does not fit the settings in config.yaml.'),
      })
    }
  })
})
