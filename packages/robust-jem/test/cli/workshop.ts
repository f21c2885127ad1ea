/** A folder in which commands train and draw: two classes of 32 × 32 images, a cache, and no words from outside. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng } from '@robust-jem/formats'
import { Generator } from '@robust-jem/torch'
import { afterAll } from 'vitest'
import { buildNetwork, MODEL_FILES, saveModel } from '../../src/models/model-file.ts'
import { classNames, descriptionOf, smallConfig, smallGaussians, smallSettings } from '../training/small-training.ts'
import { type Outcome, robustJem, type Surroundings } from './robust-jem.ts'

export const smallOptions = smallSettings.flatMap((setting) => ['--set', setting])

export interface Workshop {
  /** Where commands run. */
  folder: string
  /** Runs a command there, on one thread unless `OMP_NUM_THREADS` is given. */
  run(words: string[], surroundings?: Surroundings): Promise<Outcome>
  /** Runs a command that must succeed, with --json; gives its result. */
  result(...words: string[]): Promise<Record<string, unknown>>
}

/** It is removed after the tests of the file. */
export function workshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'robust-jem-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const env = { XDG_CACHE_HOME: join(folder, 'cache'), OMP_NUM_THREADS: '1' }
  const run: Workshop['run'] = (words, surroundings = {}) =>
    robustJem(words, { cwd: folder, ...surroundings, env: { ...env, ...surroundings.env } })
  const result: Workshop['result'] = async (...words) => {
    const { code, stdout, stderr } = await run([...words, '--json', '--quiet'])
    if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
    return JSON.parse(stdout)
  }
  return { folder, run, result }
}

/** DIR/cat/00.png …, DIR/dog/…: twelve of each. */
export function writeClassFolders(directory: string): void {
  for (const [c, name] of classNames.entries()) {
    mkdirSync(join(directory, name), { recursive: true })
    for (let i = 0; i < 12; i++) {
      const data = Uint8Array.from({ length: 3 * 32 * 32 }, (_, j) => (c * 100 + i * 7 + j * 13) % 256)
      writeFileSync(
        join(directory, name, `${String(i).padStart(2, '0')}.png`),
        encodePng({ width: 32, height: 32, data }),
      )
    }
  }
}

/** A folder with an untrained model: raw and averaged weights, and class Gaussians. */
export function writeModel(path: string): void {
  mkdirSync(path, { recursive: true })
  const config = smallConfig()
  for (const [seed, weights] of [
    [1, 'raw'],
    [2, 'ema'],
  ] as const) {
    const network = buildNetwork(config, classNames.length, new Generator(seed))
    saveModel(join(path, MODEL_FILES[weights]), network.stateDict(), descriptionOf(config), weights)
  }
  smallGaussians().save(join(path, MODEL_FILES.gaussians))
}
