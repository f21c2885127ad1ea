import { describe, expect, it } from 'vitest'
import { formatDuration } from '../../src/cli/progress.ts'
import { Terminal } from '../../src/cli/terminal.ts'

/** A terminal whose clock stands still until it is moved. */
function terminal(settings: { isTTY?: boolean; columns?: number; quiet?: boolean; json?: boolean } = {}) {
  const { isTTY = false, columns, ...options } = settings
  let [out, err, now] = ['', '', 0]
  const made = new Terminal({
    ...options,
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text), isTTY, ...(columns && { columns }) },
    clock: () => now,
  })
  return { terminal: made, at: (seconds: number) => (now = seconds), out: () => out, err: () => err }
}

/** What a screen shows in the end: each line after its last erasure. */
const screen = (text: string) =>
  text.split('\n').map((line) => line.slice(line.lastIndexOf('\u001b[K') + 1).replace(/^\[K/, ''))

describe('progress without a terminal', () => {
  it('is plain lines at growing intervals, with rate and time left', () => {
    const { terminal: t, at, err } = terminal()
    const progress = t.progress({ label: 'train', unit: 'steps' })
    for (let step = 0; step <= 400; step++) {
      at(step)
      progress.update(2 * step, 1000, { loss: '1.5' })
    }
    const lines = err().trimEnd().split('\n')
    expect(err()).not.toContain('\r')
    expect(lines[0]).toBe('train 20/1000 (2 %)  2.0 steps/s  8:10 left  loss 1.5')
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.length).toBeLessThan(40)
  })

  it('nothing but the last line for what is done in seconds', () => {
    const { terminal: t, at, err } = terminal()
    const progress = t.progress({ label: 'sample', unit: 'images' })
    at(4)
    progress.update(8, 16)
    at(5)
    progress.update(16, 16)
    progress.finish()
    expect(err()).toBe('sample 16 images in 0:05  1.6 images/s\n')
  })

  it('the rate is that of the last half minute, and of this session after a resume', () => {
    const { terminal: t, at, err } = terminal()
    const progress = t.progress({ label: 'train', unit: 'steps' })
    for (let second = 0; second <= 100; second++) {
      at(second)
      progress.update(second < 50 ? 5000 + 10 * second : 5500 + 0.25 * (second - 50), 6000)
    }
    const lines = err().trimEnd().split('\n')
    expect(lines[0]).toContain('10.0 steps/s')
    expect(lines.at(-1)).toContain('4.0 s/step')
    expect(lines.at(-1)).toContain('left')
  })
})

describe('progress on a terminal', () => {
  it('is one line, redrawn at most ten times a second; other lines do not garble it', () => {
    const { terminal: t, at, out, err } = terminal({ isTTY: true, columns: 60 })
    const progress = t.progress({ label: 'train', unit: 'steps' })
    for (let step = 0; step <= 1000; step++) {
      at(step / 1000)
      progress.update(step, 2000)
    }
    expect(err().split('\r').length).toBeLessThan(13)
    t.note('saved a checkpoint')
    t.print('a result')
    expect(screen(err())[0]).toBe('saved a checkpoint')
    expect(screen(err())[1]).toMatch(/^train \d+\/2000/)
    expect(out()).toBe('a result\n')
    progress.finish()
    expect(screen(err())).toEqual(['saved a checkpoint', 'train 1000 steps in 0:01  1000 steps/s', ''])
  })

  it('is never wider than the screen', () => {
    const { terminal: t, err } = terminal({ isTTY: true, columns: 20 })
    t.progress({ label: 'a very long label', unit: 'steps' }).update(1, 2, { field: 'with a long value' })
    expect(screen(err())[0]).toBe('a very long label …')
  })
})

describe('what is said where', () => {
  it('results on stdout, as text or as JSON; notes and warnings on stderr', () => {
    const text = terminal()
    text.terminal.result({ a: 1 }, 'a is 1')
    text.terminal.note('note')
    text.terminal.warn('warning')
    expect([text.out(), text.err()]).toEqual(['a is 1\n', 'note\nwarning\n'])
    const json = terminal({ json: true })
    json.terminal.result({ a: 1 }, 'a is 1')
    expect(JSON.parse(json.out())).toEqual({ a: 1 })
  })

  it('--quiet leaves warnings; listeners, such as a log file, hear everything', () => {
    const { terminal: t, err, at } = terminal({ quiet: true, isTTY: true })
    const heard: string[] = []
    const stop = t.onLine((line) => heard.push(line))
    t.note('note')
    t.warn('warning')
    const progress = t.progress({ label: 'train', unit: 'steps' })
    at(1)
    progress.update(1, 2)
    progress.finish()
    stop()
    t.warn('later')
    expect(err()).toBe('warning\nlater\n')
    expect(heard).toEqual(['note', 'warning', 'train 1 steps in 0:01'])
  })

  it('durations read as clocks do', () => {
    expect([0, 59.6, 75, 3725].map(formatDuration)).toEqual(['0:00', '1:00', '1:15', '1:02:05'])
  })
})
