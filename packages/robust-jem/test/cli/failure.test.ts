import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineCommand } from '../../src/cli/command.ts'
import { failureOf } from '../../src/cli/failure.ts'
import { main } from '../../src/cli/main.ts'
import { UserError } from '../../src/errors.ts'

const thrown = (what: () => void): unknown => {
  try {
    what()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}
const systemError = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: something`), { code, syscall: 'open', ...(path && { path }) })

describe('errors of the file system are said in clear lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'robust-jem-failure-'))
  const message = (error: unknown) => failureOf(error).message

  it('a folder that is missing', () => {
    const path = join(folder, 'missing', 'out.png')
    expect(message(thrown(() => writeFileSync(path, '')))).toBe(
      `The folder ${join(folder, 'missing')} does not exist. Create it, or name another place.`,
    )
  })

  it('a file that is missing, a file as a folder, a folder as a file', () => {
    expect(message(systemError('ENOENT', join(folder, 'a')))).toBe(
      `${join(folder, 'a')} does not exist. Check the name.`,
    )
    expect(message(thrown(() => writeFileSync(folder, '')))).toContain('is a folder where a file is wanted')
    writeFileSync(join(folder, 'file'), '')
    expect(message(thrown(() => writeFileSync(join(folder, 'file', 'x'), '')))).toContain(
      'leads through a file that is no folder',
    )
  })

  it('a full disk, no permission, a read-only file system', () => {
    expect(message(systemError('ENOSPC'))).toMatch(
      /^The disk is full: a file could not be written whole\. Free some space/,
    )
    expect(message(systemError('EACCES', '/x'))).toMatch(/^\/x may not be read or written by this user\./)
    expect(message(systemError('EROFS', '/x'))).toMatch(/^\/x lies on a file system that can only be read\./)
  })

  it('also where another error wraps it', () => {
    expect(message(new Error('could not save', { cause: systemError('ENOSPC', '/x') }))).toMatch(
      /^The disk is full: \/x/,
    )
  })
})

describe('how a command ends', () => {
  afterEach(() => vi.unstubAllEnvs())

  const ending = async (error: unknown) => {
    const failing = defineCommand({
      description: '',
      arguments: {},
      options: {},
      examples: [],
      run: () => Promise.reject(error),
    })
    let err = ''
    const outputs = { out: { write: () => {} }, err: { write: (text: string) => (err += text) } }
    const code = await main(['fail'], { table: { fail: { summary: '', load: async () => failing } }, ...outputs })
    return { code, lines: err.trimEnd().split('\n') }
  }

  it('what the user can mend: its own line and exit code', async () => {
    expect(await ending(new UserError('x', 'The run is locked. Stop the other training.'))).toEqual({
      code: 1,
      lines: ['robust-jem: The run is locked. Stop the other training.'],
    })
    expect((await ending(new UserError('x', 'Wrong.', { exitCode: 2 }))).code).toBe(2)
  })

  it('anything else: one line that calls it a bug, exit code 1; the stack with ROBUST_JEM_DEBUG=1', async () => {
    vi.stubEnv('ROBUST_JEM_DEBUG', '')
    const error = new TypeError('x is undefined\nand more')
    const { code, lines } = await ending(error)
    expect(code).toBe(1)
    expect(lines).toEqual([
      'robust-jem: TypeError: x is undefined – this is a bug in robust-jem. Please report it with what ROBUST_JEM_DEBUG=1 adds.',
    ])
    vi.stubEnv('ROBUST_JEM_DEBUG', '1')
    expect((await ending(error)).lines.join('\n')).toContain('failure.test.ts')
  })

  it('memory that is not there is no bug', async () => {
    const { lines } = await ending(
      new Error("aten::conv2d: [enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
    )
    expect(lines).toEqual([expect.stringMatching(/^robust-jem: The memory is full\. Take smaller batches/)])
    expect((await ending(new Error('CUDA out of memory. Tried'))).lines[0]).toContain("The GPU's memory is full.")
  })

  it('a package that is missing is no bug', async () => {
    const error = Object.assign(new Error("Cannot find package 'zod' imported from x"), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
    expect((await ending(error)).lines).toEqual([
      "robust-jem: A part of robust-jem is not installed (Cannot find package 'zod' imported from x). Run npm install, then npm run setup.",
    ])
  })

  it('what is thrown need not be an error', async () => {
    expect((await ending('nothing')).lines[0]).toContain('thrown: nothing')
  })
})
