/** Where and how a command computes: device, dtype, threads. */
import type * as Torch from '@robust-jem/torch'
import type { Device, Dtype } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'
import { UserError } from '../errors.ts'
import type { GlobalValues } from './command.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

export interface OpenDevice {
  torch: typeof Torch
  device: Device
  /** Dtype of the convolutions. */
  precision: Dtype
  threads: number
}

/** The engine; a UserError where it is not built or libtorch cannot be loaded. */
export async function loadEngine(): Promise<typeof Torch> {
  try {
    return await import('@robust-jem/torch')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const unbuilt = code === 'ERR_MODULE_NOT_FOUND' ? ' Run npm run setup to build it.' : ''
    throw new UserError('engine-missing', message.replaceAll(/\s*\n\s*/g, ' ') + unbuilt, { cause: error })
  }
}

/**
 * Loads the engine, settles device, dtype and threads, and says them in one line on stderr. Every command that computes
 * calls it first. Throws a UserError where the engine is missing, or CUDA was asked for and is not there.
 */
export async function openDevice(
  options: Pick<GlobalValues, 'device' | 'threads'>,
  { terminal, precision = 'auto' }: { terminal: Terminal; precision?: Config['precision'] },
): Promise<OpenDevice> {
  const torch = await loadEngine()
  if (options.threads !== undefined) torch.setThreads(options.threads)
  const device = chooseDevice(torch, options.device)
  const fast = device !== 'cpu' || torch.hasBfloat16Units()
  const dtype = precision === 'auto' ? (fast ? 'bfloat16' : 'float32') : precision
  const threads = torch.getThreads()
  const facts = [
    `robust-jem ${version()}`,
    `Node ${process.versions.node}`,
    `libtorch ${torch.versions().libtorch}`,
    device,
    dtype,
    `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    torch.instructionSet(),
  ]
  terminal.note(facts.join(' · '))
  if (device === 'cpu' && !torch.usesOneDnn()) {
    terminal.warn(
      `The oneDNN in libtorch ${torch.versions().libtorch} computes wrong gradients, so it is switched off, and convolutions are several times slower. Use PyTorch's own build: "pip install torch" in an active virtual environment, then npm run setup.`,
    )
  }
  if (dtype === 'bfloat16' && !fast) {
    terminal.warn('This processor has no bfloat16 units: float32 (--set precision=float32) is faster here.')
  }
  return { torch, device, precision: dtype, threads }
}

/** `auto` takes CUDA where it is. */
export function chooseDevice(
  torch: { cuda: Pick<typeof Torch.cuda, 'isAvailable'>; versions: typeof Torch.versions },
  wanted: GlobalValues['device'],
): Device {
  const available = torch.cuda.isAvailable()
  if (wanted === 'cpu' || (wanted === 'auto' && !available)) return 'cpu'
  if (available) return 'cuda:0'
  const { libtorch, path } = torch.versions()
  throw new UserError(
    'no-cuda',
    `libtorch ${libtorch} (${path}) finds no CUDA device. Use --device cpu, or point LIBTORCH to a CUDA build and run npm run setup; robust-jem doctor says what was found.`,
    { expected: 'cuda', received: 'cpu', path },
  )
}
