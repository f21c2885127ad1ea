// What the native side needs from the system, by the name that each system's package manager gives it.
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** A distribution's name for each thing, and how it installs: { install, sudo, packages }. */
export function packageManager(osRelease) {
  const field = (name) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(osRelease)?.[1] ?? ''
  const family = `${field('ID')} ${field('ID_LIKE')}`.split(' ')
  const is = (...names) => names.some((name) => family.includes(name))
  if (is('debian', 'ubuntu')) {
    return {
      apt: true,
      install: 'apt-get install -y --no-install-recommends',
      // libtorch calls BLAS and LAPACK by their common names; the reference ones are 4 to 15 times slower. OpenBLAS in its
      // OpenMP form shares libtorch's threads and obeys their number.
      packages: {
        compiler: 'g++',
        cmake: 'cmake',
        make: 'make',
        libtorch: 'libtorch-dev',
        blas: 'libopenblas0-openmp',
      },
    }
  }
  if (is('fedora', 'rhel')) {
    return { install: 'dnf install -y', packages: { compiler: 'gcc-c++', cmake: 'cmake', make: 'make' } }
  }
  if (is('arch')) {
    return {
      install: 'pacman -S --needed',
      packages: { compiler: 'gcc', cmake: 'cmake', make: 'make', libtorch: 'python-pytorch' },
    }
  }
  if (is('suse', 'opensuse')) {
    return { install: 'zypper install -y', packages: { compiler: 'gcc-c++', cmake: 'cmake', make: 'make' } }
  }
  return undefined
}

/**
 * The commands that install what is missing, one a line, for a person to type.
 * @param {string[]} missing of 'compiler', 'cmake', 'make', 'libtorch', 'blas'
 */
export function installCommands(missing, { platform, osRelease, isRoot }) {
  const pip = missing.includes('libtorch') ? ['pip install torch   # in an active virtual environment'] : []
  if (platform === 'darwin') {
    return [
      ...(missing.includes('compiler') || missing.includes('make') ? ['xcode-select --install'] : []),
      ...(missing.includes('cmake') ? ['brew install cmake'] : []),
      ...pip,
    ]
  }
  const manager = packageManager(osRelease)
  if (!manager) {
    const tools = missing.filter((name) => name !== 'libtorch' && name !== 'blas')
    return [...(tools.length ? [`# with your system's packages: ${tools.join(', ')}`] : []), ...pip]
  }
  const names = missing.map((name) => manager.packages[name]).filter(Boolean)
  const sudo = isRoot ? '' : 'sudo '
  return [
    ...(names.length ? [`${sudo}${manager.install} ${names.join(' ')}`] : []),
    ...(manager.packages.libtorch ? [] : pip),
  ]
}

/** The system's libblas.so.3 is the reference one, 4 to 15 times slower. */
export function hasSlowBlas(libtorch) {
  const blas = join(libtorch.lib, 'libblas.so.3')
  return libtorch.origin === 'system' && existsSync(blas) && /\/blas\/libblas/.test(realpathSync(blas))
}
