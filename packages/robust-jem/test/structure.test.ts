/** The directions in which sources may import each other, read from their import lines. */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const packages = fileURLToPath(new URL('../..', import.meta.url))

interface Source {
  /** From packages/: 'robust-jem/src/cli/main.ts'. */
  file: string
  text: string
  /** What stands in its import and export lines, dynamic ones included. */
  imports: string[]
}

function sourcesOf(name: string): Source[] {
  const folder = join(packages, name, 'src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const lines = text.matchAll(/(?:^import|^(?:import|export)\b[^'"]*?\bfrom|\bimport\()\s*['"]([^'"]+)['"]/gm)
      return { file: join(name, 'src', file), text, imports: [...lines].map(([, from]) => from!) }
    })
}

const names = readdirSync(packages, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
const torch = sourcesOf('torch')
const formats = sourcesOf('formats')
const library = sourcesOf('robust-jem')
const all = names.flatMap(sourcesOf)
const importing = (sources: Source[], wanted: (from: string) => boolean) =>
  sources.flatMap(({ file, imports }) => imports.filter(wanted).map((from) => `${file} imports ${from}`))

describe('the packages', () => {
  it('are read whole: every source has been seen, and its imports with it', () => {
    expect(all.length).toBeGreaterThan(80)
    expect(library.flatMap(({ imports }) => imports)).toEqual(
      expect.arrayContaining(['@robust-jem/torch', '../errors.ts', './commands/train.ts']),
    )
    const unread = all.filter(({ text, imports }) => /^import /m.test(text) && imports.length === 0)
    expect(unread).toEqual([])
  })

  it('torch imports nothing of the project', () => {
    expect(importing(torch, (from) => from.includes('robust-jem'))).toEqual([])
  })

  it('formats imports nothing of the project, and nothing of Node: it runs in browsers', () => {
    const ofNode = (from: string) => from.startsWith('node:') || builtinModules.includes(from)
    expect(importing(formats, (from) => from.includes('robust-jem') || ofNode(from))).toEqual([])
  })

  it('see each other only as packages, never by files', () => {
    const inside = new RegExp(`^@robust-jem/(${names.join('|')})/`)
    const outside = all.flatMap(({ file, imports }) =>
      imports
        .filter((from) => from.startsWith('.'))
        .filter((from) => relative(join(file.split('/')[0]!, 'src'), join(dirname(file), from)).startsWith('..'))
        .map((from) => `${file} imports ${from}`),
    )
    expect([...importing(all, (from) => inside.test(from)), ...outside]).toEqual([])
  })
})

describe('inside the library imports point one way', () => {
  /** From what users touch to what computes; a part may import those of later lines. */
  const layers = [
    ['cli', 'fixtures'],
    ['index.ts'],
    ['report', 'training', 'evaluation'],
    ['systems'],
    ['samplers', 'attacks'],
    ['energy.ts'],
    ['models'],
    ['data'],
    ['config'],
    ['errors.ts', 'folders.ts'],
  ]
  const layerOf = (part: string) => layers.findIndex((parts) => parts.includes(part))
  const partOf = (path: string) => relative(join('robust-jem', 'src'), path).split('/')[0]!
  const edges = library.flatMap(({ file, imports }) =>
    imports
      .filter((from) => from.startsWith('.'))
      .map((from) => ({ file, from: partOf(file), to: partOf(join(dirname(file), from)) })),
  )
  const between = (wanted: (edge: { from: string; to: string }) => boolean) =>
    edges.filter((edge) => edge.from !== edge.to && wanted(edge)).map(({ file, to }) => `${file} imports ${to}`)
  const fromTo = (from: string[], to: string[]) => between((edge) => from.includes(edge.from) && to.includes(edge.to))

  it('every part has its place', () => {
    expect([...new Set(library.map(({ file }) => partOf(file)))].filter((part) => layerOf(part) < 0)).toEqual([])
  })

  it('cli → report, training, evaluation → systems → samplers, attacks → energy → models → data, config', () => {
    const drawsByAttacking = ({ from, to }: { from: string; to: string }) => from === 'samplers' && to === 'attacks'
    const wrong = between((edge) => layerOf(edge.to) <= layerOf(edge.from) && !drawsByAttacking(edge))
    expect(wrong).toEqual([])
  })

  it('nothing imports cli', () => {
    expect(between(({ to }) => to === 'cli' || to === 'fixtures')).toEqual([])
  })

  it('samplers and attacks see an energy, never a network', () => {
    expect(fromTo(['samplers', 'attacks', 'energy.ts'], ['models', 'systems', 'training'])).toEqual([])
    const networks = /\bnn\.(Module|Conv2d|Linear|BatchNorm2d)\b/
    const seen = library.filter(
      ({ file, text }) => /^(samplers|attacks|energy)/.test(partOf(file)) && networks.test(text),
    )
    expect(seen.map(({ file }) => file)).toEqual([])
  })

  it('training and evaluation do not import each other', () => {
    expect(fromTo(['training'], ['evaluation', 'report'])).toEqual([])
    expect(fromTo(['evaluation'], ['training', 'report'])).toEqual([])
  })

  it('data and config are leaves; settings are plain data that know no tensors', () => {
    expect(
      fromTo(
        ['data', 'config'],
        layers.flat().filter((part) => !['errors.ts', 'folders.ts'].includes(part)),
      ),
    ).toEqual([])
    const config = library.filter(({ file }) => partOf(file) === 'config')
    expect(importing(config, (from) => from.startsWith('@robust-jem/'))).toEqual([])
  })
})

describe('in the sources', () => {
  const matching = (sources: Source[], pattern: RegExp) =>
    sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)

  it('all randomness comes from generators that are given', () => {
    expect(matching(all, /Math\.random|getRandomValues|randomBytes|randomInt|randomUUID/)).toEqual([])
  })

  it('nothing that computes reads a calendar; only the training loop and what shows progress read a clock', () => {
    const computing =
      /robust-jem\/src\/(attacks|samplers|systems|models|evaluation|training|data|energy)|^torch|^formats/
    const sources = all.filter(({ file }) => computing.test(file))
    expect(matching(sources, /new Date\(\)|Date\.now/)).toEqual([])
    const timed = matching(sources, /performance\.now|hrtime/)
    expect(timed.filter((file) => file !== join('robust-jem', 'src', 'training', 'loop.ts'))).toEqual([])
  })
})
