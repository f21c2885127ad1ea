/** The names inside a run directory, so that writers and readers agree. */

export const RUN_FILES = {
  /** The resolved configuration, complete. */
  config: 'config.yaml',
  /** Versions, device, command line and seed. */
  environment: 'environment.json',
  /** One record a line: see metrics.ts. */
  metrics: 'metrics.jsonl',
  /** What the terminal showed, without colour. */
  log: 'log.txt',
  /** A directory with one directory a checkpoint: see stepDirectoryName. */
  checkpoints: 'checkpoints',
  /** A directory of pictures. */
  samples: 'samples',
} as const

/** The directory of the checkpoint after `step` optimiser steps: `step-004000`, with more digits from a million on. */
export function stepDirectoryName(step: number): string {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new Error(`A checkpoint can't be of step ${step}. Give a whole number of at least 0.`)
  }
  return `step-${String(step).padStart(6, '0')}`
}

/** The step of a checkpoint's directory name; undefined for every other name, `step-004000.part` for one. */
export function stepOfDirectoryName(name: string): number | undefined {
  const step = Number(/^step-(\d{6,16})$/.exec(name)?.[1])
  return Number.isSafeInteger(step) && stepDirectoryName(step) === name ? step : undefined
}
