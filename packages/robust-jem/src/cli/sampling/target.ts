/** Where samples go: what the user's path means, and whether anything can be written there. */
import { closeSync, openSync, readdirSync, rmSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { UserError } from '../../errors.ts'

export interface SampleTarget {
  kind: 'picture' | 'film' | 'npz' | 'folder'
  path: string
}

/** What the user's path means. Throws a UserError where it cannot be or cannot be written, before anything is computed. */
export function targetOf(path: string, film: boolean): SampleTarget {
  const usage = (message: string) => new UserError('usage', message, { exitCode: 2, path })
  const extension = extname(path)
  const existing = found(path)
  if (film && extension !== '.png') throw usage(`A film is one picture, but --out is ${path}. Name a .png file.`)
  if (extension === '.png' || extension === '.npz') {
    if (existing?.isDirectory())
      throw usage(`--out ${path} is a folder. Name a file, or a folder without ${extension}.`)
    probe(path)
    return { kind: extension === '.npz' ? 'npz' : film ? 'film' : 'picture', path }
  }
  if (extension !== '')
    throw usage(`--out ${path}: nothing is known to write into ${extension}. Name a .png, an .npz or a folder.`)
  if (existing && !existing.isDirectory()) throw usage(`--out ${path} is a file. Name a .png, an .npz or a folder.`)
  if (existing && readdirSync(path).length > 0) {
    throw new UserError(
      'out-not-empty',
      `The folder ${path} is not empty, and samples are not mixed with other files. Name another --out.`,
      { path },
    )
  }
  probe(join(path, 'sample'))
  return { kind: 'folder', path }
}

/** What is there, if anything; below a file there is nothing. */
function found(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Tries to write a file in the nearest folder that is there; leaves nothing behind. */
function probe(path: string): void {
  let folder = dirname(path)
  try {
    while (!found(folder)) folder = dirname(folder)
    const file = join(folder, `.${basename(path)}.part`)
    closeSync(openSync(file, 'wx'))
    rmSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code === 'ENOSPC') throw Object.assign(error as Error, { path })
    throw new UserError('out-unwritable', `Nothing can be written to ${path} (${code}). Name another --out.`, {
      path,
      received: code,
    })
  }
}
