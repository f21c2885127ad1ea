/** A Python process that serves PyTorch's steps on request (pytorch/step.py). */
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('pytorch/step.py', import.meta.url))

/** The first Python whose torch imports. */
function findPython() {
  const tried = [process.env.ROBUST_JEM_PYTHON, 'python3', '/usr/bin/python3'].filter(Boolean)
  const found = tried.find((python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0)
  if (!found)
    throw new Error(
      `No Python with PyTorch (tried ${tried.join(', ')}). Install Debian's python3-torch, or set ROBUST_JEM_PYTHON to a Python that has it.`,
    )
  return found
}

/** { request(message): its answer, close() }. `threads` holds for its whole life. */
export function startPytorch(threads) {
  const env = { ...process.env, OMP_NUM_THREADS: String(threads) }
  const child = spawn(findPython(), [script], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting = []
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)))
  child.on('close', (code) => {
    const last = errors.trim().split('\n').at(-1)
    for (const { reject } of waiting.splice(0)) reject(new Error(`The PyTorch script ended with ${code}: ${last}`))
  })
  child.stdin.on('error', () => {}) // the close above says why
  return {
    request: (message) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify(message)}\n`)
      }),
    close: () => child.stdin.end(),
  }
}
