/** `npm run bench -- step`: how fast one training step is, beside PyTorch's. */
import { parseArgs } from 'node:util'

const help = `Usage: npm run bench -- step [options]

Times one Robust JEM step (10 chain passes, 15 attack passes, the loss and the optimiser) against the same step in
PyTorch, float32, in turns, each in a process of its own with the same threads. Both are first checked to compute the same.

  --rounds N        timed steps of each; default 5
  --threads N       default: the physical cores
  --dtype D         of our convolutions: float32 or bfloat16; default: bfloat16 where the processor has units for it
  --depth D         of the Wide ResNet WRN-D-K, 6n + 4; default 16
  --width K         default 2
  --batch N         images; default 64
  --where           also times the parts of our step, by kind
  --json            prints { ours_s, pytorch_s, ratio, threads, isa, convolutions_s }: medians, seconds per step
  --help

PyTorch is found by ROBUST_JEM_PYTHON, python3, /usr/bin/python3: the first whose torch imports.`

const natural = (options, name) => {
  const value = Number(options[name])
  if (options[name] !== undefined && !(Number.isInteger(value) && value > 0))
    fail(`--${name}: expected a whole number > 0, received '${options[name]}'.`, 2)
  return options[name] === undefined ? undefined : value
}

function fail(message, code) {
  console.error(message)
  process.exit(code)
}

function parsed() {
  const string = { type: 'string' }
  const boolean = { type: 'boolean', default: false }
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: string,
        threads: string,
        dtype: string,
        depth: string,
        width: string,
        batch: string,
        where: boolean,
        json: boolean,
        help: boolean,
      },
    })
  } catch (error) {
    return fail(`${error.message} See npm run bench -- --help.`, 2)
  }
}

const { values, positionals } = parsed()
if (values.help) {
  console.log(help)
} else if (positionals.join(' ') !== 'step') {
  fail(help, 2)
} else if (values.dtype !== undefined && !['float32', 'bfloat16'].includes(values.dtype)) {
  fail(`--dtype: expected float32 or bfloat16, received '${values.dtype}'.`, 2)
} else {
  const {
    depth = 16,
    width = 2,
    batch = 64,
    rounds = 5,
    threads,
  } = Object.fromEntries(['depth', 'width', 'batch', 'rounds', 'threads'].map((name) => [name, natural(values, name)]))
  const { benchStep, humanTable } = await import('./step.mjs')
  try {
    const result = await benchStep({ depth, width, batch, rounds, threads, dtype: values.dtype, where: values.where })
    console.log(values.json ? JSON.stringify(result.figures) : humanTable(result))
  } catch (error) {
    fail(error.message, 1)
  }
}
