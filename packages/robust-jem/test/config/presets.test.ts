import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { presets } from '../../src/config/presets/index.ts'
import { presetNames } from '../../src/config/presets/names.ts'
import { configSchema } from '../../src/config/schema.ts'

/** Paths of all leaves, in order. */
const paths = (value: unknown, prefix = ''): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) => paths(inner, `${prefix}${key}.`))
    : [prefix.slice(0, -1)]

const all = Object.entries(presets).flatMap(([system, of]) =>
  presetNames.map((name) => ({ system, name, config: of[name] })),
)

describe('presets', () => {
  it.each(all)('$name of $system is complete, valid and in the order of the schema', ({ system, config }) => {
    const parsed = configSchema.parse(config)
    expect(parsed).toEqual(config)
    expect(paths(config)).toEqual(paths(parsed))
    expect(config.system).toBe(system)
  })

  it('the defaults of the schema are the preset paper', () => {
    expect(configSchema.parse({})).toEqual(presets['robust-jem'].paper)
  })

  it('paper has the published training: WRN-28-10, PYLD 10 × 5 × 0.2, 15 attack steps, 150 epochs', () => {
    const { model, chain, attack, optimizer, schedule } = presets['robust-jem'].paper
    expect([model.depth, model.width, model.batchNormMomentum]).toEqual([28, 10, 0.9])
    expect([chain.outerSteps, chain.innerSteps, chain.stepSize, chain.gradientClip, chain.noise]).toEqual([
      10, 5, 0.2, 1, 0,
    ])
    expect([attack.norm, attack.steps]).toEqual(['linf', 15])
    const stepsPerEpoch = Math.floor((50_000 - 5000) / optimizer.batchSize)
    expect(schedule.steps).toBe(150 * stepsPerEpoch)
    expect(schedule.milestones.map((at) => Math.round(150 * at))).toEqual([50, 100, 125])
  })

  it.each(['jem', 'jem++', 'sada-jem'] as const)('%s trains as published in paper', (system) => {
    const { optimizer, schedule, chain, model } = presets[system].paper
    const stepsPerEpoch = Math.floor((50_000 - 5000) / optimizer.batchSize)
    const published = {
      jem: ['adam', 1e-4, 200, [160, 180], 0.3, 20, 'none'],
      'jem++': ['sgd', 0.1, 150, [50, 100, 125], 0.2, 10, 'batch'],
      'sada-jem': ['sgd', 0.1, 200, [60, 120, 180], 0.2, 5, 'batch'],
    }[system]
    const epochs = schedule.steps / stepsPerEpoch
    const milestones = schedule.milestones.map((at) => Math.round(at * epochs))
    const ours = [
      optimizer.name,
      optimizer.learningRate,
      epochs,
      milestones,
      schedule.factor,
      chain.outerSteps,
      model.norm,
    ]
    expect(ours).toEqual(published)
  })

  it('of robust-jem are plain data: a file for each, with nothing computed from another', () => {
    for (const name of presetNames) {
      const text = readFileSync(new URL(`../../src/config/presets/${name}.ts`, import.meta.url), 'utf8')
      expect(text.match(/import .*/g), name).toEqual(["import type { Config } from '../schema.ts'"])
      expect(text, name).not.toContain('...')
    }
  })
})
