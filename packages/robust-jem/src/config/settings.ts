/** The schema as a flat list: what help, checks and suggestions are printed from. */
import { z } from 'zod'
import { configSchema, type SettingMeta } from './schema.ts'

export interface Setting {
  /** 'chain.outerSteps'. */
  path: string
  /** What it may be, in words: 'whole number ≥ 1', 'sgd | adam'. */
  type: string
  default: unknown
  unit: string | undefined
  doc: string
}

export interface Section {
  path: string
  doc: string
  entries: readonly (Setting | Section)[]
}

export const isSection = (entry: Setting | Section): entry is Section => 'entries' in entry

function entriesOf(object: z.ZodObject, prefix: string): (Setting | Section)[] {
  return Object.entries(object.shape).map(([key, type]) => {
    const path = prefix + key
    const { description: doc, unit } = (type as z.ZodType).meta() as unknown as SettingMeta
    if (type instanceof z.ZodPrefault) {
      return { path, doc, entries: entriesOf(type.def.innerType as z.ZodObject, `${path}.`) }
    }
    return { path, type: inWords(type as z.ZodType), default: (type as z.ZodDefault).def.defaultValue, unit, doc }
  })
}

interface JsonType {
  type?: string | string[]
  enum?: unknown[]
  anyOf?: JsonType[]
  items?: JsonType
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

const inWords = (type: z.ZodType): string => jsonInWords(z.toJSONSchema(type, { io: 'input' }) as JsonType)

function jsonInWords(json: JsonType): string {
  if (json.enum) return json.enum.join(' | ')
  if (json.anyOf) return json.anyOf.map(jsonInWords).join(' | ')
  if (Array.isArray(json.type)) return json.type.map((type) => jsonInWords({ ...json, type })).join(' | ')
  if (json.type === 'array') return `list of ${jsonInWords(json.items!)}`
  if (json.type === 'boolean') return 'true | false'
  if (json.type === 'string') return 'fraction'
  if (json.type === 'null') return 'null'
  const least = json.exclusiveMinimum ?? json.minimum
  const most = json.exclusiveMaximum ?? json.maximum
  const bounds = [
    least === undefined || least === Number.MIN_SAFE_INTEGER
      ? ''
      : `${json.exclusiveMinimum === undefined ? '≥' : '>'} ${least}`,
    most === undefined || most === Number.MAX_SAFE_INTEGER
      ? ''
      : `${json.exclusiveMaximum === undefined ? '≤' : '<'} ${most}`,
  ].filter(Boolean)
  return [json.type === 'integer' ? 'whole number' : 'number', bounds.join(' and ')].filter(Boolean).join(' ')
}

/** Sections and settings in the schema's order. */
export const settingsTree: readonly (Setting | Section)[] = entriesOf(configSchema, '')

const flatten = (entries: readonly (Setting | Section)[]): Setting[] =>
  entries.flatMap((entry) => (isSection(entry) ? flatten(entry.entries) : [entry]))
const sectionsOf = (entries: readonly (Setting | Section)[]): Section[] =>
  entries.flatMap((entry) => (isSection(entry) ? [entry, ...sectionsOf(entry.entries)] : []))

/** Every setting, in the schema's order, by its path. */
export const settings: ReadonlyMap<string, Setting> = new Map(flatten(settingsTree).map((s) => [s.path, s]))
/** Every section by its path. */
export const sections: ReadonlyMap<string, Section> = new Map(sectionsOf(settingsTree).map((s) => [s.path, s]))
