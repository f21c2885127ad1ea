import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeAtomically } from '../../src/report/write.ts'

const folder = mkdtempSync(join(tmpdir(), 'robust-jem-write-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a file is there whole or not at all', () => {
  it('is written with the folders above it, over an older one', () => {
    const path = join(folder, 'a', 'b', 'file.txt')
    writeAtomically(path, 'first')
    writeAtomically(path, Uint8Array.of(1, 2))
    expect([...readFileSync(path)]).toEqual([1, 2])
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['file.txt'])
  })

  it('what fails names the file that was wanted, and leaves the folder as it was', () => {
    const occupied = join(folder, 'occupied')
    mkdirSync(occupied)
    expect(() => writeAtomically(occupied, 'x')).toThrow(expect.objectContaining({ path: occupied }))
    expect(existsSync(`${occupied}.part`)).toBe(false)
    writeFileSync(join(folder, 'file'), '')
    expect(() => writeAtomically(join(folder, 'file', 'x'), 'x')).toThrow(/ENOTDIR|EEXIST/)
    expect(readdirSync(folder).sort()).toEqual(['a', 'file', 'occupied'])
  })
})
