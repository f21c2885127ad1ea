import { describe, expect, it } from 'vitest'
import { defineCommand } from '../../src/cli/command.ts'
import { main } from '../../src/cli/main.ts'
import { type OptionDeclarations, parse } from '../../src/cli/options.ts'
import { settingsFrom, settingsOptions } from '../../src/cli/settings-options.ts'
import { fromYaml } from '../../src/config/overrides.ts'
import { presets } from '../../src/config/presets/index.ts'
import { UserError } from '../../src/errors.ts'

const options = {
  out: { kind: 'string', value: 'DIR', description: 'Where.' },
  count: { kind: 'integer', minimum: 1, default: 64, description: 'How many.' },
  maxMinutes: { kind: 'number', description: 'How long.' },
  set: { kind: 'string', repeated: true, description: 'Settings.' },
  film: { kind: 'flag', description: 'A film.' },
  mode: { kind: 'string', choices: ['a', 'b'], default: 'a', description: 'Which.' },
} as const satisfies OptionDeclarations
const wanted = {
  model: { description: 'A model.' },
  images: { description: 'Images.', many: true, optional: true },
} as const

const parsed = (...words: string[]) => parse(words, { options, arguments: wanted, command: 'robust-jem test' })
const refused = (...words: string[]) => {
  expect(() => parsed(...words)).toThrow(UserError)
  try {
    parsed(...words)
  } catch (error) {
    expect((error as UserError).exitCode).toBe(2)
    return (error as UserError).message
  }
}

describe('options of a command', () => {
  it('have the types of their declaration, and defaults', () => {
    const { options, arguments: given } = parsed('m')
    expect(options).toEqual({ count: 64, film: false, mode: 'a', set: [], out: undefined, maxMinutes: undefined })
    expect(given).toEqual({ model: 'm', images: [] })
    const typed: { count: number; film: boolean; mode: 'a' | 'b'; set: string[]; out: string | undefined } = options
    expect(typed).toBe(options)
  })

  it('are kebab-case, take values after a space or "=", in any order with arguments', () => {
    const { options, arguments: given } = parsed(
      '--max-minutes=1.5',
      'm',
      '--set',
      'a=1',
      'x.png',
      '--film',
      '--set=b=2',
      'y.png',
    )
    expect(options).toMatchObject({ maxMinutes: 1.5, set: ['a=1', 'b=2'], film: true })
    expect(given).toEqual({ model: 'm', images: ['x.png', 'y.png'] })
  })

  it('the last one counts; negative numbers are values; after "--" all are arguments', () => {
    expect(parsed('m', '--count', '3', '--count', '4', '--max-minutes', '-2').options).toMatchObject({
      count: 4,
      maxMinutes: -2,
    })
    expect(parsed('--', 'm', '--film').arguments).toEqual({ model: 'm', images: ['--film'] })
  })

  it('are refused with the option, what was expected and what came', () => {
    expect(refused('m', '--count', '0')).toBe('--count: expected whole number ≥ 1, received "0".')
    expect(refused('m', '--count', '2.5')).toBe('--count: expected whole number ≥ 1, received "2.5".')
    expect(refused('m', '--max-minutes', 'long')).toBe('--max-minutes: expected number, received "long".')
    expect(refused('m', '--mode', 'c')).toBe('--mode: unknown "c". It is one of a, b.')
    expect(refused('m', '--film=yes')).toBe('--film takes no value, but received yes. Write just --film.')
    expect(refused('m', '--out')).toBe('--out needs a value. Write --out DIR.')
    expect(refused('m', '--out', '--film')).toBe('--out needs a value. Write --out DIR.')
    expect(refused('m', '--max-minute', '3')).toBe(
      'Unknown option --max-minute; did you mean --max-minutes? See robust-jem test --help.',
    )
    expect(refused('m', '-x')).toBe('Unknown option -x. See robust-jem test --help.')
    expect(refused()).toBe('MODEL is missing. See robust-jem test --help.')
  })
})

const outputs = () => {
  const [out, err]: [string[], string[]] = [[], []]
  const text = () => ({ out: out.join(''), err: err.join('') })
  return { out: { write: (s: string) => out.push(s) }, err: { write: (s: string) => err.push(s) }, text }
}

describe('a command that takes settings', () => {
  const train = defineCommand({
    description: 'Trains.',
    arguments: { system: { description: 'What.', choices: ['robust-jem'] } },
    options: settingsOptions,
    examples: [],
    async run({ arguments: { system }, options, terminal }) {
      const config = await settingsFrom(system as 'robust-jem', options, terminal)
      if (config) terminal.print(`trains ${config.schedule.steps} steps from seed ${config.seed}`)
      return undefined
    },
  })
  const run = async (...words: string[]) => {
    const { text, ...to } = outputs()
    const code = await main(['train', 'robust-jem', ...words], {
      table: { train: { summary: '', load: async () => train } },
      ...to,
    })
    return { code, ...text() }
  }

  it('resolves preset, --set and --seed', async () => {
    const { code, out } = await run('--preset', 'cpu', '--set', 'schedule.steps=7', '--seed', '5')
    expect([code, out]).toEqual([0, 'trains 7 steps from seed 5\n'])
  })

  it('a wrong setting is one line and exit code 2', async () => {
    expect(await run('--set', 'sampelr.steps=3')).toEqual({
      code: 2,
      out: '',
      err: "robust-jem: Unknown setting 'sampelr.steps'; did you mean 'sampling.energy.steps'? See robust-jem train --help-settings.\n",
    })
    const { err } = await run('--set', 'model.depth=17', '--set', 'buffer.size=0')
    expect(err.match(/^robust-jem: /gm)).toHaveLength(2)
  })

  it('--dry-run prints the resulting settings, as YAML that --config reads or as JSON', async () => {
    const wanted = { ...presets['robust-jem'].paper, seed: 3 }
    expect(fromYaml((await run('--preset', 'paper', '--seed', '3', '--dry-run')).out)).toEqual(wanted)
    expect(JSON.parse((await run('--preset', 'paper', '--seed', '3', '--dry-run', '--json')).out)).toEqual(wanted)
  })

  it("--help-settings explains all settings with the preset's values", async () => {
    const { code, out } = await run('--help-settings', '--preset', 'gpu')
    expect(code).toBe(0)
    expect(out).toMatch(/^Settings of robust-jem with the values of --preset gpu\./)
    expect(out).toContain('  attack.epsilon=8/255 ')
  })
})
