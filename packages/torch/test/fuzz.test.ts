import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiled } from './compiled.ts'

const calls = 10_000
let build: ReturnType<typeof compiled>
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
beforeAll(() => {
  build = compiled()
}, 60_000)
afterAll(() => {
  build.remove()
  rmSync(folder, { recursive: true })
})

/** How the process ended, and the call that it was in. */
function fuzz(seed: number): Promise<{ end: string; output: string; call: string }> {
  const log = join(folder, `${seed}`)
  const child = fileURLToPath(new URL('./fuzz-child.mjs', import.meta.url))
  const env = { ...process.env, OMP_NUM_THREADS: '1' }
  const running = spawn(process.execPath, ['--no-warnings', child, build.url, `${seed}`, `${calls}`, log], { env })
  let output = ''
  for (const stream of [running.stdout, running.stderr]) {
    stream.on('data', (text) => {
      output += text
    })
  }
  return new Promise((resolve) => {
    running.on('close', (code, signal) => {
      resolve({ end: signal ?? `code ${code}`, output, call: readFileSync(log, 'utf8').split('\n')[0] ?? '' })
    })
  })
}

describe(`${calls} random calls, right and wrong`, () => {
  it('give results or Errors: the process lives, and no tensor is left over', { timeout: 300_000 }, async () => {
    const { end, output, call } = await fuzz(1)
    expect(end, `${output.slice(-2000)}\nin ${call}`).toBe('code 0')
    const { results, errors } = JSON.parse(output.trim().split('\n').at(-1)!)
    expect(results + errors).toBe(calls)
    expect(results).toBeGreaterThan(calls / 4)
    expect(errors).toBeGreaterThan(calls / 4)
  })
})
