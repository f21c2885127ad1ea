import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { Terminal } from '../../src/cli/terminal.ts'
import { holding } from '../../src/cli/training/held.ts'
import { watchedDownload } from '../../src/cli/watched-download.ts'
import { RunDirectory } from '../../src/training/run-directory.ts'

const folder = mkdtempSync(join(tmpdir(), 'robust-jem-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())
const terminal = new Terminal({ quiet: true, err: { write: () => {} } })

describe('Ctrl-C during the download that a training begins with', () => {
  it('ends the process only when the download has cleared away', async () => {
    const order: string[] = []
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      order.push(`exit ${code}`)
      return undefined as never
    })
    const path = join(folder, 'run')
    await holding(
      () => RunDirectory.create(path),
      terminal,
      () =>
        watchedDownload(terminal, async ({ signal }) => {
          process.emit('SIGINT', 'SIGINT')
          expect(signal.aborted).toBe(true)
          await setTimeout(1)
          order.push('cleared')
        }),
    )
    expect(order).toEqual(['cleared', 'exit 130'])
    expect(existsSync(path)).toBe(false)
  })

  it('ends it at once the second time, and the run is given back all the same', async () => {
    const path = join(folder, 'twice')
    const atExit = process.listeners('exit')
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      for (const listener of process.listeners('exit')) if (!atExit.includes(listener)) listener(Number(code))
      throw new Error(`exit ${code}`)
    })
    const held = holding(
      () => RunDirectory.create(path),
      terminal,
      () =>
        watchedDownload(terminal, async () => {
          process.emit('SIGTERM', 'SIGTERM')
          expect(existsSync(path)).toBe(true)
          expect(() => process.emit('SIGTERM', 'SIGTERM')).toThrow('exit 143')
          expect(existsSync(path)).toBe(false)
        }),
    )
    await expect(held).rejects.toThrow('exit 143')
  })

  it('is answered by those who listened before once it is over', async () => {
    const heard = vi.fn()
    process.on('SIGTERM', heard)
    try {
      await watchedDownload(terminal, async () => {})
      process.emit('SIGTERM', 'SIGTERM')
      expect(heard).toHaveBeenCalledTimes(1)
    } finally {
      process.off('SIGTERM', heard)
    }
  })
})
