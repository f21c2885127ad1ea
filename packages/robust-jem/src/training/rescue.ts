/** What follows on a divergence: back to the last good checkpoint, a new stream of chains, a gentler step. */
import { join } from 'node:path'
import { stepOfDirectoryName } from '@robust-jem/formats'
import { Generator } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { checkpointsIn, loadCheckpoint, setCheckpointAside } from './checkpoint.ts'
import type { Training } from './loop.ts'
import { initialState } from './state.ts'

const stepOf = (name: string): number => stepOfDirectoryName(name)!

/**
 * Takes the state of a diverged training back, in place, to its newest checkpoint that is older than the guard's window, since
 * what is younger may already be ill, or to its beginning; a second time to the same checkpoint only where no older one can be
 * read. Those that are newer than where it went are set aside. Save it afterwards, or a resumed run would diverge once more.
 * False where it has gone back too often already.
 */
export async function rescue(
  { config, train, state }: Training,
  checkpoints: string,
  onDamaged?: (aside: string) => void,
): Promise<boolean> {
  const { retries, gentler, window } = config.guard
  if (state.rescues >= retries) return false
  const { rescues, returnedTo, gentleness, step, seconds } = state
  const fresh = initialState(config, train, state.network.classOutput.weight.device)
  const names = checkpointsIn(checkpoints)
  const triedBefore = names.filter((name) => stepOf(name) === returnedTo)
  const old = names.filter((name) => stepOf(name) <= step - window && !triedBefore.includes(name))
  let taken = -1
  for (const name of [...old, ...triedBefore]) {
    try {
      await loadCheckpoint(join(checkpoints, name), fresh, config.buffer)
      taken = stepOf(name)
      break
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'checkpoint-damaged') throw error
      const aside = setCheckpointAside(join(checkpoints, name), 'damaged')
      onDamaged?.(aside)
    }
  }
  for (const name of checkpointsIn(checkpoints))
    if (stepOf(name) > taken) setCheckpointAside(join(checkpoints, name), 'diverged')
  const { device } = fresh.streams.chain
  fresh.streams.chain = new Generator(config.seed).split(`chain after ${rescues + 1} divergences`, device)
  Object.assign(state, fresh, {
    rescues: rescues + 1,
    returnedTo: fresh.step,
    gentleness: gentleness * gentler,
    seconds,
    ...(fresh.step === 0 && { begunAt: seconds }),
  })
  return true
}
