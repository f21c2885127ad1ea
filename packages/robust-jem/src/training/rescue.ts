/** What follows on a divergence: back to the last good checkpoint, a new stream of chains, a gentler step. */
import { join } from 'node:path'
import { stepOfDirectoryName } from '@robust-jem/formats'
import { Generator } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { checkpointsIn, loadCheckpoint, setCheckpointAside } from './checkpoint.ts'
import type { Training } from './loop.ts'
import { initialState } from './state.ts'

/**
 * Takes the state of a diverged training back, in place, to its newest checkpoint that is older than the guard's window (what
 * is younger may already be ill, and is set aside, as is the one that it diverges from again where there is an older one), or
 * to its beginning. Save it afterwards, or a resumed run would diverge once more. False where it has gone back too often already.
 */
export async function rescue({ config, train, state }: Training, checkpoints: string): Promise<boolean> {
  const { retries, gentler, window } = config.guard
  if (state.rescues >= retries) return false
  const { rescues, returnedTo, gentleness, step, seconds } = state
  const fresh = initialState(config, train, state.network.classOutput.weight.device)
  const names = checkpointsIn(checkpoints)
  for (const [i, name] of names.entries()) {
    const path = join(checkpoints, name)
    const saved = stepOfDirectoryName(name)!
    if (saved > step - window || (saved === returnedTo && i + 1 < names.length)) {
      setCheckpointAside(path, 'diverged')
      continue
    }
    try {
      await loadCheckpoint(path, fresh, config.buffer)
      break
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'checkpoint-damaged') throw error
      setCheckpointAside(path, 'damaged')
    }
  }
  const { device } = fresh.streams.chain
  fresh.streams.chain = new Generator(config.seed).split(`chain after ${rescues + 1} divergences`, device)
  Object.assign(state, fresh, {
    rescues: rescues + 1,
    returnedTo: fresh.step,
    gentleness: gentleness * gentler,
    seconds,
  })
  return true
}
