/** How far something is, how fast it goes, and how long it still takes. */

export interface ProgressOptions {
  /** What is under way: 'train'. */
  label: string
  /** What is counted, in the plural: 'steps'. */
  unit: string
}

/** Shown after the count: `{ loss: '1.23', acc: '45 %' }`. */
export type ProgressFields = Readonly<Record<string, string | number>>

export interface ProgressDisplay {
  /** A line can be redrawn; otherwise whole lines are said now and then. */
  redraws: boolean
  show(line: string): void
  say(line: string): void
  /** Seconds. */
  clock(): number
}

const redrawSeconds = 0.1
/** The rate is that of the last half minute, so that it follows phases of different speed. */
const rateWindow = 30

/** 75 as '1:15', 3725 as '1:02:05'. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** '12.5 steps/s', or for slow ones '4.2 s/step'. */
function formatRate(rate: number, unit: string): string {
  if (rate >= 1) return `${rate >= 100 ? Math.round(rate) : rate.toFixed(1)} ${unit}/s`
  return `${(1 / rate).toFixed(1)} s/${unit.replace(/s$/, '')}`
}

export class Progress {
  readonly #options: ProgressOptions
  readonly #display: ProgressDisplay
  readonly #began: number
  #first: number | undefined
  #samples: { at: number; done: number }[] = []
  #state = { done: 0, total: 0, fields: {} as ProgressFields }
  #next: number

  constructor(options: ProgressOptions, display: ProgressDisplay) {
    this.#options = options
    this.#display = display
    this.#began = display.clock()
    this.#next = this.#began + (display.redraws ? 0 : 10)
  }

  /** `done` of `total` (which may change; 0 where unknown). The first call tells where the count begins, after a resume for one. */
  update(done: number, total: number, fields: ProgressFields = {}): void {
    const at = this.#display.clock()
    this.#first ??= done
    this.#state = { done, total, fields }
    if (at - (this.#samples.at(-1)?.at ?? -Infinity) >= 0.5) this.#samples.push({ at, done })
    while (this.#samples.length > 2 && at - this.#samples[1]!.at >= rateWindow) this.#samples.shift()
    if (at < this.#next) return
    if (this.#display.redraws) {
      this.#next = at + redrawSeconds
      this.#display.show(this.#line(at))
    } else {
      this.#next = at + Math.min(300, Math.max(10, (at - this.#began) / 10))
      this.#display.say(this.#line(at))
    }
  }

  /** Takes the line away and says what was done in which time. */
  finish(): void {
    const seconds = this.#display.clock() - this.#began
    const { label, unit } = this.#options
    const { done, fields } = this.#state
    const count = done - Math.min(this.#first ?? 0, done)
    if (this.#display.redraws) this.#display.show('')
    const rate = count > 0 && seconds > 0 ? [formatRate(count / seconds, unit)] : []
    this.#display.say([`${label} ${done} ${unit} in ${formatDuration(seconds)}`, ...rate, ...shown(fields)].join('  '))
  }

  /** Takes the line away and says nothing. */
  clear(): void {
    if (this.#display.redraws) this.#display.show('')
  }

  #line(at: number): string {
    const { label, unit } = this.#options
    const { done, total, fields } = this.#state
    const oldest = this.#samples[0]!
    const rate = at > oldest.at ? (done - oldest.done) / (at - oldest.at) : 0
    const parts = [total > 0 ? `${label} ${done}/${total} (${Math.floor((100 * done) / total)} %)` : `${label} ${done}`]
    if (rate > 0) parts.push(formatRate(rate, unit))
    if (rate > 0 && total > done) parts.push(`${formatDuration((total - done) / rate)} left`)
    return [...parts, ...shown(fields)].join('  ')
  }
}

const shown = (fields: ProgressFields): string[] => Object.entries(fields).map(([name, value]) => `${name} ${value}`)
