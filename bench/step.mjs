/** One Robust JEM step, ours and PyTorch's, in turns. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as torch from '../packages/torch/dist/index.js'
import { timeConvolutions } from './convolutions.mjs'
import { startPytorch } from './pytorch.mjs'
import { drawInputs, makeNetwork, ourStep, settings } from './workload.mjs'

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function timed(step) {
  const began = performance.now()
  const losses = step()
  return { ...losses, seconds: (performance.now() - began) / 1000 }
}

/** Float32 on both sides, the same weights and images: the losses of the first step have to agree. */
const tolerance = 2e-3
function checkSame(ours, theirs) {
  const deviation = Math.max(
    ...['fPositive', 'fNegative', 'crossEntropy'].map((name) => Math.abs(ours[name] - theirs[name])),
  )
  if (!(deviation <= tolerance))
    throw new Error(
      `Our step and PyTorch's differ by ${deviation} in their losses (allowed ${tolerance}): ${JSON.stringify({ ours, theirs })}`,
    )
  return deviation
}

async function load(python, { depth, width, batch, threads }) {
  const folder = mkdtempSync(join(tmpdir(), 'robust-jem-bench-'))
  try {
    const file = join(folder, 'start.safetensors')
    const inputs = Object.entries(drawInputs(batch)).map(([name, tensor]) => [`input.${name}`, tensor])
    torch.saveSafetensors(file, { ...makeNetwork({ depth, width }).stateDict(), ...Object.fromEntries(inputs) })
    return await python.request({ do: 'load', file, settings: { ...settings, depth, width, threads } })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** → { figures: what --json prints, seconds: { ours, pytorch }: all rounds, deviation, versions, convolutions }. */
export async function benchStep({ depth, width, batch, rounds, threads = torch.physicalCores(), dtype }) {
  dtype ??= torch.hasBfloat16Units() ? 'bfloat16' : 'float32'
  torch.setThreads(threads)
  const python = startPytorch(threads)
  try {
    const size = { depth, width, batch, threads }
    const { torch: pytorchVersion } = await load(python, size)
    const first = await python.request({ do: 'step' }) // theirs warms up
    const deviation = checkSame(ourStep(makeNetwork(size), drawInputs(batch), 'float32')(), first)

    const step = ourStep(makeNetwork(size), drawInputs(batch), dtype)
    step() // ours warms up
    const seconds = { ours: [], pytorch: [] }
    for (let round = 0; round < rounds; round++) {
      seconds.pytorch.push((await python.request({ do: 'step' })).seconds)
      seconds.ours.push(timed(step).seconds)
    }
    const convolutions = timeConvolutions({ ...size, dtype, rounds })
    const [ours, pytorch] = [median(seconds.ours), median(seconds.pytorch)]
    const figures = {
      ours_s: ours,
      pytorch_s: pytorch,
      ratio: pytorch / ours,
      threads: torch.getThreads(),
      isa: torch.instructionSet(),
      convolutions_s: convolutions.seconds,
    }
    return { figures, seconds, deviation, size, dtype, convolutions, versions: { ...torch.versions(), pytorchVersion } }
  } finally {
    python.close()
  }
}

export function humanTable({ figures, seconds, deviation, size, dtype, versions }) {
  const row = (name, values) =>
    `${name.padEnd(34)}${[median(values), Math.min(...values), Math.max(...values)].map((s) => s.toFixed(3).padStart(9)).join('')}`
  const { depth, width, batch, threads } = size
  return [
    `WRN-${depth}-${width}, batch ${batch}, ${threads} threads, ${figures.isa}; libtorch ${versions.libtorch}, PyTorch ${versions.pytorchVersion}`,
    `Same weights and images, both float32: the losses agree to ${deviation.toExponential(1)}.`,
    '',
    `${'seconds per step'.padEnd(34)}${['median', 'min', 'max'].map((name) => name.padStart(9)).join('')}`,
    row('PyTorch, float32', seconds.pytorch),
    row(`robust-jem, ${dtype}`, seconds.ours),
    row(`its convolutions alone, ${dtype}`, [figures.convolutions_s]),
    '',
    `PyTorch's time / ours: ${figures.ratio.toFixed(2)}`,
  ].join('\n')
}
