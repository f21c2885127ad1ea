/** Runs the real command, as built by `tsc -b`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const script = fileURLToPath(new URL('../../bin/robust-jem.js', import.meta.url))

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
  /** Lines of stderr. */
  lines: string[]
}

export interface Surroundings {
  env?: Record<string, string>
  cwd?: string
  /** Close the reading end of stdout before anything is written. */
  deaf?: boolean
  /** Has the process while it runs, to send it a signal. */
  onStart?: (child: ChildProcess) => void
}

export function robustJem(
  words: string[],
  { env = {}, cwd, deaf = false, onStart }: Surroundings = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [script, ...words], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', ROBUST_JEM_DEBUG: '', ROBUST_JEM_DATA: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onStart?.(child)
  let stdout = ''
  let stderr = ''
  if (deaf) child.stdout.destroy()
  else child.stdout.on('data', (text) => (stdout += text))
  child.stderr.on('data', (text) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr, lines: stderr.split('\n').filter(Boolean) }))
  })
}

/** An environment in which native code cannot be loaded, as where it was never built. */
export const withoutEngine = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent('process.dlopen = () => { throw new Error("no native code here") }')}`,
}
