/** The `robust-jem` command: finds the command, parses its options, runs it, and turns errors into lines and exit codes. */
import { nearest } from '../config/nearest.ts'
import { UserError } from '../errors.ts'
import { type CommandTable, type GlobalValues, globalOptions } from './command.ts'
import { failureOf, stackOf } from './failure.ts'
import { commandHelp, overview } from './help.ts'
import { parse, scan } from './options.ts'
import { Terminal, type TerminalOptions } from './terminal.ts'
import { version } from './version.ts'

/** One row a command; a command is one file under commands/. */
export const commands: CommandTable = {
  doctor: {
    summary: 'Says whether training can run here, what was found, and what to type next.',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  reproduce: {
    summary: "Trains, draws and measures the rows of the paper's table: the quickest way to see everything once.",
    load: async () => (await import('./commands/reproduce.ts')).reproduce,
  },
  train: {
    summary: 'Trains a network into a run directory; resumes one.',
    load: async () => (await import('./commands/train.ts')).train,
  },
  sample: {
    summary: 'Draws images with a trained network.',
    load: async () => (await import('./commands/sample.ts')).sample,
  },
  classify: {
    summary: 'Classifies images, and says how plausible they are.',
    load: async () => (await import('./commands/classify.ts')).classify,
  },
  evaluate: {
    summary: 'Measures a model and what it draws: accuracy, attacks, calibration, OOD, FID, a judge.',
    load: async () => (await import('./commands/evaluate.ts')).evaluate,
  },
  import: {
    summary: 'Makes a model file of a public PyTorch checkpoint, without running anything in it.',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  fid: {
    summary: 'Says how far two sets of images are from each other: FID, KID, Inception score.',
    load: async () => (await import('./commands/fid.ts')).fid,
  },
  info: {
    summary: 'Says what a model or a run is, with hashes.',
    load: async () => (await import('./commands/info.ts')).info,
  },
}

/** Runs one command line (without node and script) and resolves to its exit code. */
export async function main(
  words: readonly string[],
  { table = commands, ...outputs }: { table?: CommandTable } & Pick<TerminalOptions, 'out' | 'err'> = {},
): Promise<number> {
  try {
    return await dispatch(words, table, outputs)
  } catch (error) {
    return report(error, new Terminal(outputs))
  }
}

function report(error: unknown, terminal: Terminal): number {
  const { message, exitCode } = failureOf(error)
  for (const line of message.split('\n')) terminal.warn(`robust-jem: ${line}`)
  if (process.env.ROBUST_JEM_DEBUG === '1') terminal.warn(stackOf(error))
  return exitCode
}

async function dispatch(
  words: readonly string[],
  table: CommandTable,
  outputs: Pick<TerminalOptions, 'out' | 'err'>,
): Promise<number> {
  // Options of every command may stand before the command's name.
  const { positionals, given } = scan(words, globalOptions)
  const [first, topic] = positionals
  const terminal = new Terminal(outputs)
  if (first?.value === 'help' && topic) return dispatch([topic.value, '--help'], table, outputs)
  if (!first || first.value === 'help') {
    if (given.version) terminal.print(version())
    else {
      const rest = words.filter((_, i) => i !== first?.index)
      parse(rest, { options: globalOptions, arguments: {}, command: 'robust-jem' })
      terminal.print(overview(table, terminal.width))
    }
    return 0
  }
  const name = first.value
  const entry = Object.hasOwn(table, name) ? table[name] : undefined
  if (!entry) {
    const meant = nearest(name, Object.keys(table))
    const suggestion = meant ? `; did you mean '${meant}'?` : '.'
    throw new UserError('usage', `Unknown command '${name}'${suggestion} See robust-jem --help.`, {
      exitCode: 2,
      received: name,
    })
  }
  const { run, ...declared } = await entry.load()
  const options = { ...declared.options, ...globalOptions }
  const rest = words.filter((_, i) => i !== first.index)
  const asked = scan(rest, options).given
  if (asked.version) terminal.print(version())
  else if (asked.help) terminal.print(commandHelp(name, { run, ...declared }, terminal.width))
  else {
    const parsed = parse(rest, { options, arguments: declared.arguments, command: `robust-jem ${name}` })
    const values = parsed.options as GlobalValues
    const spoken = new Terminal({ ...outputs, json: values.json, quiet: values.quiet })
    return (await run({ ...parsed, options: values, terminal: spoken })) ?? 0
  }
  return 0
}

/** Runs the command line of this process. */
export async function runProcess(): Promise<void> {
  // Who reads the results has had enough, as `head` has: no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : report(error, new Terminal()))
  })
  process.stderr.on('error', () => {}) // Nobody is left to tell.
  process.on('uncaughtException', (error) => process.exit(report(error, new Terminal())))
  process.exitCode = await main(process.argv.slice(2))
}
