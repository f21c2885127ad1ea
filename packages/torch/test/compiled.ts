import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The package compiled into a temporary folder, for child processes and workers, which read JavaScript only. */
export function compiled(): { url: string; folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'torch-compiled-'))
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const off = ['composite', 'declaration', 'sourceMap'].flatMap((option) => [`--${option}`, 'false'])
  execFileSync(process.execPath, [tsc, '-p', root, ...off, '--outDir', join(folder, 'dist')], { stdio: 'pipe' })
  symlinkSync(join(root, 'build'), join(folder, 'build'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return {
    url: pathToFileURL(join(folder, 'dist/index.js')).href,
    folder,
    remove: () => rmSync(folder, { recursive: true }),
  }
}
