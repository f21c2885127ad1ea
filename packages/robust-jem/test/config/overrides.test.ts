import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromYaml, parseAssignment, resolveConfig } from '../../src/config/overrides.ts'
import { presets } from '../../src/config/presets/index.ts'
import { UserError } from '../../src/errors.ts'

const preset = presets['robust-jem'].quick

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'robust-jem-config-')), 'mine.yaml')
  writeFileSync(path, text)
  return path
}

function refusal(what: () => unknown): UserError {
  try {
    what()
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('It was not refused.')
}

describe('how settings come together', () => {
  it('without file and --set they are the preset', () => {
    expect(resolveConfig({ preset })).toEqual(preset)
  })

  it('preset < file < --set < --seed, setting by setting', () => {
    const path = file('seed: 1\nchain: { noise: 0.1, outerSteps: 3 }\n')
    const config = resolveConfig({ preset, file: path, set: ['chain.noise=0.2', 'seed=2', 'chain.noise=0.3'], seed: 4 })
    expect(config).toEqual({ ...preset, seed: 4, chain: { ...preset.chain, noise: 0.3, outerSteps: 3 } })
    expect(presets['robust-jem'].quick.chain.noise, 'the preset is left as it was').toBe(0)
  })

  it('values are YAML: numbers, null, text, fractions, lists, maps', () => {
    const set = [
      'optimizer.weightDecay=1e-3',
      'chain.gradientClip=null',
      'optimizer.name=adam',
      'attack.epsilon=8/255',
      'data.flip=false',
      'schedule.milestones=[0.5, 0.75]',
      'sampling.robustJem={steps: 5, contrast: per-image}',
    ]
    const config = resolveConfig({ preset, set })
    expect(config.optimizer).toMatchObject({ weightDecay: 0.001, name: 'adam' })
    expect(config.chain.gradientClip).toBeNull()
    expect(config.attack.epsilon).toBe('8/255')
    expect(config.data.flip).toBe(false)
    expect(config.schedule.milestones).toEqual([0.5, 0.75])
    expect(config.sampling.robustJem).toEqual({ ...preset.sampling.robustJem, steps: 5, contrast: 'per-image' })
  })

  it('an empty file changes nothing', () => {
    expect(resolveConfig({ preset, file: file('# nothing yet\n') })).toEqual(preset)
  })
})

describe('wrong settings', () => {
  const setting = (...set: string[]) => refusal(() => resolveConfig({ preset, set }))

  it('an unknown one is answered with the nearest, exit code 2', () => {
    const error = setting('sampelr.steps=3')
    expect(error.message).toBe(
      "Unknown setting 'sampelr.steps'; did you mean 'sampling.energy.steps'? See robust-jem train --help-settings.",
    )
    expect(error.exitCode).toBe(2)
    expect(error.details).toMatchObject({ path: 'sampelr.steps', expected: 'sampling.energy.steps' })
  })

  it.each([
    ['atack.epsilon=1', 'attack.epsilon'],
    ['learningRate=1', 'optimizer.learningRate'],
    ['optimizer.batch-size=1', 'optimizer.batchSize'],
    ['sampling.robust-jem.steps=1', 'sampling.robustJem.steps'],
    ['sampling.steps=1', 'sampling.energy.steps'],
  ])('%s: did you mean %s?', (assignment, meant) => {
    expect(setting(assignment).message).toContain(`did you mean '${meant}'?`)
  })

  it('what resembles nothing gets no guess', () => {
    expect(setting('zzz=1').message).toBe("Unknown setting 'zzz'. See robust-jem train --help-settings.")
    expect(setting('__proto__.polluted=1').message).toMatch(/^Unknown setting/)
  })

  it('each has a line with path, expected and received', () => {
    const { message } = setting(
      'model.depth=17',
      'chain.noise=-1',
      'optimizer.name=rmsprop',
      'buffer.size=1.5',
      'schedule.milestones=[0.5, 2]',
      'attack.epsilon=eight',
      'sampling.robustJem.contrast=2',
      'optimizer.momentum=1',
    )
    expect(message.split('\n')).toEqual([
      'model.depth: expected 6n + 4 (10, 16, 22, 28, 34, …), received 17.',
      'chain.noise: expected number ≥ 0, received -1.',
      'buffer.size: expected whole number ≥ 1, received 1.5.',
      'attack.epsilon: expected number ≥ 0 or a fraction such as 8/255, received "eight".',
      'optimizer.name: expected sgd | adam, received "rmsprop".',
      'optimizer.momentum: expected number ≥ 0 and < 1, received 1.',
      'schedule.milestones: expected list of number ≥ 0 and ≤ 1, received [0.5,2].',
      'sampling.robustJem.contrast: expected auto | per-image | number > 0 and ≤ 1, received 2.',
    ])
  })

  it('two that do not go together are refused', () => {
    expect(setting('optimizer.momentum=0').message).toBe(
      'optimizer.nesterov: expected false where the momentum is 0, received true.',
    )
    expect(setting('loss.jointStatistics=running', 'schedule.classifierWarmUp=0').message).toBe(
      'loss.jointStatistics: expected batch or null where no warm-up of the classifier estimates running ones, received "running".',
    )
    expect(setting('schedule.milestones=[0.5, 0.4]').message).toContain('expected fractions in rising order')
  })

  it('a section is no setting', () => {
    expect(setting('model=3').message).toBe(
      "'model' is a section, not 3. Set what is in it: model.depth, model.width, model.norm, ….",
    )
    expect(setting('model.depth.x=3').message).toBe('model.depth: expected whole number, received {"x":3}.')
  })

  it('--set without key, value or YAML says how it is written', () => {
    for (const text of ['chain', '=3', 'chain.noise=', 'schedule.milestones=[0.5']) {
      const { message, exitCode } = refusal(() => parseAssignment(text))
      expect(message).toContain(`--set ${text}: `)
      expect(message).toContain('Write it as --set path.to.key=value.')
      expect(message).not.toContain('\n')
      expect(exitCode).toBe(2)
    }
  })
})

describe('configuration files', () => {
  const reading = (text: string) => {
    const path = file(text)
    return refusal(() => resolveConfig({ preset, file: path })).message.replaceAll(path, 'mine.yaml')
  }

  it('an unknown setting is named with file and line', () => {
    expect(reading('chain:\n  noise: 0\n  outerStep: 3\n')).toBe(
      "mine.yaml:3: Unknown setting 'chain.outerStep'; did you mean 'chain.outerSteps'? See robust-jem train --help-settings.",
    )
    expect(reading('chian:\n  noise: 0\n  outerSteps: 3\n')).toMatch(
      /^mine.yaml:1: Unknown section 'chian'; did you mean 'chain'\?/,
    )
  })

  it('a wrong value is named with file and line', () => {
    expect(reading('seed: 1\nmodel:\n  depth: 17\nbuffer:\n  size: 0\n').split('\n')).toEqual([
      'mine.yaml:3: model.depth: expected 6n + 4 (10, 16, 22, 28, 34, …), received 17.',
      'mine.yaml:5: buffer.size: expected whole number ≥ 1, received 0.',
    ])
    expect(reading('model: 3\n')).toMatch(/^mine.yaml:1: 'model' is a section, not 3/)
    expect(reading('schedule:\n  milestones:\n    - 0.5\n    - 2\n')).toMatch(
      /^mine.yaml:2: schedule.milestones: expected list/,
    )
  })

  it('what is not YAML is named with file and line', () => {
    expect(reading('seed: 1\nchain: {noise: 0\n')).toMatch(/^mine.yaml:\d: this is not YAML: /)
    expect(reading('seed: 1\nseed: 2\n')).toMatch(/^mine.yaml:2: this is not YAML: /)
    expect(reading('- 1\n- 2\n')).toMatch(/^mine.yaml:1: The configuration is a section, not \[1,2\]/)
  })

  it('a missing one and a folder are named', () => {
    const folder = tmpdir()
    expect(refusal(() => resolveConfig({ preset, file: '/nowhere/mine.yaml' })).message).toBe(
      'The configuration file /nowhere/mine.yaml does not exist. Name a YAML file with --config.',
    )
    expect(refusal(() => resolveConfig({ preset, file: folder })).message).toContain('is a folder')
  })

  it('fromYaml fills what is left out with the defaults', () => {
    expect(fromYaml('seed: 3\n')).toEqual({ ...presets['robust-jem'].paper, seed: 3 })
    expect(refusal(() => fromYaml('\nsed: 3\n', 'run/config.yaml')).message).toMatch(
      /^run\/config.yaml:2: Unknown setting 'sed'/,
    )
  })
})
