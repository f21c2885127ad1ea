/** What a command is: a declaration that help is printed from, and a function. */
import type { ArgumentDeclarations, ArgumentValues, OptionDeclarations, OptionValues } from './options.ts'
import type { Terminal } from './terminal.ts'

/** Options that every command takes. */
export const globalOptions = {
  json: { kind: 'flag', description: 'Print results as JSON on stdout.' },
  seed: { kind: 'integer', minimum: 0, description: 'All random numbers follow from it.' },
  device: {
    kind: 'string',
    choices: ['auto', 'cpu', 'cuda'],
    default: 'auto',
    description: 'Where to compute; auto takes a CUDA GPU where there is one.',
  },
  threads: {
    kind: 'integer',
    minimum: 1,
    description: 'Threads of one operator. Default: one for each physical core.',
  },
  quiet: { kind: 'flag', short: 'q', description: 'Neither progress nor notes on stderr; warnings and errors stay.' },
  help: { kind: 'flag', short: 'h', description: 'Print this help.' },
  version: { kind: 'flag', description: 'Print the version.' },
} as const satisfies OptionDeclarations
export type GlobalValues = OptionValues<typeof globalOptions>

export interface CommandDeclaration<A extends ArgumentDeclarations, O extends OptionDeclarations> {
  /** One paragraph: what it does and when to use it. */
  description: string
  arguments: A
  options: O
  /** Complete command lines, and what they are for. */
  examples: readonly (readonly [line: string, purpose: string])[]
  /** Resolves to the exit code; nothing means 0. Throws a UserError for what the user can mend. */
  run(context: {
    arguments: ArgumentValues<A>
    options: OptionValues<O> & GlobalValues
    terminal: Terminal
  }): Promise<number | undefined>
}

export type Command = CommandDeclaration<ArgumentDeclarations, OptionDeclarations>

/**
 * A command, with the types of its options derived from their declaration.
 *
 * Its file must be quick to load and must not load the engine, so that its help works everywhere: import what computes
 * inside `run`, after `openDevice` has found the engine.
 */
export const defineCommand = <const A extends ArgumentDeclarations, const O extends OptionDeclarations>(
  declaration: CommandDeclaration<A, O>,
): Command => declaration as unknown as Command

/** A row of the table of commands: loaded only when it is run or explained. */
export interface CommandEntry {
  /** What it does, in one line of the overview. */
  summary: string
  load(): Promise<Command>
}
export type CommandTable = Readonly<Record<string, CommandEntry>>
