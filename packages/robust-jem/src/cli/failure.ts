/** What an error says to the user: one line, or one for each wrong setting, and an exit code. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../errors.ts'

export interface Failure {
  message: string
  exitCode: 1 | 2
}

export function failureOf(error: unknown): Failure {
  if (error instanceof UserError) return { message: error.message, exitCode: error.exitCode }
  const known = ofFileSystem(error) ?? ofMemory(error) ?? ofInstallation(error)
  if (known !== undefined) return { message: known, exitCode: 1 }
  const fact = error instanceof Error ? `${error.name}: ${firstLine(error.message)}` : `thrown: ${String(error)}`
  return {
    message: `${fact} – this is a bug in robust-jem. Please report it with what ROBUST_JEM_DEBUG=1 adds.`,
    exitCode: 1,
  }
}

/** The stack, for ROBUST_JEM_DEBUG=1. */
export const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

const firstLine = (text: string): string => text.split('\n')[0] ?? ''

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error

function ofFileSystem(error: unknown): string | undefined {
  if (!isSystemError(error))
    return error instanceof Error && error.cause !== undefined ? ofFileSystem(error.cause) : undefined
  const { code, path } = error
  // A rename or a write to an open file may not say its path.
  const what = path ?? 'A file'
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk is full: ${path ?? 'a file'} could not be written whole. Free some space and run the command again.`
    case 'EACCES':
    case 'EPERM':
      return `${what} may not be read or written by this user. Change its permissions or name another place.`
    case 'EROFS':
      return `${what} lies on a file system that can only be read. Name another place.`
    case 'ENOENT': {
      const folder = path && dirname(path)
      if (folder && !existsSync(folder)) return `The folder ${folder} does not exist. Create it, or name another place.`
      return `${what} does not exist. Check the name.`
    }
    case 'ENOTDIR':
    case 'EEXIST':
      return `${what} leads through a file that is no folder. Name another place.`
    case 'EISDIR':
      return `${what} is a folder where a file is wanted. Name another place.`
    case 'EMFILE':
      return 'Too many files are open. Raise the limit (ulimit -n) and run the command again.'
    default:
      return undefined
  }
}

/** libtorch's own words for memory that is not there. */
function ofMemory(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const remedy = 'Take smaller batches (train: --set optimizer.batchSize=N) or a smaller network.'
  if (/CUDA out of memory/.test(error.message)) return `The GPU's memory is full. ${remedy}`
  if (/can't allocate memory|std::bad_alloc/.test(error.message)) return `The memory is full. ${remedy}`
  return undefined
}

/** A package that an import line names and that is not there. */
function ofInstallation(error: unknown): string | undefined {
  if ((error as NodeJS.ErrnoException)?.code !== 'ERR_MODULE_NOT_FOUND') return undefined
  return `A part of robust-jem is not installed (${firstLine((error as Error).message)}). Run npm install, then npm run setup.`
}
