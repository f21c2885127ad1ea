import { memory } from '@robust-jem/torch'
import { describe, expect, it, vi } from 'vitest'
import { train } from '../../src/training/loop.ts'
import { hashesOf, smallTraining } from './small-training.ts'

vi.setConfig({ testTimeout: 180_000 }) // several trainings in a test, on a busy machine too

describe('a training', () => {
  it('tells its listeners of every step, and of grids, evaluations and checkpoints when the settings say', async () => {
    const training = smallTraining()
    const told: string[] = []
    const at = (what: string) => () => void told.push(`${what} ${training.state.step}`)
    const outcome = await train(training, {
      onStep: ({ step, phase, images, epoch }, progress) => {
        told.push(`step ${step} ${phase}`)
        expect([images, epoch, progress]).toEqual([4 * step, (4 * step) / 22, step / 8])
      },
      onGrid: at('grid'),
      onEvaluation: at('evaluation'),
      onCheckpoint: at('checkpoint'),
    })
    expect(outcome).toEqual({ ended: 'finished' })
    expect(told.filter((line) => line.startsWith('step'))).toEqual(
      Array.from({ length: 8 }, (_, i) => `step ${i + 1} ${i < 4 ? 'classifier' : 'joint'}`),
    )
    expect(told.filter((line) => !line.startsWith('step'))).toEqual([
      'checkpoint 2',
      'grid 4',
      'evaluation 4',
      'checkpoint 4',
      'checkpoint 6',
      'grid 8',
      'evaluation 8',
      'checkpoint 8',
    ])
  })

  it('has chains and the log-density terms from the joint phase on', async () => {
    const training = smallTraining()
    await train(training, {
      onStep: ({ phase, fPositive, fNegative, accuracy, robustAccuracy, loss, crossEntropy }) => {
        const joint = phase === 'joint'
        expect([fPositive, fNegative, accuracy].map((value) => typeof value === 'number')).toEqual([
          joint,
          joint,
          joint,
        ])
        expect(training.state.buffer !== null).toBe(joint)
        expect(robustAccuracy).toBeGreaterThanOrEqual(0)
        const weight = training.config.loss.generative
        expect(loss).toBeCloseTo(crossEntropy! - (joint ? weight * (fPositive! - fNegative!) : 0), 4)
      },
    })
    expect(training.state.buffer?.images.shape).toEqual([20, 3, 32, 32])
  })

  it('ends after the step in which it is asked to, and goes on where it was', async () => {
    const whole = smallTraining()
    await train(whole)
    const training = smallTraining()
    expect(await train(training, { shouldStop: () => training.state.step === 3 })).toEqual({ ended: 'asked' })
    expect(training.state.step).toBe(3)
    expect(await train(training)).toEqual({ ended: 'finished' })
    expect(hashesOf(training.state)).toEqual(hashesOf(whole.state))
  })

  it('ends when the time is over, at a rate that falls with it', async () => {
    const training = { ...smallTraining(['schedule.steps=100000', 'schedule.warmUpSteps=0']), maxSeconds: 0.5 }
    const rates: number[] = []
    expect(await train(training, { onStep: ({ learningRate }) => void rates.push(learningRate) })).toEqual({
      ended: 'finished',
    })
    expect(training.state.seconds).toBeGreaterThanOrEqual(0.5)
    expect(training.state.step).toBeLessThan(100000)
    expect(rates).toEqual([...rates].sort((a, b) => b - a))
  })

  it('follows from its seed alone', async () => {
    const [a, b, c] = [smallTraining(), smallTraining(), smallTraining(['seed=1'])]
    for (const training of [a, b, c]) await train(training)
    expect(hashesOf(a.state)).toEqual(hashesOf(b.state))
    const [ofA, ofC] = [hashesOf(a.state), hashesOf(c.state)]
    for (const name of ['weights', 'average', 'optimizer', 'buffer']) expect(ofC[name]).not.toBe(ofA[name])
  })

  it('holds no more tensors and memory after its 40th step than after its first joint ones', async () => {
    const training = smallTraining(['schedule.steps=40', 'schedule.classifierWarmUp=0.2'])
    const seen: { phase: string; tensors: number; bytes: number }[] = []
    await train(training, {
      onStep: ({ phase }) => {
        const { tensors, bytes } = memory()
        seen.push({ phase, tensors, bytes })
      },
    })
    // Never more than before: the collector may meanwhile take what other tests have left.
    for (const phase of ['classifier', 'joint']) {
      const steps = seen.filter((step) => step.phase === phase).slice(2)
      const [first, last] = [steps[0]!, steps.at(-1)!]
      expect(steps.length).toBeGreaterThan(5)
      expect(last.tensors).toBeLessThanOrEqual(first.tensors)
      expect(last.bytes).toBeLessThanOrEqual(first.bytes)
    }
  })
})
