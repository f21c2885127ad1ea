/** A run directory, a device and a training together: begun, or gone on with. */
import { readFileSync } from 'node:fs'
import { parseMetrics } from '@robust-jem/formats'
import type { Config } from '../../config/schema.ts'
import { UserError } from '../../errors.ts'
import { RunDirectory } from '../../training/run-directory.ts'
import type { GlobalValues } from '../command.ts'
import { openDevice } from '../device.ts'
import type { Terminal } from '../terminal.ts'
import { readRun } from './environment.ts'
import { holding } from './held.ts'
import type { TrainResult } from './run.ts'

export interface SessionOptions extends Pick<GlobalValues, 'device' | 'threads'> {
  dataDir: string | undefined
  maxMinutes: number | undefined
}

/** Makes the directory and trains in it. */
export function beginRun(
  path: string,
  config: Config,
  options: SessionOptions,
  terminal: Terminal,
): Promise<TrainResult> {
  return holding(
    () => RunDirectory.create(path),
    terminal,
    async (run, interruption) => {
      const { device, precision } = await openDevice(options, { terminal, precision: config.precision })
      const { startRun } = await import('./run.ts')
      const { dataDir, maxMinutes } = options
      return startRun({ run, config, dataDir, maxMinutes, device, precision, interruption, terminal })
    },
  )
}

/** Goes on with a run on the device, with the dtype and the threads that it began with. */
export function resumeSession(path: string, options: SessionOptions, terminal: Terminal): Promise<TrainResult> {
  return holding(
    () => RunDirectory.open(path),
    terminal,
    async (run, interruption) => {
      const { config, environment } = readRun(path)
      const device = options.device === 'auto' ? (environment.device === 'cpu' ? 'cpu' : 'cuda') : options.device
      const threads = options.threads ?? environment.threads
      const opened = await openDevice({ device, threads }, { terminal, precision: environment.precision })
      if (opened.device !== environment.device)
        throw new UserError(
          'device-differs',
          `${path} began on ${environment.device}, and its random numbers go on only there. Leave out --device.`,
          { exitCode: 2, expected: environment.device, received: opened.device },
        )
      const { resumeRun } = await import('./run.ts')
      const { dataDir } = options
      const maxMinutes = options.maxMinutes ?? environment.maxMinutes ?? undefined
      return resumeRun({ run, config, dataDir, maxMinutes, ...opened, interruption, terminal }, environment)
    },
  )
}

/** Whether the metrics of a run end with its being finished. */
export const isFinished = (metrics: string): boolean => {
  const last = parseMetrics(readFileSync(metrics, 'utf8')).at(-1)
  return last?.kind === 'event' && last.event === 'finished'
}
