// Makes a fresh clone ready: npm's packages, compiler and libtorch, the native side, the compiled TypeScript.
//   node scripts/setup.mjs            does what is still to do; under a second when nothing is
//   node scripts/setup.mjs --rebuild  compiles the native side from scratch
// Plain Node, because it runs before node_modules exists. Whatever was interrupted is done again by the next run: the
// stamp that says "built" is written last.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, constants, freemem, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findLibtorch, isTooOld, oldestVersion } from '../packages/torch/scripts/find-libtorch.mjs'
import { hasSlowBlas, installCommands, packageManager } from './system-packages.mjs'

const project = fileURLToPath(new URL('..', import.meta.url))
const torch = join(project, 'packages/torch')
const build = join(torch, 'build')
const stampFile = join(build, 'setup.json')
const oldestNode = '20.12'

const say = (line) => process.stderr.write(`${line}\n`)

// ---- Commands

let logs
const running = new Set()
let stopping = false

/** Runs a command with its output in a log file, and says where that is when it fails. */
async function run(name, command, args, { remedy, environment = {} }) {
  logs ??= mkdtempSync(join(tmpdir(), 'robust-jem-setup-'))
  const log = join(logs, `${name}.log`)
  const output = openSync(log, 'a')
  const code = await new Promise((done) => {
    const child = spawn(command, args, {
      cwd: project,
      env: { ...process.env, ...environment },
      stdio: ['ignore', output, output],
      detached: true, // a group of its own, so that what it started in turn stops with it
    })
    running.add(child)
    child
      .on('close', () => running.delete(child))
      .on('error', () => done(127))
      .on('close', (status, signal) => done(status ?? signal))
  })
  closeSync(output)
  if (stopping) await new Promise(() => {}) // the process ends in stop()
  if (code === 0) return readFileSync(log, 'utf8')
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  const telling = lines.filter((line) => /\berror\b/i.test(line)).slice(0, 20)
  for (const line of telling.length ? telling : lines.slice(-20)) say(`  ${line}`)
  throw new Error(`\`${[command, ...args].join(' ')}\` failed (${code}); its output is in ${log}. ${remedy}`)
}

function isOnPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder && existsSync(join(folder, command)))
}

// ---- npm's packages

/** node_modules holds what the lock file asks for; packages for other platforms may be missing. */
export function isInstalled(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    const found = installed.packages[path]
    if (path === '') return true
    return found ? found.version === wanted.version && found.integrity === wanted.integrity : wanted.optional
  })
}

async function installPackages() {
  const read = (path) => JSON.parse(readFileSync(join(project, path), 'utf8'))
  const installed = 'node_modules/.package-lock.json'
  if (existsSync(join(project, installed)) && isInstalled(read('package-lock.json'), read(installed))) return
  say('Installing the packages of package-lock.json (npm ci) ...')
  await run(
    'npm',
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      remedy:
        'Check the connection to the npm registry; where a package.json has changed, run "npm install". Then run this again.',
    },
  )
}

// ---- Compiler, CMake, libtorch

function missingTools() {
  const compilers = [process.env.CXX, 'c++', 'g++', 'clang++'].filter(Boolean)
  return [
    ...(compilers.some((name) => isOnPath(name) || existsSync(name)) ? [] : ['compiler']),
    ...(isOnPath('cmake') ? [] : ['cmake']),
    ...(isOnPath('make') || isOnPath('ninja') ? [] : ['make']),
  ]
}

async function aptInstall(packages) {
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  const lists = '/var/lib/apt/lists'
  const update = () =>
    run('apt', 'apt-get', [...wait, 'update'], { environment, remedy: "Check the connection to Debian's packages." })
  const install = () =>
    run('apt', 'apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...packages], {
      environment,
      remedy: 'Install these yourself, or set LIBTORCH to the folder of a libtorch, then run this again.',
    })
  if (!existsSync(lists) || !readdirSync(lists).some((name) => name.includes('_Packages'))) await update()
  await install()
}

async function ensureLibtorch(libtorch, tools) {
  const missing = [...tools]
  if (!libtorch) missing.push('libtorch', 'blas')
  else if (hasSlowBlas(libtorch)) missing.push('blas')
  if (missing.length === 0) return libtorch

  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  const isRoot = process.getuid?.() === 0
  const manager = process.platform === 'linux' ? packageManager(osRelease) : undefined
  const commands = installCommands(missing, { platform: process.platform, osRelease, isRoot })
  const onlySlow = missing.every((name) => name === 'blas')
  if (manager?.apt && isRoot) {
    const packages = missing.map((name) => manager.packages[name])
    say(`Installing ${packages.join(' ')} (apt-get) ...`)
    await aptInstall(packages).catch((error) => {
      if (!onlySlow) throw error
    })
    const found = findLibtorch()
    if (found) return found
  } else if (onlySlow) {
    say(`The system's BLAS is the reference one, 4 to 15 times slower than OpenBLAS: ${commands.join('; ')}`)
    return libtorch
  }
  const things = { compiler: 'a C++17 compiler', cmake: 'CMake', make: 'make', libtorch: 'libtorch' }
  const names = missing.filter((name) => things[name]).map((name) => things[name])
  throw new Error(
    `This machine lacks ${names.join(', ')}. Install with the following, then run this again` +
      `${missing.includes('libtorch') ? ' (or set LIBTORCH to the folder of a libtorch, with include/ and lib/)' : ''}:\n` +
      commands.map((command) => `  ${command}`).join('\n'),
  )
}

// ---- The native side

/** One that was replaced in place, at the same path and version, counts as another. */
function identityOf(libtorch) {
  const library = readdirSync(libtorch.lib).find((name) => /^libtorch_cpu\.(so|dylib)$/.test(name))
  const { size, mtimeMs } = statSync(join(libtorch.lib, library))
  return { ...libtorch, size, mtimeMs, folder: torch }
}

function nativeKey(identity) {
  const hash = createHash('sha256').update(JSON.stringify([identity, process.env.CXX, process.env.CXXFLAGS]))
  const sources = readdirSync(join(torch, 'native'), { recursive: true }).map((name) => join('native', name))
  for (const name of [...sources, 'CMakeLists.txt', '../../node_modules/node-addon-api/package.json'].sort()) {
    const path = join(torch, name)
    if (statSync(path).isFile()) hash.update(name).update(readFileSync(path))
  }
  return hash.digest('hex')
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    return {}
  }
}

function writeStamp(stamp) {
  writeFileSync(`${stampFile}.part`, `${JSON.stringify(stamp, null, 2)}\n`)
  renameSync(`${stampFile}.part`, stampFile)
}

async function buildNative(libtorch, rebuild) {
  const identity = identityOf(libtorch)
  const key = nativeKey(identity)
  const stamp = readStamp()
  if (!rebuild && stamp.key === key && existsSync(join(build, 'torch_node.node'))) return stamp.loaded

  // A compile takes up to 1.5 GB.
  const memory = process.availableMemory?.() ?? freemem()
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(memory / 1.5e9)))
  say(
    `Compiling the native side against libtorch ${libtorch.version} in ${libtorch.lib}, ${jobs} at a time, a minute or two ...`,
  )
  if (rebuild || JSON.stringify(stamp.identity) !== JSON.stringify(identity))
    rmSync(build, { recursive: true, force: true })
  mkdirSync(build, { recursive: true })
  writeStamp({ identity })
  const remedy = 'Correct what it names, then run "node scripts/setup.mjs --rebuild".'
  // Whole, since CMake runs in another folder than this one.
  const environment = libtorch.origin === 'LIBTORCH' ? { LIBTORCH: libtorch.root } : {}
  await run('cmake', 'cmake', ['-S', torch, '-B', build, '-DCMAKE_BUILD_TYPE=Release'], { remedy, environment })
  await run('compile', 'cmake', ['--build', build, '-j', String(jobs)], { remedy })
  const probe = [join(torch, 'scripts/probe.mjs'), join(build, 'torch_node.node')]
  const output = await run('load', process.execPath, probe, {
    remedy: `The libtorch in ${libtorch.lib} does not load; install another, or set LIBTORCH to its folder.`,
  })
  const loaded = JSON.parse(/^\{.*\}$/m.exec(output)[0])
  writeStamp({ identity, loaded, key })
  return loaded
}

// ---- The compiled TypeScript

async function compileTypeScript() {
  const packages = readdirSync(join(project, 'packages')).map((name) => join(project, 'packages', name))
  for (const folder of packages) {
    // tsc believes its notes: where they are left and dist/ is gone, it would write nothing.
    if (!existsSync(join(folder, 'dist'))) rmSync(join(folder, 'tsconfig.tsbuildinfo'), { force: true })
  }
  await run('tsc', process.execPath, [join(project, 'node_modules/typescript/bin/tsc'), '-b'], {
    remedy: 'Correct the lines that it names, then run this again.',
  })
}

// ---- All of it

async function setup(rebuild) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestNode.split('.').map(Number)
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Error(
      `This is Node ${process.versions.node}, and ${oldestNode} is the oldest that works. Install Node 20 or newer.`,
    )
  }
  if (process.platform === 'win32') {
    throw new Error(
      'The native side is not built for Windows itself. Use the Windows Subsystem for Linux: "wsl --install -d Debian", then run this in it.',
    )
  }
  await installPackages()
  const compiled = compileTypeScript()
  compiled.catch(() => {})
  const libtorch = await ensureLibtorch(findLibtorch(), missingTools())
  if (isTooOld(libtorch.version)) {
    throw new Error(
      `libtorch ${libtorch.version} in ${libtorch.lib} is too old: ${oldestVersion} is the oldest that works. Install PyTorch 2 ("pip install torch"), or set LIBTORCH to the folder of a newer one.`,
    )
  }
  const { libtorch: version, origin, path } = await buildNative(libtorch, rebuild)
  await compiled
  const found = { LIBTORCH: 'set by LIBTORCH', Python: "the active Python's", system: "the system's" }[origin]
  say(`Ready: libtorch ${version} (${found}) in ${path}.`)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const stop = async (code) => {
    stopping = true
    const children = [...running].filter((child) => child.pid)
    const ended = Promise.all(children.map((child) => new Promise((done) => child.on('close', done))))
    for (const child of children) {
      try {
        process.kill(-child.pid, 'SIGTERM')
      } catch {
        // it ended by itself
      }
    }
    await Promise.race([ended, new Promise((done) => setTimeout(done, 5000))])
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      say('Stopped; the next run goes on from here.')
      stop(128 + constants.signals[signal])
    })
  }
  const unknown = process.argv.slice(2).find((argument) => argument !== '--rebuild')
  if (unknown) {
    say(`setup has no option "${unknown}". Run it as "node scripts/setup.mjs [--rebuild]".`)
    process.exit(2)
  }
  try {
    await setup(process.argv.includes('--rebuild'))
    rmSync(logs, { recursive: true, force: true })
  } catch (error) {
    say(error.message)
    await stop(1)
  }
}
