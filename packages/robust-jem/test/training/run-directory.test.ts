import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseMetrics } from '@robust-jem/formats'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newRunPath, RunDirectory } from '../../src/training/run-directory.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'robust-jem-run-'))
})
afterEach(() => rmSync(parent, { recursive: true }))

/** A process id that nobody has: Linux gives none above 2^22. */
const nobody = 2 ** 22 + 1
const event = { kind: 'event', step: 1, seconds: 0, event: 'resumed', message: 'x' } as const

/** A run that was begun and let go. */
function begun(): string {
  const path = join(parent, 'run')
  const run = RunDirectory.create(path)
  writeFileSync(run.file('config'), 'seed: 0\n')
  run.begin()
  run.release()
  return path
}

describe('the name of a new run', () => {
  it('is the day, what it is, and the first number after those of the day', () => {
    const day = new Date('2026-11-23T12:00:00Z')
    const path = () => newRunPath(parent, 'robust-jem-quick', day)
    expect(path()).toBe(join(parent, '2026-11-23-robust-jem-quick-001'))
    for (const number of ['001', '007', 'copy']) mkdirSync(join(parent, `2026-11-23-robust-jem-quick-${number}`))
    expect(path()).toBe(join(parent, '2026-11-23-robust-jem-quick-008'))
    expect(newRunPath(join(parent, 'none'), 'x', day)).toBe(join(parent, 'none', '2026-11-23-x-001'))
  })
})

describe('a run directory', () => {
  it('is made with the folders above it, and locked', () => {
    const run = RunDirectory.create(join(parent, 'a', 'b'))
    expect(readFileSync(join(parent, 'a', 'b', 'lock'), 'utf8')).toBe(`${process.pid} ${hostname()}`)
    run.begin()
    run.release()
    expect(readdirSync(join(parent, 'a', 'b'))).toEqual([])
  })

  it('from which nothing came leaves nothing: neither itself nor the folders made for it', () => {
    const run = RunDirectory.create(relative(process.cwd(), join(parent, 'a', 'b')))
    run.log('a line')
    run.release()
    run.release()
    expect(readdirSync(parent)).toEqual([])
  })

  it('… but a folder that was there, and what others have put beside it', () => {
    mkdirSync(join(parent, 'empty'))
    const inEmpty = RunDirectory.create(join(parent, 'empty'))
    inEmpty.log('a line')
    inEmpty.release()
    expect(readdirSync(join(parent, 'empty'))).toEqual([])
    const beside = RunDirectory.create(join(parent, 'runs', '1'))
    const other = RunDirectory.create(join(parent, 'runs', '2'))
    beside.release()
    expect(readdirSync(join(parent, 'runs'))).toEqual(['2'])
    other.release()
  })

  it('in which a killed process had not begun is made anew; what others have put there stays', () => {
    const path = join(parent, 'killed')
    mkdirSync(path)
    const left = () => {
      writeFileSync(join(path, 'lock'), `${nobody} ${hostname()}`)
      writeFileSync(join(path, 'log.txt'), 'a line')
      writeFileSync(join(path, 'class-gaussians.safetensors.part'), 'half')
    }
    left()
    RunDirectory.create(path).release()
    left()
    writeFileSync(join(path, 'note.txt'), 'mine')
    expect(() => RunDirectory.create(path)).toThrow(`${path} is not empty`)
    expect(readFileSync(join(path, 'note.txt'), 'utf8')).toBe('mine')
  })

  it('is never overwritten', () => {
    writeFileSync(join(parent, 'note.txt'), 'mine')
    expect(() => RunDirectory.create(parent)).toThrow(
      `${parent} is not empty, and runs are never overwritten. Name another --out, or go on with: robust-jem train --resume ${parent}`,
    )
    expect(readdirSync(parent)).toEqual(['note.txt'])
  })

  it('that cannot be made is said, with the reason', () => {
    writeFileSync(join(parent, 'file'), '')
    expect(() => RunDirectory.create(join(parent, 'file'))).toThrow('cannot be made (ENOTDIR). Name another place')
    expect(() => RunDirectory.create(join(parent, 'file', 'run'))).toThrow('cannot be made (ENOTDIR).')
    expect(readdirSync(parent)).toEqual(['file'])
  })

  it('is opened only where there is one', () => {
    expect(() => RunDirectory.open(parent)).toThrow(`${parent} is no run directory: it has no config.yaml.`)
    expect(readdirSync(parent)).toEqual([])
  })
})

describe('the lock', () => {
  it('of a living process is respected', () => {
    const path = begun()
    const lock = join(path, 'lock')
    writeFileSync(lock, `${process.ppid} ${hostname()}`)
    expect(() => RunDirectory.open(path)).toThrow(
      `${path} is in use by process ${process.ppid} on ${hostname()}. Wait for it, or remove ${lock} if it is gone.`,
    )
    expect(existsSync(lock)).toBe(true)
  })

  it('of this very process is respected while it holds it, and not that of an earlier one of the same number', () => {
    const path = begun()
    writeFileSync(join(path, 'lock'), `${process.pid} ${hostname()}`)
    const run = RunDirectory.open(path)
    expect(() => RunDirectory.open(path)).toThrow(`is in use by process ${process.pid}`)
    run.release()
  })

  it('of another machine is respected, and so is one that says nothing', () => {
    const path = begun()
    for (const [owner, said] of [
      [`${nobody} another-machine`, `process ${nobody} on another-machine`],
      ['', 'another process'],
    ] as const) {
      writeFileSync(join(path, 'lock'), owner)
      expect(() => RunDirectory.open(path)).toThrow(`${path} is in use by ${said}.`)
      expect(readFileSync(join(path, 'lock'), 'utf8')).toBe(owner)
    }
  })

  it('left behind by a process that was killed is taken over', () => {
    const path = begun()
    writeFileSync(join(path, 'lock'), `${nobody} ${hostname()}`)
    const run = RunDirectory.open(path)
    expect(readFileSync(join(path, 'lock'), 'utf8')).toBe(`${process.pid} ${hostname()}`)
    run.release()
    expect(readdirSync(path)).toEqual(['config.yaml'])
  })
})

describe('the metrics', () => {
  it('are a line a record; half a line of a process that was killed is cut off', () => {
    const path = begun()
    const run = RunDirectory.open(path)
    run.record(event)
    run.release()
    writeFileSync(join(path, 'metrics.jsonl'), '{"kind":"ev', { flag: 'a' })
    const again = RunDirectory.open(path)
    again.record({ ...event, step: 2 })
    again.release()
    expect(parseMetrics(readFileSync(join(path, 'metrics.jsonl'), 'utf8'))).toEqual([event, { ...event, step: 2 }])
  })

  it('a log that cannot be written stops nothing', () => {
    const path = begun()
    const run = RunDirectory.open(path)
    mkdirSync(run.file('log'))
    run.log('a line')
    run.release()
  })
})
