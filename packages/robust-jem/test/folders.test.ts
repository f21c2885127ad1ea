import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, unmakeFolder } from '../src/folders.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'robust-jem-folders-'))
})
afterEach(() => rmSync(parent, { recursive: true }))

describe('a folder', () => {
  it('is made with those above it; the outermost one that was made is told', () => {
    expect(makeFolder(relative(process.cwd(), join(parent, 'a', 'b', 'c')))).toBe(join(parent, 'a'))
    expect(makeFolder(join(parent, 'a', 'b', 'd'))).toBe(join(parent, 'a', 'b', 'd'))
    expect(makeFolder(join(parent, 'a'))).toBeUndefined()
  })

  it('that cannot be made is an error of the file system', () => {
    writeFileSync(join(parent, 'file'), '')
    expect(() => makeFolder(join(parent, 'file'))).toThrow('EEXIST')
    expect(() => makeFolder(join(parent, 'file', 'x', 'y'))).toThrow('ENOTDIR')
  })

  it.runIf(existsSync('/proc/self'))('also in /proc, where none can be made', () => {
    expect(() => makeFolder('/proc/none/x')).toThrow('ENOENT')
  })

  it('is taken back as far as it is empty', () => {
    const path = join(parent, 'a', 'b', 'c')
    const made = makeFolder(path)
    mkdirSync(join(parent, 'a', 'other'))
    unmakeFolder(path, made)
    expect(readdirSync(parent, { recursive: true })).toEqual(['a', 'a/other'])
    unmakeFolder(join(parent, 'a', 'other'), undefined)
    expect(readdirSync(join(parent, 'a'))).toEqual(['other'])
  })
})
