/** Results go to stdout; notes, warnings and progress to stderr, where a redrawn line and whole lines do not garble each other. */
import { Progress, type ProgressOptions } from './progress.ts'

export interface Output {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

export interface TerminalOptions {
  out?: Output
  err?: Output
  json?: boolean
  quiet?: boolean
  /** Seconds, for rates. */
  clock?: () => number
}

const eraseLine = '\r\u001b[K'

export class Terminal {
  readonly json: boolean
  readonly quiet: boolean
  /** Whether a line on stderr can be redrawn. */
  readonly redraws: boolean
  readonly #out: Output
  readonly #err: Output
  readonly #clock: () => number
  readonly #listeners = new Set<(line: string) => void>()
  #status = ''

  constructor({
    out = process.stdout,
    err = process.stderr,
    json = false,
    quiet = false,
    clock,
  }: TerminalOptions = {}) {
    this.#out = out
    this.#err = err
    this.json = json
    this.quiet = quiet
    this.redraws = err.isTTY === true && process.env.TERM !== 'dumb'
    this.#clock = clock ?? (() => performance.now() / 1000)
  }

  /** Width for help and tables on stdout. */
  get width(): number {
    return Math.min(this.#out.columns ?? 100, 120)
  }

  /** A result, on stdout: the data with --json, else the text. */
  result(data: unknown, text: string): void {
    this.print(this.json ? JSON.stringify(data, null, 2) : text)
  }

  /** Text on stdout. */
  print(text: string): void {
    // Both may be the same screen.
    this.#around(() => this.#out.write(`${text}\n`))
  }

  /** A line on stderr; not shown with --quiet. */
  note(line: string): void {
    if (!this.quiet) this.#line(line)
    this.#tell(line)
  }

  /** A line on stderr that --quiet does not hide. */
  warn(line: string): void {
    this.#line(line)
    this.#tell(line)
  }

  /** Hears each note and warning, hidden ones too; returns how to stop it. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A line that tells how far something is; call its `finish` at the end. */
  progress(options: ProgressOptions): Progress {
    const show = (line: string) => this.#setStatus(line)
    const say = (line: string) => this.note(line)
    return new Progress(options, { redraws: this.redraws, show, say, clock: this.#clock })
  }

  #line(line: string): void {
    this.#around(() => this.#err.write(`${line}\n`))
  }

  #tell(line: string): void {
    for (const listener of this.#listeners) listener(line)
  }

  #around(write: () => void): void {
    if (this.#status) this.#err.write(eraseLine)
    write()
    if (this.#status) this.#err.write(this.#status)
  }

  #setStatus(line: string): void {
    if (this.quiet) return
    const columns = this.#err.columns || 80
    const characters = [...line]
    this.#status = characters.length < columns ? line : `${characters.slice(0, columns - 2).join('')}…`
    this.#err.write(eraseLine + this.#status)
  }
}
