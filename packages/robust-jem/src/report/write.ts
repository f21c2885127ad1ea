import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../folders.ts'

/** Writes beside `path`, syncs and renames: the file is there whole or not at all. Makes the folder where it is missing. */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  makeFolder(dirname(path))
  const aside = `${path}.part`
  try {
    const file = openSync(aside, 'w')
    try {
      writeFileSync(file, content)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(aside, path)
  } catch (error) {
    rmSync(aside, { force: true })
    throw Object.assign(error as Error, { path }) // a full disk does not say where
  }
}
