/** A run directory: made once, never overwritten, locked while in use, readable without us. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { type MetricsRecord, metricsLine, RUN_FILES } from '@robust-jem/formats'
import { UserError } from '../errors.ts'
import { makeFolder, unmakeFolder } from '../folders.ts'
import { MODEL_FILES } from '../models/model-file.ts'

const LOCK = 'lock'
/** The locks that this process has. */
const heldHere = new Set<string>()

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

/** runs/2026-11-23-robust-jem-quick-001: the first number of the day that is free. */
export function newRunPath(parent: string, name: string, today: Date): string {
  const prefix = `${today.toISOString().slice(0, 10)}-${name}-`
  const taken = existsSync(parent) ? readdirSync(parent).filter((entry) => entry.startsWith(prefix)) : []
  const last = Math.max(0, ...taken.map((entry) => Number(entry.slice(prefix.length))).filter(Number.isInteger))
  return join(parent, prefix + String(last + 1).padStart(3, '0'))
}

export class RunDirectory {
  readonly path: string
  readonly #lock: string
  #held = false
  #begun = true
  /** The outermost folder that was made for the run. */
  #made: string | undefined

  private constructor(path: string) {
    this.path = path
    this.#lock = join(path, LOCK)
  }

  /**
   * Makes the directory, locked; until `begin` is called, `release` removes it again. Throws a UserError where it exists
   * with something in it, or cannot be made.
   */
  static create(path: string): RunDirectory {
    const run = new RunDirectory(path)
    try {
      run.#clearStillborn()
      if (existsSync(path) && readdirSync(path).length > 0) {
        throw new UserError(
          'run-exists',
          `${path} is not empty, and runs are never overwritten. Name another --out, or go on with: robust-jem train --resume ${path}`,
          { path },
        )
      }
      run.#made = makeFolder(path)
      run.#take()
      run.#begun = false
      return run
    } catch (error) {
      unmakeFolder(path, run.#made)
      if (error instanceof UserError || codeOf(error) === 'ENOSPC') throw error
      throw new UserError(
        'run-unwritable',
        `The run directory ${path} cannot be made (${codeOf(error)}). Name another place with --out.`,
        { path, cause: error },
      )
    }
  }

  /** Opens a run to go on with it, locked. Throws a UserError where there is none or another process has it. */
  static open(path: string): RunDirectory {
    if (!existsSync(join(path, RUN_FILES.config))) {
      throw new UserError(
        'run-missing',
        `${path} is no run directory: it has no ${RUN_FILES.config}. Name the folder that train printed.`,
        { path },
      )
    }
    const run = new RunDirectory(path)
    run.#take()
    run.#cutHalfLine(run.file('metrics'))
    return run
  }

  file(name: keyof typeof RUN_FILES): string {
    return join(this.path, RUN_FILES[name])
  }

  /** Appends a record to metrics.jsonl. */
  record(record: MetricsRecord): void {
    appendFileSync(this.file('metrics'), metricsLine(record))
  }

  /** Appends a line to log.txt. One that cannot be written stops nothing: the terminal has it. */
  log(line: string): void {
    try {
      appendFileSync(this.file('log'), `${line}\n`)
    } catch {}
  }

  /** From now on the directory holds what a resume needs. */
  begin(): void {
    this.#begun = true
  }

  /** Unlocks the directory. One that was made and has not begun is removed. */
  release(): void {
    if (!this.#held) return
    this.#held = false
    heldHere.delete(resolve(this.#lock))
    if (!this.#begun) {
      for (const name of readdirSync(this.path)) rmSync(join(this.path, name), { recursive: true, force: true })
      unmakeFolder(this.path, this.#made)
    }
    rmSync(this.#lock, { force: true })
  }

  /** What a process that was killed before the run began has left: nothing that a resume could go on with. */
  #clearStillborn(): void {
    if (!existsSync(this.#lock) || existsSync(this.file('config')) || this.#owner().alive) return
    for (const name of [LOCK, RUN_FILES.log, RUN_FILES.environment, RUN_FILES.config, MODEL_FILES.gaussians])
      for (const part of ['', '.part']) rmSync(join(this.path, name + part), { force: true })
  }

  /** The process that the lock names. Of one on another machine nobody knows whether it is alive. */
  #owner(): { name: string; alive: boolean } {
    const [pid, host] = readFileSync(this.#lock, 'utf8').split(' ')
    const name = host ? `process ${pid} on ${host}` : 'another process'
    const own = Number(pid) === process.pid // a container that starts again gives its processes the same numbers
    return { name, alive: host !== hostname() || (own ? heldHere.has(resolve(this.#lock)) : isAlive(Number(pid))) }
  }

  #take(): void {
    let file: number
    try {
      file = openSync(this.#lock, 'wx')
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      const owner = this.#owner()
      if (!owner.alive) {
        rmSync(this.#lock, { force: true }) // left behind by a process that was killed
        this.#take()
        return
      }
      throw new UserError(
        'run-locked',
        `${this.path} is in use by ${owner.name}. Wait for it, or remove ${this.#lock} if it is gone.`,
        { path: this.path },
      )
    }
    try {
      writeSync(file, `${process.pid} ${hostname()}`)
      this.#held = true
      heldHere.add(resolve(this.#lock))
    } catch (error) {
      rmSync(this.#lock, { force: true })
      throw error
    } finally {
      closeSync(file)
    }
  }

  /** What was killed while it wrote leaves half a line, which the next record must not be glued to. */
  #cutHalfLine(path: string): void {
    if (!existsSync(path)) return
    const text = readFileSync(path)
    const end = text.lastIndexOf(0x0a) + 1
    if (end === text.length) return
    truncateSync(path, end)
    const file = openSync(path, 'r+')
    fsyncSync(file)
    closeSync(file)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
