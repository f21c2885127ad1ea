/** A download that the user sees and can stop. */
import { constants } from 'node:os'
import type { Transfer } from '../data/download.ts'
import { endingSignals } from './signals.ts'
import type { Terminal } from './terminal.ts'

/**
 * Shows a download's megabytes on the terminal. Ctrl-C and its like stop it, and end the process when it has cleared away; the
 * second time at once. Until then no other listener hears them.
 */
export async function watchedDownload<T>(
  terminal: Terminal,
  body: (watch: Required<Pick<Transfer, 'onProgress' | 'signal'>>) => Promise<T>,
): Promise<T> {
  const progress = terminal.progress({ label: 'download', unit: 'MB' })
  const stop = new AbortController()
  let received: NodeJS.Signals | undefined
  const codeOf = (signal: NodeJS.Signals) => 128 + constants.signals[signal]
  const onSignal = (signal: NodeJS.Signals) => {
    if (received !== undefined) process.exit(codeOf(signal))
    received = signal
    stop.abort()
  }
  const others = endingSignals.map((signal) => process.listeners(signal) as NodeJS.SignalsListener[])
  for (const signal of endingSignals) process.removeAllListeners(signal).on(signal, onSignal)
  try {
    return await body({
      onProgress: (done, total) => progress.update(Math.floor(done / 1e6), Math.ceil((total ?? 0) / 1e6)),
      signal: stop.signal,
    })
  } finally {
    for (const [i, signal] of endingSignals.entries()) {
      process.off(signal, onSignal)
      for (const listener of others[i]!) process.on(signal, listener)
    }
    progress.clear()
    if (received !== undefined) {
      terminal.warn('Stopped; nothing was kept.')
      process.exit(codeOf(received))
    }
  }
}
