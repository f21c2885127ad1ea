/** doctor: can training run here, and if not, what to do. Reads and measures; changes and downloads nothing. */
import { columns } from '../../config/columns.ts'
import { defineCommand } from '../command.ts'
import type { Diagnosis } from '../diagnosis.ts'

export const doctor = defineCommand({
  description:
    'Looks at this machine and says whether training can run on it: versions, which libtorch was found and where, the ' +
    "processor's instruction set, devices, a short measurement of convolutions as a rough guide to speed, the images that " +
    'are here, free disk, and what to type next. Run it first, and whenever something fails. It downloads nothing. The ' +
    'exit code is 1 where training cannot run.',
  arguments: {},
  options: {
    dataDir: { kind: 'string', value: 'DIR', description: 'The folder to look for images in, as train takes it.' },
  },
  examples: [
    ['robust-jem doctor', 'What there is and what to type next.'],
    ['robust-jem doctor --json', 'The same for scripts.'],
    ['robust-jem doctor --device cuda', 'Exit code 0 only if training can run on a GPU.'],
  ],
  async run({ options, terminal }) {
    const { diagnose } = await import('../diagnosis.ts')
    const diagnosis = await diagnose(options)
    terminal.result(diagnosis, asText(diagnosis, terminal.width))
    return diagnosis.canTrain ? 0 : 1
  },
})

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

function asText(d: Diagnosis, width: number): string {
  const { engine, processor, speed } = d
  const rows: [string, string][] = [
    ['robust-jem', d.versions.robustJem],
    ['Node', `${d.versions.node} (${d.versions.platform})`],
    ['libtorch', engine ? `${engine.libtorch}, found by ${engine.origin} in ${engine.path}` : 'not loaded'],
    ['processor', `${processor.model}, ${processor.cores} ${processor.cores === 1 ? 'core' : 'cores'}`],
  ]
  if (engine) {
    const units = engine.bfloat16Units ? 'bfloat16 units' : 'no bfloat16 units'
    rows.push(
      ['instructions', `${engine.instructionSet}, ${units}`],
      ['threads', String(engine.threads)],
      ['devices', engine.cudaDevices > 0 ? `cpu, ${engine.cudaDevices} × CUDA` : 'cpu (no CUDA device)'],
    )
  }
  for (const { dtype, gigaflops } of speed) {
    rows.push([
      `speed, ${dtype}`,
      gigaflops === null ? 'not possible' : `${gigaflops} GFLOP/s on ${d.device} (3×3 convolution)`,
    ])
  }
  rows.push(
    ['memory', `${gigabytes(d.memory.free)} of ${gigabytes(d.memory.total)} free`],
    ['disk', `${gigabytes(d.disk.free)} free in ${d.disk.path}`],
    ['images', d.data ? `${d.data.kind}, in ${d.data.directory} (${d.data.via})` : d.imagesInstead],
  )
  const verdict = d.canTrain ? 'Training can run here.' : 'Training cannot run here:'
  return [
    ...columns(rows, { width }),
    '',
    verdict,
    ...d.problems.map((problem) => `  ${problem}`),
    '',
    'Next:',
    ...d.next.map((line) => `  ${line}`),
  ].join('\n')
}
