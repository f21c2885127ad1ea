/** Preset < file < --set: how the settings of a run come together. */
import { readFileSync } from 'node:fs'
import { type Document, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import { UserError } from '../errors.ts'
import { merge, type PartialConfig } from './merge.ts'
import type { Config } from './schema.ts'
import { check, configError, misplaced, type Problem } from './validate.ts'

export interface ConfigSources {
  preset: Config
  /** A YAML (or JSON) file with some or all settings. */
  file?: string | undefined
  /** 'path.to.key=value', later ones over earlier ones. */
  set?: readonly string[] | undefined
  seed?: number | undefined
}

/** The complete configuration. Throws a UserError with a line for each wrong setting, with file and line where it is a file's. */
export function resolveConfig({ preset, file, set = [], seed }: ConfigSources): Config {
  let merged: PartialConfig = preset
  if (file !== undefined) {
    const { data, where } = readConfigFile(file)
    merged = merge(merged, data)
    const checked = check(merged)
    if ('problems' in checked) throw configError(checked.problems, where)
  }
  for (const assignment of set) merged = merge(merged, parseAssignment(assignment))
  if (seed !== undefined) merged = { ...merged, seed }
  const checked = check(merged)
  if ('problems' in checked) throw configError(checked.problems)
  return checked.config
}

/** 'chain.noise=0.01' as { chain: { noise: 0.01 } }; the value is YAML: a number, true, null, text, [a, list] or {a: map}. */
export function parseAssignment(text: string): PartialConfig {
  const at = text.indexOf('=')
  const usage = (fact: string) =>
    new UserError('set', `--set ${text}: ${fact}. Write it as --set path.to.key=value.`, {
      exitCode: 2,
      received: text,
    })
  if (at < 1) throw usage('there is no key before a "="')
  const keys = text.slice(0, at).trim().split('.')
  const document = parseDocument(text.slice(at + 1), { prettyErrors: false })
  const [broken] = document.errors
  if (broken) throw usage(`the value is not YAML (${oneLine(broken.message)})`)
  const value = document.toJS() as unknown
  if (value === null && text.slice(at + 1).trim() === '') throw usage('there is no value after the "="')
  const data = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as PartialConfig
  const problems = misplaced(data)
  if (problems.length > 0) throw configError(problems)
  return data
}

/** A complete configuration from YAML text; settings that are left out take the schema's defaults. `name` stands in errors. */
export function fromYaml(text: string, name = 'config.yaml'): Config {
  const { data, where } = parseConfig(text, name)
  const checked = check(data)
  if ('problems' in checked) throw configError(checked.problems, where)
  return checked.config
}

interface ConfigFile {
  data: PartialConfig
  /** 'name:line: ' of a setting. */
  where: (problem: Problem) => string
}

/** Some settings from a file. Throws a UserError with file and line for what is not YAML or no setting. */
export function readConfigFile(path: string): ConfigFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const fact = code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`
    throw new UserError('config-file', `The configuration file ${path} ${fact}. Name a YAML file with --config.`, {
      exitCode: 2,
      path,
    })
  }
  return parseConfig(text, path)
}

function parseConfig(text: string, name: string): ConfigFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [broken] = document.errors
  if (broken) {
    const { line } = lines.linePos(broken.pos[0])
    throw new UserError('config-file', `${name}:${line}: this is not YAML: ${oneLine(broken.message)}.`, {
      exitCode: 2,
      path: name,
      line,
    })
  }
  const data = (document.toJS() ?? {}) as PartialConfig
  const where = ({ path }: Problem) => {
    const offset = offsetOf(document, path.split('.'))
    return `${name}${offset === undefined ? '' : `:${lines.linePos(offset).line}`}: `
  }
  const problems = misplaced(data)
  if (problems.length > 0) throw configError(problems, where)
  return { data, where }
}

/** Where in the text the key of a path stands, or the deepest of its sections that is there. */
function offsetOf(document: Document.Parsed, keys: readonly string[]): number | undefined {
  let node: Node | null = document.contents
  let offset = node?.range?.[0]
  for (const key of keys) {
    if (!isMap(node)) break
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key) as
      | Pair<Node, Node | null>
      | undefined
    if (!pair) break
    offset = pair.key.range?.[0]
    node = pair.value
  }
  return offset
}

const oneLine = (message: string): string => (message.split('\n')[0] ?? '').replace(/[.:]$/, '')
