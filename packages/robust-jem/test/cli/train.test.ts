import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { decodePng, parseMetrics, type StepRecord } from '@robust-jem/formats'
import { loadSafetensors } from '@robust-jem/torch'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { fromYaml } from '../../src/config/overrides.ts'
import { describeRun } from '../../src/training/describe.ts'
import { smallConfig } from '../training/small-training.ts'
import { smallOptions, workshop, writeClassFolders } from './workshop.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 }) // several trainings in a test, on a busy machine too

const steps = 12
const { folder, run, result } = workshop()
const at = (...names: string[]) => join(folder, ...names)
const trained = (out: string, ...more: string[]) => [
  ...['train', 'robust-jem', ...smallOptions, '--steps', String(steps), '--data-dir', 'images', '--out', out, ...more],
]
const metricsOf = (path: string) =>
  existsSync(at(path, 'metrics.jsonl')) ? parseMetrics(readFileSync(at(path, 'metrics.jsonl'), 'utf8')) : []
const stepsOf = (path: string) => metricsOf(path).filter((record): record is StepRecord => record.kind === 'step')
const hashNames = ['weights_sha256', 'ema_sha256', 'buffer_sha256'] as const
const describedAt = (path: string) => describeRun(at(path))
const hashesOf = (path: string) => describedAt(path).hashes
const nobody = `${2 ** 22 + 1} ${hostname()}` // a process id above Linux's largest

/** Sends the signal once the condition holds; gives how the command ended. */
async function interrupted(words: string[], signal: NodeJS.Signals, condition: () => boolean) {
  let over = false
  const outcome = run(words, {
    onStart: async (child) => {
      while (!over && !condition()) await setTimeout(5)
      child.kill(signal)
    },
  })
  return outcome.finally(() => {
    over = true
  })
}

beforeAll(async () => {
  writeClassFolders(at('images'))
  const { code, stderr } = await run(trained('whole'))
  expect([code, stderr]).toEqual([0, expect.stringContaining(`up to ${steps} steps`)])
})

describe('a run directory', () => {
  it('holds what the design says, and nothing half-written', () => {
    const files = readdirSync(at('whole'), { recursive: true, encoding: 'utf8' }).sort()
    expect(files).toEqual(
      expect.arrayContaining([
        'class-gaussians.safetensors',
        'config.yaml',
        'environment.json',
        'log.txt',
        'metrics.jsonl',
      ]),
    )
    expect(readdirSync(at('whole', 'checkpoints')).sort()).toEqual(['step-000008', 'step-000010', 'step-000012'])
    expect(files.filter((name) => /\.part$|lock$/.test(name))).toEqual([])
  })

  it('has its settings, which read back the same', () => {
    expect(fromYaml(readFileSync(at('whole', 'config.yaml'), 'utf8'))).toEqual(smallConfig(`schedule.steps=${steps}`))
  })

  it('says what it was started on and with', () => {
    const environment = JSON.parse(readFileSync(at('whole', 'environment.json'), 'utf8'))
    expect(environment).toMatchObject({
      dataDir: at('images'),
      dataSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      device: 'cpu',
      threads: 1,
      seed: 0,
      versions: { node: process.versions.node },
      commandLine: trained('whole'),
    })
  })

  it('has a record for each step in both phases, of the evaluations, and of the end', () => {
    const records = stepsOf('whole')
    expect(records.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1))
    expect(new Set(records.map(({ phase }) => phase))).toEqual(new Set(['classifier', 'joint']))
    expect(records.every(({ loss, stepsPerSecond }) => loss !== null && stepsPerSecond > 0)).toBe(true)
    const others = metricsOf('whole').filter(({ kind }) => kind !== 'step')
    expect(others.map(({ kind, step }) => [kind, step])).toEqual([
      ['evaluation', 4],
      ['evaluation', 8],
      ['evaluation', 12],
      ['event', 12],
    ])
    expect(others.at(-1)).toMatchObject({ event: 'finished' })
  })

  it('has pictures of samples, and of the chains once there are any', () => {
    const names = readdirSync(at('whole', 'samples')).sort()
    expect(names).toEqual([
      'step-000004-robust-jem.png',
      'step-000008-buffer.png',
      'step-000008-robust-jem.png',
      'step-000012-buffer.png',
      'step-000012-robust-jem.png',
    ])
    for (const name of names) {
      const { width, height } = decodePng(readFileSync(at('whole', 'samples', name)))
      expect([width >= 6 * 64, height >= 2 * 64]).toEqual([true, true]) // six of each of two classes, at scale 2
    }
  })

  it('has the words of the terminal in its log, from the first line on', () => {
    const lines = readFileSync(at('whole', 'log.txt'), 'utf8').split('\n')
    expect(lines[0]).toMatch(/^robust-jem \S+ · Node /)
    expect(lines.join('\n')).toContain(`step ${steps}: validation accuracy`)
  })

  it('is what info tells of, as are its checkpoints and its model files', async () => {
    const newest = join('whole', 'checkpoints', 'step-000012')
    const [ofRun, ofFile] = await Promise.all([
      result('info', 'whole'),
      result('info', join(newest, 'ema.safetensors')),
    ])
    expect(ofRun).toMatchObject({ path: newest, step: steps, classes: ['cat', 'dog'], provenance: { seed: 0 } })
    for (const name of hashNames) expect(ofRun[name]).toMatch(/^[0-9a-f]{64}$/)
    expect(describedAt(newest).hashes).toEqual(hashesOf('whole'))
    expect(ofFile).toMatchObject({ ema_sha256: ofRun.ema_sha256, weights_sha256: null, buffer_sha256: null })
  })

  it('draws its curves', async () => {
    await result('info', 'whole', '--curves', 'curves.svg')
    const svg = readFileSync(at('curves.svg'), 'utf8')
    for (const name of ['loss', 'f(x⁺) − f(x⁻)', 'robust accuracy']) expect(svg).toContain(`>${name}<`)
  })
})

describe('a training that is interrupted', () => {
  it('by Ctrl-C, then by SIGTERM: each saves, says how to go on, exit code 0; it ends as if it never was', async () => {
    const first = await interrupted(trained('signals'), 'SIGINT', () => stepsOf('signals').length >= 2)
    const stopped = describedAt('signals').step!
    expect(stopped).toBeGreaterThanOrEqual(2)
    expect(stopped).toBeLessThan(steps)
    expect([first.code, first.stdout]).toEqual([
      0,
      `signals: stopped and saved after ${stopped} steps. Next:\n  npx robust-jem train --resume signals\n`,
    ])
    expect(existsSync(at('signals', 'lock'))).toBe(false)
    expect(metricsOf('signals').at(-1)).toMatchObject({ kind: 'event', event: 'stopped', step: stopped })

    const resume = ['train', '--resume', 'signals']
    const next = stopped + 2
    const second = await interrupted(resume, 'SIGTERM', () => stepsOf('signals').length >= next)
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('stopped and saved after')])
    expect(second.stderr).toContain(`resuming signals after step ${stopped}\n`)

    const third = await run(resume)
    expect([third.code, third.stdout]).toEqual([0, expect.stringContaining(`signals: trained after ${steps} steps.`)])
    expect(hashesOf('signals')).toEqual(hashesOf('whole'))
    expect(stepsOf('signals').map(({ step }) => step)).toEqual(stepsOf('whole').map(({ step }) => step))
    expect(stepsOf('signals').map(({ loss }) => loss)).toEqual(stepsOf('whole').map(({ loss }) => loss))
  })

  it('by SIGKILL goes on from its last checkpoint, takes the lock that was left, and ends the same, to the images that it draws', async () => {
    const killed = await interrupted(trained('killed'), 'SIGKILL', () => stepsOf('killed').length >= 7)
    expect(killed.code).toBe(null)
    expect(existsSync(at('killed', 'lock'))).toBe(true)
    const { code, stderr } = await run(['train', '--resume', 'killed'])
    expect([code, stderr]).toEqual([0, expect.stringMatching(/resuming killed after step (4|6|8|10)\n/)])
    expect(hashesOf('killed')).toEqual(hashesOf('whole'))
    expect(existsSync(at('killed', 'lock'))).toBe(false)
    const drawn = async (from: string) => {
      await result('sample', from, '--count', '4', '--seed', '5', '--out', `${from}.npz`)
      return readFileSync(at(`${from}.npz`))
    }
    const [ofKilled, ofWhole] = await Promise.all([drawn('killed'), drawn('whole')])
    expect(ofKilled.equals(ofWhole)).toBe(true)
  })

  it('before its first step leaves nothing, exit code 130', async () => {
    const { code, stderr } = await interrupted(trained('early', '--quiet'), 'SIGINT', () =>
      existsSync(at('early', 'lock')),
    )
    expect([code, stderr]).toEqual([130, 'Stopped; nothing more was saved.\n'])
    expect(existsSync(at('early'))).toBe(false)
  })

  it('remembers the time limit that it is given anew', async () => {
    cpSync(at('whole'), at('longer'), { recursive: true })
    const limit = () => JSON.parse(readFileSync(at('longer', 'environment.json'), 'utf8')).maxMinutes
    expect(limit()).toBe(null)
    expect((await run(['train', '--resume', 'longer', '--max-minutes', '5'])).code).toBe(0)
    expect(limit()).toBe(5)
    expect((await run(['train', '--resume', 'longer'])).code).toBe(0)
    expect(limit()).toBe(5)
  })

  it('goes on with the threads and the images that it began with, from anywhere', async () => {
    cpSync(at('whole'), at('moved'), { recursive: true })
    const environment = JSON.parse(readFileSync(at('moved', 'environment.json'), 'utf8'))
    writeFileSync(at('moved', 'environment.json'), JSON.stringify({ ...environment, threads: 2 }))
    const { code, stderr } = await run(['train', '--resume', at('moved')], { cwd: '/' })
    expect([code, stderr]).toEqual([0, expect.stringContaining(' · 2 threads · ')])
    expect(hashesOf('moved')).toEqual(hashesOf('whole'))
  })
})

describe('a damaged checkpoint', () => {
  const flip = (...names: string[]) => {
    const bytes = readFileSync(at(...names))
    bytes[bytes.length >> 1]! ^= 16
    writeFileSync(at(...names), bytes)
  }

  it('is said and set aside; the one before it is taken, and the training ends the same', async () => {
    cpSync(at('whole'), at('damaged'), { recursive: true })
    writeFileSync(at('damaged', 'lock'), nobody)
    flip('damaged', 'checkpoints', 'step-000012', 'training.safetensors')
    const { code, lines } = await run(['train', '--resume', 'damaged', '--quiet'])
    const path = join('damaged', 'checkpoints', 'step-000012')
    expect([code, lines]).toEqual([
      0,
      [
        `The checkpoint ${path} is damaged: training.safetensors does not have the checksum in state.json. It is now ${path}.damaged; the one before it is taken.`,
      ],
    ])
    expect(hashesOf('damaged')).toEqual(hashesOf('whole'))
    expect(readdirSync(at('damaged', 'checkpoints')).sort()).toEqual([
      'step-000008',
      'step-000010',
      'step-000012',
      'step-000012.damaged',
    ])
  })

  it('where none is whole, nothing begins anew', async () => {
    cpSync(at('whole'), at('ruined'), { recursive: true })
    for (const name of ['step-000008', 'step-000010', 'step-000012'])
      flip('ruined', 'checkpoints', name, 'weights.safetensors')
    const { code, lines } = await run(['train', '--resume', 'ruined', '--quiet'])
    expect([code, lines.length]).toEqual([1, 4])
    expect(lines.at(-1)).toBe(
      `robust-jem: No checkpoint in ${join('ruined', 'checkpoints')} is whole. Restore one, or start a new run.`,
    )
    expect(readdirSync(at('ruined')).sort()).toEqual(readdirSync(at('whole')).sort())
  })
})

describe('a training that diverges', () => {
  it('goes back, gentler, as often as it may, then gives up with the reason; no weight on disk is ever NaN', async () => {
    const wild = ['--set', 'optimizer.learningRate=1e6', '--set', 'guard.window=2', '--set', 'guard.retries=1']
    const { code, stdout, lines } = await run([...trained('wild'), ...wild, '--quiet'])
    expect([code, stdout, lines.length]).toEqual([1, '', 2])
    expect(lines[0]).toMatch(
      /^diverged at step \d+ \(.*\): back to step \d+ with new chains and 0\.5 of the learning rate \(1 of at most 1\)$/,
    )
    expect(lines[1]).toMatch(/^robust-jem: The training diverged at step \d+ \(.*\) after going back once\. /)
    const events = metricsOf('wild').flatMap((record) => (record.kind === 'event' ? [record.event] : []))
    expect(events).toEqual(['diverged', 'recovered', 'diverged', 'gave-up'])
    for (const name of readdirSync(at('wild', 'checkpoints'), { recursive: true, encoding: 'utf8' })) {
      if (!/(weights|ema)\.safetensors$/.test(name)) continue
      const { tensors } = loadSafetensors(at('wild', 'checkpoints', name))
      for (const [of, tensor] of Object.entries(tensors))
        expect(Number.isFinite(tensor.double().abs().max().item()), `${name} ${of}`).toBe(true)
    }
  })
})

describe('what a resume refuses', () => {
  const refused = async (...words: string[]) => {
    const { code, stdout, lines } = await run(['train', '--resume', ...words, '--quiet'])
    expect([stdout, lines.length]).toEqual(['', 1])
    return [code, lines[0]]
  }

  it('other images, other settings, and a run without the files that began it', async () => {
    cpSync(at('images'), at('fewer'), { recursive: true })
    rmSync(at('fewer', 'dog', '03.png'))
    expect(await refused('whole', '--data-dir', 'fewer')).toEqual([
      1,
      'robust-jem: The training images are not those that whole began with. Name their folder with --data-dir.',
    ])
    expect(await refused('whole', '--preset', 'cpu')).toEqual([
      2,
      `robust-jem: --resume goes on with the settings in ${join('whole', 'config.yaml')}. Leave out --preset.`,
    ])
    expect(await refused('whole', '--set', 'seed=3')).toEqual([
      2,
      `robust-jem: --resume goes on with the settings in ${join('whole', 'config.yaml')}. Leave out --set.`,
    ])
    expect(await refused('whole', 'jem')).toEqual([2, expect.stringMatching(/Leave out jem\.$/)])
    expect(await refused('whole', '--max-minutes', '0')).toEqual([2, expect.stringMatching(/expected more than 0/)])
    cpSync(at('whole'), at('bare'), { recursive: true })
    writeFileSync(at('bare', 'environment.json'), '{')
    expect(await refused('bare')).toEqual([
      1,
      `robust-jem: ${join('bare', 'environment.json')} lacks what a resume needs. Restore it, or start a new run.`,
    ])
    for (const path of ['whole', 'bare']) expect(existsSync(at(path, 'lock'))).toBe(false)
  })
})
