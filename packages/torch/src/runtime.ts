/** What runs underneath: versions, devices, threads and memory. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { binding } from './binding.ts'
import { usesOneDnn } from './onednn.ts'

/** Live tensors that JavaScript holds, and the bytes of CPU memory in libtorch's hands, saved activations included. */
export const memory = (): { tensors: number; bytes: number; peakBytes: number } => binding.memory()
/** Starts `memory().peakBytes` anew from what is allocated now. */
export const resetPeakMemory = (): void => binding.resetPeak()

/** libtorch's version, which search found it ('LIBTORCH', 'Python', 'system'), and its folder. */
export const versions = (): { libtorch: string; origin: string; path: string } => binding.versions()

export const cuda = {
  deviceCount: (): number => binding.cudaDevices(),
  isAvailable: (): boolean => binding.cudaDevices() > 0,
  /** Waits until the device has done what it was given. */
  synchronize: (device = 0): void => binding.synchronize(device),
}
/** Lets CUDA compute float32 products in TF32 (10 bits of mantissa); libtorch's default for convolutions, and off here. */
export const allowTf32 = (allowed: boolean): void => binding.setTf32(allowed)
/** Restricts cuDNN to algorithms that give the same bits every time; on here. */
export const useDeterministicAlgorithms = (deterministic: boolean): void => binding.setDeterministic(deterministic)

export const getThreads = (): number => binding.getThreads()
/** Threads that one operator may use. */
export const setThreads = (count: number): void => binding.setThreads(count)

const cpuinfo = (): string => {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return ''
  }
}

/** Physical cores that this process may use; hyper-threads do not speed up dense arithmetic. */
export function physicalCores(): number {
  const cores = new Set<string>()
  let socket = '0'
  for (const line of cpuinfo().split('\n')) {
    const [key = '', value = ''] = line.split(':').map((part) => part.trim())
    if (key === 'physical id') socket = value
    if (key === 'core id') cores.add(`${socket}/${value}`)
  }
  return Math.min(cores.size || availableParallelism(), availableParallelism())
}

export type InstructionSet = 'amx' | 'avx512_bf16' | 'avx2' | 'other'
/** The best of the instruction sets that decide convolution speed. */
export function instructionSet(): InstructionSet {
  const flags = new Set((/^flags\s*:(.*)$/m.exec(cpuinfo())?.[1] ?? '').split(' '))
  if (flags.has('amx_bf16')) return 'amx'
  if (flags.has('avx512_bf16')) return 'avx512_bf16'
  return flags.has('avx2') ? 'avx2' : 'other'
}
/** Whether bfloat16 arithmetic has units of its own here: then it is about twice as fast as float32, elsewhere slower. */
export const hasBfloat16Units = (): boolean => usesOneDnn() && ['amx', 'avx512_bf16'].includes(instructionSet())

allowTf32(false)
useDeterministicAlgorithms(true)
// Debian's build starts with one thread. OMP_NUM_THREADS is the user's word.
if (!process.env.OMP_NUM_THREADS) setThreads(physicalCores())
