/** What `doctor` finds out about a machine. */
import { accessSync, constants } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type * as Torch from '@robust-jem/torch'
import type { Device, Dtype } from '@robust-jem/torch'
import { type DataLocation, locateData } from '../data/locate.ts'
import { UserError } from '../errors.ts'
import type { GlobalValues } from './command.ts'
import { chooseDevice, loadEngine } from './device.ts'
import { version } from './version.ts'

export interface Diagnosis {
  canTrain: boolean
  /** Each keeps training from running: one sentence of fact, one of remedy. */
  problems: string[]
  versions: { robustJem: string; node: string; platform: string }
  engine: {
    libtorch: string
    /** Which search found it: 'LIBTORCH', 'Python', 'system'. */
    origin: string
    path: string
    instructionSet: string
    bfloat16Units: boolean
    threads: number
    cudaDevices: number
  } | null
  /** The device that --device names; null where there is none. */
  device: Device | null
  /** Of a small convolution, in 10⁹ multiplications and additions a second: a rough guide. null: the device cannot do it. */
  speed: { dtype: Dtype; gigaflops: number | null }[]
  processor: { model: string; cores: number }
  /** Bytes. */
  memory: { total: number; free: number }
  /** Bytes, where runs are written. */
  disk: { path: string; free: number }
  data: DataLocation | null
  /** What training does where no images were found. */
  imagesInstead: string
  /** What to type next. */
  next: string[]
}

/** Checkpoints of the small presets, three at a time while one is written. */
const leastDisk = 0.5e9

export async function diagnose({
  dataDir,
  device: wanted,
  threads,
}: Pick<GlobalValues, 'device' | 'threads'> & { dataDir: string | undefined }): Promise<Diagnosis> {
  const problems: string[] = []
  /** Notes what a UserError says and goes on. */
  const attempt = async <T>(what: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await what()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(error.message)
      return null
    }
  }
  const torch = await attempt(loadEngine)
  if (torch && threads !== undefined) torch.setThreads(threads)
  const device = torch && (await attempt(() => chooseDevice(torch, wanted)))
  const speed = torch && device ? measure(torch, device) : []
  if (speed.some(({ dtype, gigaflops }) => dtype === 'float32' && gigaflops === null)) {
    problems.push(`libtorch cannot compute a convolution on ${device}. Install another libtorch and run npm run setup.`)
  }
  const data = (await attempt(() => locateData({ dir: dataDir }))) ?? null

  const path = process.cwd()
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  if (free < leastDisk) {
    problems.push(
      `Only ${(free / 1e9).toFixed(1)} GB of disk are free in ${path}. Free some, or change to another folder.`,
    )
  }
  if (!isWritable(path))
    problems.push(`The folder ${path} may not be written. Change to another, or name one with --out.`)

  const canTrain = problems.length === 0
  return {
    canTrain,
    problems,
    versions: { robustJem: version(), node: process.versions.node, platform: `${process.platform} ${process.arch}` },
    engine: torch && {
      ...torch.versions(),
      instructionSet: torch.instructionSet(),
      bfloat16Units: torch.hasBfloat16Units(),
      threads: torch.getThreads(),
      cudaDevices: torch.cuda.deviceCount(),
    },
    device,
    speed,
    processor: { model: cpus()[0]?.model.trim() ?? 'unknown', cores: torch?.physicalCores() ?? availableParallelism() },
    memory: { total: totalmem(), free: freemem() },
    disk: { path, free },
    data,
    imagesInstead: 'none here: training downloads CIFAR-10 (170 MB), or draws shapes where there is no network',
    next: nextSteps(canTrain, torch !== null, device, dataDir),
  }
}

function nextSteps(
  canTrain: boolean,
  hasEngine: boolean,
  device: Device | null,
  dataDir: string | undefined,
): string[] {
  if (!hasEngine) return ['npm run setup', 'robust-jem doctor']
  if (!canTrain) return ['robust-jem doctor    (again, once that is mended)']
  const data = dataDir === undefined ? '' : ` --data-dir ${dataDir}`
  return [`robust-jem train robust-jem --preset ${device === 'cpu' ? 'quick' : 'gpu'}${data}`]
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** 3×3 convolutions of 64 to 64 channels on 16 images of 32 × 32, channels-last, for a fifth of a second each dtype. */
function measure(torch: typeof Torch, device: Device): Diagnosis['speed'] {
  const [n, channels, size] = [16, 64, 32]
  const operations = 2 * n * channels * channels * 9 * size * size
  return (['float32', 'bfloat16'] as const).map((dtype) => {
    try {
      const seconds = torch.noGrad(() =>
        torch.scope(() => {
          const ones = (shape: number[]) => torch.ones(shape, { dtype, device }).to({ memoryFormat: 'channels_last' })
          const x = ones([n, channels, size, size])
          const weight = ones([channels, channels, 3, 3])
          return secondsPerCall(() => {
            torch.conv2d(x, weight, { padding: 1 }).dispose()
            if (device !== 'cpu') torch.cuda.synchronize()
          })
        }),
      )
      return { dtype, gigaflops: Math.round(operations / seconds / 1e9) }
    } catch {
      return { dtype, gigaflops: null }
    }
  })
}

/** The fastest of the calls that fit in a fifth of a second; the first one, which plans, is not counted. */
function secondsPerCall(call: () => void): number {
  call()
  let fastest = Infinity
  for (const end = performance.now() + 200; fastest === Infinity || performance.now() < end; ) {
    const began = performance.now()
    call()
    fastest = Math.min(fastest, (performance.now() - began) / 1000)
  }
  return fastest
}
