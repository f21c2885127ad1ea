import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/main.ts'
import { version } from '../../src/cli/version.ts'
import { robustJem, script, withoutEngine } from './robust-jem.ts'

describe('help', () => {
  it('names every command in one line each, on stdout, and works where the engine is not built', async () => {
    const outcome = await robustJem(['--help'], { env: withoutEngine })
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    for (const [name, { summary }] of Object.entries(commands)) {
      expect(outcome.stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
      expect(summary).toMatch(/\.$/)
    }
    for (const option of ['--json', '--seed N', '--device auto|cpu|cuda', '--threads N', '--quiet', '--version']) {
      expect(outcome.stdout).toContain(option)
    }
    for (const words of [[], ['-h'], ['help']]) expect(await robustJem(words)).toEqual(outcome)
  })

  it.each(Object.keys(commands))(
    'of %s teaches: usage, what for, options, examples; without the engine',
    async (name) => {
      const { code, stdout, stderr } = await robustJem([name, '--help'], { env: withoutEngine })
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(new RegExp(`^Usage: robust-jem ${name}`))
      expect(stdout).toContain('Options of every command:')
      expect(stdout).toMatch(new RegExp(`^Examples:\\n {2}robust-jem ${name}`, 'm'))
      const description = stdout.split('\n\n')[1] ?? ''
      expect(description.length).toBeGreaterThan(100)
      expect((await robustJem(['help', name])).stdout).toBe(stdout)
    },
  )

  it('--version is the version, before and after a command', async () => {
    const outcome = { code: 0, stdout: `${version()}\n`, stderr: '', lines: [] }
    expect(await robustJem(['--version'])).toEqual(outcome)
    expect(await robustJem(['doctor', '--version'])).toEqual(outcome)
  })
})

describe('wrong usage is one line on stderr and exit code 2', () => {
  it.each([
    [['doctr'], "robust-jem: Unknown command 'doctr'; did you mean 'doctor'? See robust-jem --help."],
    [['xyzzy'], "robust-jem: Unknown command 'xyzzy'. See robust-jem --help."],
    [
      ['doctor', '--treads', '3'],
      'robust-jem: Unknown option --treads; did you mean --threads? See robust-jem doctor --help.',
    ],
    [['--foo'], 'robust-jem: Unknown option --foo. See robust-jem --help.'],
    [['doctor', '--threads', '0'], 'robust-jem: --threads: expected whole number ≥ 1, received "0".'],
    [['doctor', '--seed=-1'], 'robust-jem: --seed: expected whole number ≥ 0, received "-1".'],
    [['--device', 'gpu', 'doctor'], 'robust-jem: --device: unknown "gpu". It is one of auto, cpu, cuda.'],
    [['doctor', 'now'], 'robust-jem: Nothing is known to do with "now". See robust-jem doctor --help.'],
  ])('%j', async (words, line) => {
    expect(await robustJem(words)).toEqual({ code: 2, stdout: '', stderr: `${line}\n`, lines: [line] })
  })
})

describe('outputs that fail', () => {
  it('a reader who leaves ends the command quietly', async () => {
    expect(await robustJem(['--help'], { deaf: true })).toMatchObject({ code: 0, stderr: '' })
  })

  it.runIf(existsSync('/dev/full'))('a full disk is said in one line', () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [script, '--help'], { stdio: ['ignore', full, 'pipe'] })
    expect(status).toBe(1)
    expect(String(stderr)).toMatch(/^robust-jem: The disk is full: .*\n$/)
  })
})

describe('doctor', () => {
  const nothing = {
    cwd: mkdtempSync(join(tmpdir(), 'robust-jem-doctor-')),
    env: { HOME: '/nonexistent', XDG_CACHE_HOME: '' },
  }

  it('says where training can run, and what to type next', async () => {
    const { code, stdout, stderr } = await robustJem(['doctor', '--device', 'cpu'], nothing)
    expect([code, stderr]).toEqual([0, ''])
    for (const word of ['Node', process.versions.node, 'libtorch', 'GFLOP/s', 'images', 'disk'])
      expect(stdout).toContain(word)
    expect(stdout).toMatch(/Training can run here\.\n\nNext:\n {2}robust-jem train robust-jem --preset quick\n$/)
  })

  it('--json is the same for scripts', async () => {
    const { code, stdout } = await robustJem(['doctor', '--device', 'cpu', '--threads', '1', '--json'], nothing)
    expect(code).toBe(0)
    const diagnosis = JSON.parse(stdout)
    expect(diagnosis).toMatchObject({ canTrain: true, problems: [], device: 'cpu', data: null, engine: { threads: 1 } })
    expect(diagnosis.speed[0]).toMatchObject({ dtype: 'float32', gigaflops: expect.any(Number) })
  })

  it('without the engine it still reports, says how to build it, exit code 1', async () => {
    const { code, stdout, stderr } = await robustJem(['doctor'], {
      ...nothing,
      env: { ...nothing.env, ...withoutEngine },
    })
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout).toContain('Training cannot run here:\n  libtorch could not be loaded: no native code here.')
    expect(stdout).toMatch(/Next:\n {2}npm run setup\n/)
  })

  it('images that were named and are not there keep training from running', async () => {
    const { code, stdout } = await robustJem(['doctor', '--data-dir', '/nowhere/images'], nothing)
    expect(code).toBe(1)
    expect(stdout).toContain('The folder /nowhere/images does not exist.')
  })

  it('CUDA that was asked for and is not there: never a silent fall-back to the CPU', async () => {
    const { code, stdout } = await robustJem(['doctor', '--device', 'cuda', '--json'], nothing)
    const { engine, device, problems } = JSON.parse(stdout)
    if (engine.cudaDevices > 0) expect([code, device]).toEqual([0, 'cuda:0'])
    else {
      expect([code, device]).toEqual([1, null])
      expect(problems[0]).toMatch(/^libtorch .* finds no CUDA device\. Use --device cpu/)
    }
  })
})
