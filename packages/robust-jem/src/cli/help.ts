/** Help, generated from the declarations. */
import { columns, wrap } from '../config/columns.ts'
import { type Command, type CommandTable, globalOptions } from './command.ts'
import { flagOf, type OptionDeclaration, type OptionDeclarations, placeholder, placeholderOf } from './options.ts'

const optionTerm = (name: string, option: OptionDeclaration): string => {
  const long = option.kind === 'flag' ? flagOf(name) : `${flagOf(name)} ${placeholder(option)}`
  return option.short ? `-${option.short}, ${long}` : long
}

function optionRows(options: OptionDeclarations): [string, string][] {
  return Object.entries(options).map(([name, option]) => {
    const choices = option.choices && option.value ? ` One of ${option.choices.join(', ')}.` : ''
    const byDefault = option.default === undefined ? '' : ` Default: ${option.default}.`
    const repeated = option.repeated ? ' May be repeated.' : ''
    return [optionTerm(name, option), option.description + choices + byDefault + repeated]
  })
}

function usage(name: string, { arguments: wanted, options }: Command): string {
  const words = Object.entries(wanted).map(([argument, { optional, many }]) => {
    const word = placeholderOf(argument) + (many ? '…' : '')
    return optional ? `[${word}]` : word
  })
  if (Object.keys(options).length > 0) words.push('[options]')
  return ['Usage: robust-jem', name, ...words].join(' ')
}

/** Help of one command. */
export function commandHelp(name: string, command: Command, width = 100): string {
  const own = optionRows(command.options)
  const others = optionRows(globalOptions)
  const wanted = Object.entries(command.arguments).map(([argument, { description, choices }]): [string, string] => [
    placeholderOf(argument),
    choices ? `${description} One of ${choices.join(', ')}.` : description,
  ])
  const column = Math.max(...[...own, ...others, ...wanted].map(([term]) => term.length)) + 4
  const part = (title: string, rows: [string, string][]) =>
    rows.length > 0 ? ['', title, ...columns(rows, { width, column })] : []
  return [
    usage(name, command),
    '',
    ...wrap(command.description, width),
    ...part('Arguments:', wanted),
    ...part('Options:', own),
    ...part('Options of every command:', others),
    '',
    'Examples:',
    ...command.examples.flatMap(([line, purpose]) => [`  ${line}`, `      ${purpose}`]),
  ].join('\n')
}

/** The overview of all commands. */
export function overview(table: CommandTable, width = 100): string {
  const rows = Object.entries(table).map(([name, { summary }]): [string, string] => [name, summary])
  return [
    'Usage: robust-jem COMMAND [options]',
    '',
    ...wrap('Robust joint energy-based models: networks that classify, resist attacks and draw.', width),
    '',
    'Commands:',
    ...columns(rows, { width }),
    '',
    'Options of every command:',
    ...columns(optionRows(globalOptions), { width }),
    '',
    'robust-jem COMMAND --help explains a command. Not sure where to begin: robust-jem doctor',
  ].join('\n')
}
