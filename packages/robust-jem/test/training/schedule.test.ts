import { describe, expect, it } from 'vitest'
import { learningRateAt, phaseAt, progressOf } from '../../src/training/schedule.ts'
import { pgdSettings, stepSettings } from '../../src/training/settings.ts'
import { smallConfig } from './small-training.ts'

describe('where a training stands', () => {
  const config = smallConfig('schedule.steps=200')
  it('is told by its steps, or by its time where that is further', () => {
    expect(progressOf({ step: 50, seconds: 99, begunAt: 0 }, config, {})).toBe(0.25)
    expect(progressOf({ step: 50, seconds: 30, begunAt: 0 }, config, { maxSeconds: 60 })).toBe(0.5)
    expect(progressOf({ step: 150, seconds: 30, begunAt: 0 }, config, { maxSeconds: 60 })).toBe(0.75)
    expect(progressOf({ step: 400, seconds: 0, begunAt: 0 }, config, {})).toBe(1)
  })

  it('first the classifier alone, then the whole objective', () => {
    const config = smallConfig('schedule.classifierWarmUp=0.7')
    expect([0, 0.69, 0.7, 1].map((progress) => phaseAt(progress, config))).toEqual([
      'classifier',
      'classifier',
      'joint',
      'joint',
    ])
    expect(phaseAt(0, smallConfig('schedule.classifierWarmUp=0'))).toBe('joint')
  })
})

describe('the learning rate', () => {
  it('of the published schedule: linear from 0, then × 0.2 at a third, two thirds and five sixths', () => {
    const config = smallConfig(
      'optimizer.learningRate=0.1',
      'schedule.steps=105450',
      'schedule.warmUpSteps=1000',
      'schedule.classifierWarmUp=0',
      'schedule.jointLearningRate=1',
      'schedule.decay=milestones',
      'schedule.milestones=[0.3333333333333333, 0.6666666666666666, 0.8333333333333334]',
      'schedule.factor=0.2',
    )
    const rate = (step: number) => learningRateAt(step, step / 105450, config)
    expect(rate(0)).toBe(0)
    expect(rate(250)).toBeCloseTo(0.025, 12)
    for (const [step, expected] of [
      [1000, 0.1],
      [35149, 0.1],
      [35151, 0.02],
      [70301, 0.004],
      [87876, 0.0008],
    ] as const) {
      expect(rate(step)).toBeCloseTo(expected, 12)
    }
  })

  it('of a cosine is half in the middle and 0 at the end; the joint phase multiplies it', () => {
    const config = smallConfig(
      'optimizer.learningRate=0.2',
      'schedule.decay=cosine',
      'schedule.warmUpSteps=0',
      'schedule.classifierWarmUp=0.6',
      'schedule.jointLearningRate=0.3',
    )
    expect(learningRateAt(5, 0, config)).toBeCloseTo(0.2, 12)
    expect(learningRateAt(5, 0.5, config)).toBeCloseTo(0.1, 12)
    expect(learningRateAt(5, 0.75, config)).toBeCloseTo(0.3 * 0.1 * (1 + Math.cos(0.75 * Math.PI)), 12)
    expect(learningRateAt(5, 1, config)).toBeCloseTo(0, 12)
  })
})

describe('settings in pixel units become model units, in which distances double', () => {
  it('ε = 8/255 is 16/255; the step is 2.5·ε/K unless it is given', () => {
    const { threat, stepSize, steps } = pgdSettings({ norm: 'linf', epsilon: '8/255', steps: 10 })
    expect([threat.norm, steps]).toEqual(['linf', 10])
    expect(threat.epsilon).toBeCloseTo(16 / 255, 12)
    expect(stepSize).toBeCloseTo((2.5 * 16) / 255 / 10, 12)
    expect(pgdSettings({ norm: 'l2', epsilon: 0.5, steps: 10, stepSize: '1/10' })).toMatchObject({
      stepSize: 0.2,
      iterate: 'last',
    })
  })

  it('the chain keeps its own', () => {
    const config = smallConfig('attack.epsilon=12.75/255')
    const s = stepSettings(config, 'bfloat16')
    expect(s.attack.threat.epsilon).toBeCloseTo(0.1, 12)
    expect(s).toMatchObject({ chain: config.chain, precision: 'bfloat16' })
  })

  it('the loss has the statistics of its phase', () => {
    const statistics = (setting: string, phase: 'classifier' | 'joint') =>
      stepSettings(smallConfig(`loss.jointStatistics=${setting}`), 'float32', phase).loss.statistics
    expect([statistics('running', 'classifier'), statistics('running', 'joint')]).toEqual(['batch', 'running'])
    expect(statistics('null', 'joint')).toBe('batch')
  })
})
