/** Folders that come and go with what is written into them. */
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and those above it; returns the outermost one that was made, or undefined where it was there. Throws the
 * file system's own error: Node's `recursive` hides it, and never returns where a folder as in /proc takes none.
 */
export function makeFolder(path: string): string | undefined {
  const folder = resolve(path)
  const parent = dirname(folder)
  const made = parent === folder || existsSync(parent) ? undefined : makeFolder(parent)
  try {
    mkdirSync(folder)
    return made ?? folder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !existsSync(`${folder}/.`)) throw error
    return made
  }
}

/** Takes back what `makeFolder` made, as far as it is empty: others may have put something into it since. */
export function unmakeFolder(path: string, made: string | undefined): void {
  if (made === undefined) return
  try {
    for (let folder = resolve(path); folder.startsWith(made); folder = dirname(folder)) rmdirSync(folder)
  } catch {}
}
