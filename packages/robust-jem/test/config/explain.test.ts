import { describe, expect, it } from 'vitest'
import { settingsTable, toYaml } from '../../src/config/explain.ts'
import { editDistance, nearest } from '../../src/config/nearest.ts'
import { fromYaml } from '../../src/config/overrides.ts'
import { presets } from '../../src/config/presets/index.ts'
import { sections, settings } from '../../src/config/settings.ts'

describe('settings explain themselves', () => {
  it('each has one sentence of meaning, and every number of steps, images or distance its unit', () => {
    for (const { path, doc, unit } of settings.values()) {
      expect(doc, path).toMatch(/^\S.{8,120}[.]$/u)
      expect(doc, path).not.toContain('\n')
      if (/\.(\w*[sS]teps|noise|epsilon|stepSize|size)$/.test(path)) expect(unit, path).toBeTruthy()
    }
    for (const { path, doc } of sections.values()) expect(doc, path).toMatch(/\.$/)
  })

  it('the table has each setting with its default, once', () => {
    const table = settingsTable()
    for (const { path } of settings.values()) expect(table.split(`  ${path}=`).length, path).toBe(2)
    expect(table).toContain('  attack.epsilon=12.75/255 ')
    expect(table).toContain('[pixel units]')
    expect(table).toContain('(linf | l2)')
  })

  it("the table of a preset has the preset's values", () => {
    expect(settingsTable({ values: presets['robust-jem'].quick })).toContain('  attack.epsilon=4/255 ')
  })

  it('lines keep to the width', () => {
    for (const width of [90, 120]) {
      for (const line of settingsTable({ width }).split('\n')) expect(line.length, line).toBeLessThanOrEqual(width)
    }
  })
})

describe('a configuration as YAML', () => {
  it.each(Object.entries(presets['robust-jem']))('%s comes back as it was', (_, config) => {
    expect(fromYaml(toYaml(config))).toEqual(config)
  })

  it('has the meaning and the unit beside each setting', () => {
    const lines = toYaml(presets['robust-jem'].paper).split('\n')
    expect(lines).toContain("  epsilon: 12.75/255 # The ball's radius, a number or a fraction (8/255). [pixel units]")
    for (const { path, doc } of settings.values()) {
      const key = path.split('.').at(-1)
      expect(
        lines.some((line) => line.trimStart().startsWith(`${key}: `) && line.includes(`# ${doc}`)),
        path,
      ).toBe(true)
    }
  })
})

describe('the name that somebody meant', () => {
  it('counts letters inserted, deleted, replaced and swapped', () => {
    expect(editDistance('', 'abc')).toBe(3)
    expect(editDistance('abc', 'abc')).toBe(0)
    expect(editDistance('kitten', 'sitting')).toBe(3)
    expect(editDistance('trian', 'train')).toBe(1)
  })

  it('is the closest of the candidates, or none', () => {
    const commands = ['doctor', 'train', 'sample', 'classify']
    expect(nearest('trian', commands)).toBe('train')
    expect(nearest('smaple', commands)).toBe('sample')
    expect(nearest('xyz', commands)).toBeUndefined()
    expect(nearest('', commands)).toBeUndefined()
  })
})
