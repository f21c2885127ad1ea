/** A run directory while a command works on it: its log hears the terminal, Ctrl-C is answered, the lock is given back. */
import { constants } from 'node:os'
import type { RunDirectory } from '../../training/run-directory.ts'
import { endingSignals } from '../signals.ts'
import type { Terminal } from '../terminal.ts'

export interface Interruption {
  /** Whether the training should end after this step. */
  asked: boolean
  /** Whether there is a training that can; until then a signal ends the process. */
  canSave: boolean
}

/** Signals to end ask a training to save and end; before it began, and the second time, they end the process at once. */
export async function holding<T>(
  open: () => RunDirectory,
  terminal: Terminal,
  body: (run: RunDirectory, interruption: Interruption) => Promise<T>,
): Promise<T> {
  let run: RunDirectory | undefined
  const stopListening = terminal.onLine((line) => run?.log(line))
  const interruption: Interruption = { asked: false, canSave: false }
  const onSignal = (signal: NodeJS.Signals) => {
    if (interruption.canSave && !interruption.asked) {
      interruption.asked = true
      terminal.warn('Finishing the step and saving; once more to stop at once.')
      return
    }
    terminal.warn('Stopped; nothing more was saved.')
    process.exit(128 + constants.signals[signal])
  }
  const release = () => run?.release()
  process.on('exit', release)
  for (const signal of endingSignals) process.on(signal, onSignal)
  try {
    run = open() // signals are answered already, so that none leaves a lock behind
    return await body(run, interruption)
  } finally {
    for (const signal of endingSignals) process.off(signal, onSignal)
    process.off('exit', release)
    stopListening()
    release()
  }
}
