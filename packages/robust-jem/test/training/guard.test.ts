import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noGrad } from '@robust-jem/torch'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { checkpointsIn, saveCheckpoint } from '../../src/training/checkpoint.ts'
import { allFinite, Guard } from '../../src/training/guard.ts'
import { train } from '../../src/training/loop.ts'
import { rescue } from '../../src/training/rescue.ts'
import { progressOf } from '../../src/training/schedule.ts'
import { descriptionOf, hashesOf, smallConfig, smallTraining } from './small-training.ts'

vi.setConfig({ testTimeout: 180_000 })

const limits = { ...smallConfig().guard, loss: 10, gap: 5, saturation: 0.9, window: 3 }
const well = { loss: 1, fPositive: 2, fNegative: 2, saturation: 0.2 }
const told = (...seen: Partial<typeof well>[]) => {
  const guard = new Guard(limits)
  return seen.map((figures) => guard.see({ ...well, ...figures }))
}
const folder = mkdtempSync(join(tmpdir(), 'robust-jem-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the divergence guard', () => {
  it('says nothing while all is well, nor where a term is absent', () => {
    expect(told({}, {}, {}, {})).toEqual([undefined, undefined, undefined, undefined])
    const guard = new Guard(limits)
    for (let i = 0; i < 5; i++)
      expect(guard.see({ loss: 1, fPositive: null, fNegative: null, saturation: null })).toBe(undefined)
  })

  it.each(['loss', 'fPositive', 'fNegative'] as const)('sees a %s that is no number at once', (name) => {
    expect(told({ [name]: Number.NaN })[0]).toMatch(/is no finite number$/)
    expect(told({ [name]: Number.NEGATIVE_INFINITY })[0]).toMatch(/is no finite number$/)
  })

  it.each([
    ['the loss, of either sign', { loss: -40 }, /^\|loss\| is 14\.0 over 3 steps, the limit is 10$/],
    ['the gap of f(x⁺) and f(x⁻), of either sign', { fNegative: 30 }, /^\|f\(x⁺\) − f\(x⁻\)\| is 9\.33 over 3 steps/],
  ])('judges %s by the mean over the window', (_name, far, reason) => {
    const seen = told({}, {}, far)
    expect(seen.slice(0, 2)).toEqual([undefined, undefined])
    expect(seen[2]).toMatch(reason)
    expect(told({}, far)).toEqual([undefined, undefined]) // the window is not full yet
  })

  it('sees chains that have left for the edges', () => {
    const edge = { saturation: 0.99 }
    expect(told(edge, edge, edge)[2]).toMatch(/saturated pixels .* 0\.990 over 3 steps, the limit is 0\.9/)
  })
})

describe('a training that diverges', () => {
  const wild = ['optimizer.learningRate=1e6', 'guard.window=2', 'guard.retries=1', 'schedule.steps=30']

  it('ends with the reason, and what it had saved is finite', async () => {
    const training = smallTraining(wild)
    const saved: boolean[] = []
    const outcome = await train(training, { onCheckpoint: () => void saved.push(allFinite(training.state)) })
    expect(outcome).toMatchObject({ ended: 'diverged', reason: expect.stringMatching(/./) })
    expect(saved.every(Boolean)).toBe(true)
  })

  it('ends before a checkpoint where a weight is no number, although the loss still is', async () => {
    const training = smallTraining()
    const poison = () => noGrad(() => training.state.network.f.conv1.bias!.fill_(Number.NaN))
    const outcome = await train(training, {
      onStep: ({ step }) => void (step === 4 && poison()),
      onCheckpoint: () => expect(allFinite(training.state)).toBe(true),
    })
    expect(outcome).toEqual({ ended: 'diverged', reason: 'a weight is no finite number' })
  })

  it('goes back to the newest checkpoint that is older than the window, with new chains and half the rate', async () => {
    const training = smallTraining(['guard.window=1'])
    const { config, state } = training
    const path = join(folder, 'checkpoints')
    const save = () => saveCheckpoint(path, state, descriptionOf(config)).then(() => hashesOf(state))
    let good: Awaited<ReturnType<typeof save>> | undefined
    await train(training, {
      onCheckpoint: async () => {
        const hashes = await save()
        if (state.step === 4) good = hashes
      },
      shouldStop: () => state.step === 6,
    })
    const chain = state.streams.chain.state()
    expect(await rescue(training, path)).toBe(true)
    expect([state.step, state.rescues, state.gentleness]).toEqual([4, 1, 0.5])
    expect(hashesOf(state)).toEqual(good)
    expect(state.streams.chain.state()).not.toEqual(chain)
    expect(checkpointsIn(path)).toEqual(['step-000004', 'step-000002'])
    expect(readdirSync(path)).toContain('step-000006.diverged')
    expect(await train(training)).toEqual({ ended: 'finished' })
    expect(state.optimizer.lr).toBeGreaterThan(0)
  })

  it('goes one checkpoint further back each time it diverges from the same one, and stays with the oldest', async () => {
    const training = smallTraining(['guard.window=1'])
    const { config, state } = training
    const path = join(folder, 'further')
    const save = () => saveCheckpoint(path, state, descriptionOf(config)).then(() => {})
    const returns: number[] = []
    await train(training, { onCheckpoint: save, shouldStop: () => state.step === 4 })
    for (let time = 0; time < 3; time++) {
      await train(training, { shouldStop: () => true }) // one step
      await rescue(training, path)
      await save()
      returns.push(state.step)
    }
    expect(returns).toEqual([4, 2, 2])
    expect(readdirSync(path).sort()).toEqual(['step-000002', 'step-000004.diverged'])
  })

  it('goes back to the same one when it diverges within a window of it, and to its beginning with its whole schedule', async () => {
    const training = smallTraining(['guard.window=3'])
    const { config, state } = training
    const path = join(folder, 'window')
    await train(training, { shouldStop: () => state.step === 2 })
    await saveCheckpoint(path, state, descriptionOf(config))
    await train(training, { shouldStop: () => state.step === 5 })
    expect(await rescue(training, path)).toBe(true)
    expect(state.step).toBe(2)
    await train(training, { shouldStop: () => true })
    expect(await rescue(training, path)).toBe(true)
    expect([state.step, state.begunAt]).toEqual([2, 0])
    rmSync(path, { recursive: true })
    state.seconds = 60
    expect(await rescue(training, path)).toBe(true)
    expect(progressOf(state, config, { maxSeconds: 100 })).toBe(0)
    expect(progressOf({ ...state, seconds: 80 }, config, { maxSeconds: 100 })).toBe(0.5)
  })

  it('goes back once more to the one it diverged from where no older one can be read', async () => {
    const training = smallTraining(['guard.window=1'])
    const { config, state } = training
    const path = join(folder, 'damaged')
    const save = () => saveCheckpoint(path, state, descriptionOf(config)).then(() => {})
    await train(training, { onCheckpoint: save, shouldStop: () => state.step === 4 })
    writeFileSync(join(path, 'step-000002', 'state.json'), '{')
    Object.assign(state, { step: 5, returnedTo: 4 })
    expect(await rescue(training, path)).toBe(true)
    expect(state.step).toBe(4)
    expect(readdirSync(path).sort()).toEqual(['step-000002.damaged', 'step-000004'])
  })

  it('begins anew where there is no checkpoint yet, and gives up after the set number of times', async () => {
    const training = smallTraining(['guard.retries=2'])
    await train(training, { shouldStop: () => training.state.step === 1 })
    const empty = join(folder, 'none')
    expect(await rescue(training, empty)).toBe(true)
    expect([training.state.step, training.state.buffer]).toEqual([0, null])
    expect([await rescue(training, empty), await rescue(training, empty)]).toEqual([true, false])
    expect(training.state.gentleness).toBe(0.25)
  })
})
