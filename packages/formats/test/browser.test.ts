import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const source = new URL('../src/', import.meta.url)

describe('the package in a browser', () => {
  it.each(readdirSync(source))('%s needs nothing of Node', (name) => {
    const text = readFileSync(new URL(name, source), 'utf8')
    const imports = [...text.matchAll(/from '([^']+)'/g)].map((match) => match[1]!)
    expect(
      imports.filter((path) => !/^(\.\/[a-z-]+\.ts|fast-png|fflate|zod|protobufjs\/light\.js)$/.test(path)),
    ).toEqual([])
    expect(text).not.toMatch(/\b(Buffer\.|process\.|require\(|import\()/)
  })
})
