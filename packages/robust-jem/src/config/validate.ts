/** Whether data are a configuration, and if not, what is wrong with each setting, in one line each. */
import { UserError } from '../errors.ts'
import { nearest } from './nearest.ts'
import { type Config, configSchema } from './schema.ts'
import { sections, settings } from './settings.ts'

export interface Problem {
  /** 'chain.outerSteps'. */
  path: string
  message: string
  expected?: string
  received?: unknown
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shown = (value: unknown): string =>
  typeof value === 'number' || value === undefined ? String(value ?? 'nothing') : JSON.stringify(value)

/** Keys that the schema does not know, and values where it has sections. */
export function misplaced(data: unknown, prefix = ''): Problem[] {
  if (!isMap(data)) {
    const within = prefix === '' ? 'The configuration' : `'${prefix.slice(0, -1)}'`
    const inside = prefix === '' ? [...settings.keys()] : [...settings.keys()].filter((path) => path.startsWith(prefix))
    const message = `${within} is a section, not ${shown(data)}. Set what is in it: ${inside.slice(0, 3).join(', ')}${inside.length > 3 ? ', …' : ''}.`
    return [{ path: prefix.slice(0, -1), message, expected: 'a section', received: data }]
  }
  return Object.entries(data).flatMap(([key, value]) => {
    const path = prefix + key
    if (settings.has(path)) return []
    return sections.has(path) ? misplaced(value, `${path}.`) : [unknownSetting(path, value)]
  })
}

function unknownSetting(path: string, value: unknown): Problem {
  const isSection = isMap(value)
  const [only, ...others] = isSection ? Object.entries(value) : []
  if (only && others.length === 0) return unknownSetting(`${path}.${only[0]}`, only[1])
  const meant = nearest(path, isSection ? sections.keys() : settings.keys())
  const what = isSection ? 'section' : 'setting'
  const suggestion = meant ? `; did you mean '${meant}'?` : '.'
  const message = `Unknown ${what} '${path}'${suggestion} See robust-jem train --help-settings.`
  return { path, message, ...(meant && { expected: meant }) }
}

const valueAt = (data: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], data)

/** The configuration with defaults for what is left out, or the problems. */
export function check(data: unknown): { config: Config } | { problems: Problem[] } {
  const unknown = misplaced(data)
  if (unknown.length > 0) return { problems: unknown }
  const result = configSchema.safeParse(data)
  if (result.success) return { config: result.data }
  const problems = result.error.issues.map((issue): Problem => {
    const path = issue.path.join('.')
    // The setting whose element is wrong, for a list.
    const setting = settings.get(path) ?? settings.get(issue.path.slice(0, -1).join('.'))
    const expected = issue.code === 'custom' ? issue.message : (setting?.type ?? issue.message)
    const received = valueAt(data, setting ? setting.path.split('.') : issue.path)
    const where = setting?.path ?? path
    return { path: where, expected, received, message: `${where}: expected ${expected}, received ${shown(received)}.` }
  })
  return { problems: [...new Map(problems.map((problem) => [problem.path, problem])).values()] }
}

/** One error for all problems, a line each; `where` prefixes a line with its place, 'run.yaml:12: '. */
export function configError(problems: readonly Problem[], where: (problem: Problem) => string = () => ''): UserError {
  const [first] = problems
  return new UserError('config', problems.map((problem) => where(problem) + problem.message).join('\n'), {
    exitCode: 2,
    path: first?.path,
    expected: first?.expected,
    received: first?.received,
  })
}
