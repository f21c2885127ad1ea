import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isInstalled } from '../../../scripts/setup.mjs'
import { installCommands } from '../../../scripts/system-packages.mjs'
import { findLibtorch, isTooOld } from '../scripts/find-libtorch.mjs'

const checkout = fileURLToPath(new URL('../../..', import.meta.url))
const library = process.platform === 'darwin' ? 'libtorch_cpu.dylib' : 'libtorch_cpu.so'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'robust-jem-setup-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

function command(name: string, script: string): void {
  chmodSync(write(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`), 0o755)
}

/** A folder that has what the search looks for, and nothing else of libtorch. */
function emptyLibtorch(name: string, version: string): string {
  const root = join(folder, name)
  write(
    join(root, 'include/torch/csrc/api/include/torch/version.h'),
    `#define TORCH_VERSION_MAJOR 9\n#define TORCH_VERSION \\\n  "${version}"\n`,
  )
  write(join(root, 'lib', library), '')
  return root
}

describe('the search for libtorch', () => {
  const path = () => join(folder, 'bin')
  const python = (root: string) => command('python3', `echo '${root}'\necho '${folder}/prefix'`)

  it('takes the folder that LIBTORCH names before any other', () => {
    python(emptyLibtorch('site-packages/torch', '2.5.0'))
    const LIBTORCH = emptyLibtorch('mine', '2.6.0')
    expect(findLibtorch({ LIBTORCH, PATH: path() })).toEqual({
      origin: 'LIBTORCH',
      root: LIBTORCH,
      include: join(LIBTORCH, 'include'),
      lib: join(LIBTORCH, 'lib'),
      version: '2.6.0',
    })
  })

  it('never replaces the one that LIBTORCH names', () => {
    python(emptyLibtorch('site-packages/torch', '2.5.0'))
    expect(() => findLibtorch({ LIBTORCH: join(folder, 'elsewhere'), PATH: path() })).toThrow(
      /LIBTORCH is .*elsewhere, which has no include\/torch.*unset it/,
    )
  })

  it("takes the active Python's torch, or its prefix's, before the system's", () => {
    python(emptyLibtorch('site-packages/torch', '2.5.0'))
    expect(findLibtorch({ PATH: path() })).toMatchObject({ origin: 'Python', version: '2.5.0' })
    rmSync(join(folder, 'site-packages'), { recursive: true })
    const prefix = emptyLibtorch('prefix', '2.4.0')
    expect(findLibtorch({ PATH: path() })).toMatchObject({ origin: 'Python', root: prefix })
  })

  it('passes over a Python that fails, has no torch, or has one without headers', () => {
    const system = findLibtorch({ PATH: path() })
    expect([undefined, 'system']).toContain(system?.origin)
    for (const script of ['exit 1', 'true', `echo ${folder}/headerless`]) {
      command('python3', script)
      expect(findLibtorch({ PATH: path() })).toEqual(system)
    }
  })

  it('knows which versions are too old', () => {
    expect(['1.8.1', '1.12.0'].map(isTooOld)).toEqual([true, true])
    expect(['1.13.0', '2.0.0', '2.13.0+cpu'].map(isTooOld)).toEqual([false, false, false])
  })
})

describe('the commands that setup tells to type', () => {
  const everything = ['compiler', 'cmake', 'make', 'libtorch', 'blas']
  const linux = (osRelease: string, isRoot = false) => ({ platform: 'linux', osRelease, isRoot })

  it.each([
    [
      'Debian',
      'ID=debian',
      'sudo apt-get install -y --no-install-recommends g++ cmake make libtorch-dev libopenblas0-openmp',
    ],
    [
      'a relative of Ubuntu',
      'ID=mint\nID_LIKE="ubuntu debian"',
      'sudo apt-get install -y --no-install-recommends g++ cmake make libtorch-dev libopenblas0-openmp',
    ],
    ['Arch', 'ID=arch', 'sudo pacman -S --needed gcc cmake make python-pytorch'],
  ])('on %s', (_, osRelease, line) => {
    expect(installCommands(everything, linux(osRelease))).toEqual([line])
  })

  it('name pip where the system has no libtorch, and sudo only to those who need it', () => {
    const pip = 'pip install torch   # in an active virtual environment'
    expect(installCommands(everything, linux('ID=fedora', true))).toEqual(['dnf install -y gcc-c++ cmake make', pip])
    expect(installCommands(['libtorch'], linux('ID="unheard-of"'))).toEqual([pip])
    expect(installCommands(everything, { platform: 'darwin', osRelease: '', isRoot: false })).toEqual([
      'xcode-select --install',
      'brew install cmake',
      pip,
    ])
  })

  it('name only what is missing', () => {
    expect(installCommands(['cmake'], linux('ID=debian', true))).toEqual([
      'apt-get install -y --no-install-recommends cmake',
    ])
  })
})

describe('node_modules', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/for-another-platform': { version: '1.0.0', optional: true },
    },
  }

  it('are complete without the packages of other platforms', () => {
    expect(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'x' } } })).toBe(true)
  })

  it('are stale where a package is missing or of another version', () => {
    expect(isInstalled(lock, { packages: {} })).toBe(false)
    expect(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.1', integrity: 'y' } } })).toBe(false)
  })
})

describe('setup', () => {
  let project: string
  let LIBTORCH: string
  const built = join(checkout, 'packages/torch/build/torch_node.node')
  const calls = () =>
    existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : []
  const environment = () => ({ PATH: join(folder, 'bin'), LIBTORCH, TMPDIR: folder })
  const record = (name: string) => `echo "${name} $@" >> ${folder}/calls`

  function setup(...options: string[]) {
    rmSync(join(folder, 'calls'), { force: true })
    const { status, stderr } = spawnSync(process.execPath, [...options, join(project, 'scripts/setup.mjs')], {
      encoding: 'utf8',
      env: environment(),
    })
    return { status, stderr, calls: calls() }
  }

  // A project of stubs: the build of `cmake` is a copy of the native side under test.
  const cmake = () => `${record('cmake')}
case "$1" in --build) /bin/cp ${built} "$2/torch_node.node";; esac`

  beforeEach(() => {
    project = join(folder, 'project')
    LIBTORCH = emptyLibtorch('libtorch', '2.6.0')
    for (const path of [
      'scripts/setup.mjs',
      'scripts/system-packages.mjs',
      'packages/torch/scripts/find-libtorch.mjs',
      'packages/torch/scripts/probe.mjs',
    ]) {
      cpSync(join(checkout, path), join(project, path))
    }
    write(join(project, 'package-lock.json'), '{ "packages": { "": {} } }')
    write(join(project, 'node_modules/.package-lock.json'), '{ "packages": {} }')
    write(join(project, 'node_modules/node-addon-api/package.json'), '{}')
    write(join(project, 'node_modules/typescript/bin/tsc'), '')
    write(join(project, 'packages/torch/native/addon.cc'), '// one')
    write(join(project, 'packages/torch/CMakeLists.txt'), '')
    for (const name of ['c++', 'make']) command(name, '')
    command('cmake', cmake())
  })

  it('builds once, and has nothing to do the second time', () => {
    const first = setup()
    expect(first.stderr).toMatch(/Ready: libtorch .* in .*\.\n$/)
    expect(first.status).toBe(0)
    expect(first.calls).toHaveLength(2)
    expect(first.calls[1]).toMatch(/^cmake --build .* -j [1-9]/)
    const second = setup()
    expect(second).toMatchObject({ status: 0, calls: [] })
    expect(second.stderr).not.toContain('Compiling')
    expect(first.stderr.endsWith(second.stderr)).toBe(true)
  })

  it('builds again where a source changed, from scratch where libtorch did', () => {
    setup()
    const leftover = write(join(project, 'packages/torch/build/addon.o'), '')
    write(join(project, 'packages/torch/native/addon.cc'), '// two')
    expect(setup().calls).toHaveLength(2)
    expect(existsSync(leftover)).toBe(true)
    LIBTORCH = emptyLibtorch('another', '2.6.0')
    expect(setup().calls).toHaveLength(2)
    expect(existsSync(leftover)).toBe(false)
  })

  it('says what failed and where its output is, and tries again the next time', () => {
    command('cmake', `${record('cmake')}\necho "CMake Error: no such thing" >&2\nexit 3`)
    const failed = setup()
    expect(failed.status).toBe(1)
    const [, log] = /failed \(3\); its output is in (\S+)\. Correct/.exec(failed.stderr) ?? []
    expect(failed.stderr).toContain('  CMake Error: no such thing')
    expect(readFileSync(log ?? '', 'utf8')).toContain('no such thing')
    command('cmake', cmake())
    expect(setup()).toMatchObject({ status: 0, calls: { length: 2 } })
  })

  it('can be interrupted, and goes on from there', async () => {
    command('cmake', `${record('cmake')}\n/bin/sleep 60`)
    const child = spawn(process.execPath, [join(project, 'scripts/setup.mjs')], { env: environment() })
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    while (calls().length === 0) await new Promise((done) => setTimeout(done, 20))
    child.kill('SIGINT')
    expect(await new Promise((done) => child.on('close', done))).toBe(130)
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^Compiling/),
      'Stopped; the next run goes on from here.',
    ])
    command('cmake', cmake())
    expect(setup()).toMatchObject({ status: 0, calls: { length: 2 } })
  })

  it('installs the packages of the lock file where node_modules are stale', () => {
    write(join(project, 'package-lock.json'), '{ "packages": { "node_modules/a": { "version": "1.0.0" } } }')
    command('npm', record('npm'))
    LIBTORCH = emptyLibtorch('old', '1.8.1') // ends there
    expect(setup().calls[0]).toBe('npm ci --include=dev --ignore-scripts --no-audit --no-fund')
  })

  it('refuses a libtorch that is too old and a Node that is too old', () => {
    LIBTORCH = emptyLibtorch('old', '1.8.1')
    const { status, stderr } = setup()
    expect(status).toBe(1)
    expect(stderr).toMatch(/libtorch 1\.8\.1 in .* is too old: 1\.13 is the oldest that works\. Install/)
    const node = setup(
      '--import',
      'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"18.19.0"})',
    )
    expect(node.status).toBe(1)
    expect(node.stderr).toBe('This is Node 18.19.0, and 20.12 is the oldest that works. Install Node 20 or newer.\n')
  })

  it('stops where the TypeScript does not compile', () => {
    write(join(project, 'node_modules/typescript/bin/tsc'), 'console.log("a.ts(1,1): error TS1: no"); process.exit(1)')
    const { status, stderr } = setup()
    expect(status).toBe(1)
    expect(stderr).toContain('  a.ts(1,1): error TS1: no')
  })
})
