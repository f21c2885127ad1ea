// Finds libtorch's headers and libraries, in this order: LIBTORCH (a folder with include/ and lib/), the active Python's
// torch, the system's packages. Nothing is downloaded and Python never imports torch, so the search takes milliseconds.
//   node scripts/find-libtorch.mjs   prints "origin;root;include;lib;version" for CMake; exits 1 where there is none
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const oldestVersion = '1.13'
const systemRoots = ['/usr/local', '/usr', '/opt/homebrew']
const library = process.platform === 'darwin' ? 'libtorch_cpu.dylib' : 'libtorch_cpu.so'
const processor = { x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch

/** @typedef {{ origin: 'LIBTORCH' | 'Python' | 'system', root: string, include: string, lib: string, version: string }} Libtorch */

/** Debian keeps libraries in lib/x86_64-linux-gnu, Fedora in lib64. */
function libraryFolders(root) {
  const lib = join(root, 'lib')
  const multiarch = existsSync(lib) ? readdirSync(lib).filter((name) => name.startsWith(`${processor}-linux`)) : []
  return [lib, join(root, 'lib64'), ...multiarch.map((name) => join(lib, name))]
}

function versionOf(include) {
  // Newer ones keep it beside the headers that need no libtorch at all.
  for (const path of ['torch/headeronly/version.h', 'torch/csrc/api/include/torch/version.h']) {
    const file = join(include, path)
    const version =
      existsSync(file) && /^#define TORCH_VERSION\b[\s\\]*"([^"]+)"/m.exec(readFileSync(file, 'utf8'))?.[1]
    if (version) return version
  }
  return undefined
}

/** @returns {Libtorch | undefined} undefined where `root` lacks the headers or the library */
function libtorchAt(root, origin) {
  const include = join(root, 'include')
  const lib = libraryFolders(root).find((folder) => existsSync(join(folder, library)))
  const version = versionOf(include)
  return lib && version ? { origin, root, include, lib, version } : undefined
}

const libraryOf = (libtorch) => realpathSync(join(libtorch.lib, library))

/** The folders in which the active Python could have libtorch: its torch package, then its prefix (conda). */
function pythonRoots(environment) {
  const question =
    'import importlib.util, sys; spec = importlib.util.find_spec("torch"); ' +
    'print("\\n".join([*(spec.submodule_search_locations or []), sys.prefix] if spec else []))'
  for (const python of ['python3', 'python']) {
    const { status, stdout } = spawnSync(python, ['-c', question], {
      encoding: 'utf8',
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
      windowsHide: true,
    })
    if (status === 0) return stdout.split(/\r?\n/).filter((root) => root && !systemRoots.includes(root))
  }
  return []
}

/**
 * @returns {Libtorch | undefined}
 * @throws where LIBTORCH is set to a folder that has none: the one asked for is never replaced by another
 */
export function findLibtorch(environment = process.env) {
  if (environment.LIBTORCH) {
    const found = libtorchAt(resolve(environment.LIBTORCH), 'LIBTORCH')
    if (found) return found
    throw new Error(
      `LIBTORCH is ${environment.LIBTORCH}, which has no include/torch and lib/${library}. ` +
        'Set it to the folder that holds both, or unset it to search elsewhere.',
    )
  }
  const system = systemRoots.map((root) => libtorchAt(root, 'system')).find((found) => found)
  for (const root of pythonRoots(environment)) {
    const found = libtorchAt(root, 'Python')
    // Debian's python3-torch holds links to the system's own.
    if (found) return system && libraryOf(found) === libraryOf(system) ? system : found
  }
  return system
}

/** Older than 1.13, whose dispatcher this package does not know. */
export function isTooOld(version) {
  const [major, minor] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestVersion.split('.').map(Number)
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const found = findLibtorch()
    if (!found) throw new Error('There is no libtorch here. Install it, or set LIBTORCH to its folder.')
    console.log([found.origin, found.root, found.include, found.lib, found.version].join(';'))
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}
