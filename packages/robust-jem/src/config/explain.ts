/** The settings for people to read: a table of all of them, and a configuration as YAML with their meaning beside them. */
import { Document, isMap, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { columns, wrap } from './columns.ts'
import type { Config } from './schema.ts'
import { isSection, type Section, type Setting, sections, settings, settingsTree } from './settings.ts'

const shown = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map((item) => (typeof item === 'number' ? Number(item.toFixed(4)) : item)).join(', ')}]`
    : String(value)

const note = ({ doc, unit }: Setting): string => (unit ? `${doc} [${unit}]` : doc)

/** Path, value, meaning, unit and type of every setting, section by section. The values are the defaults, or those given. */
export function settingsTable({ values, width = 100 }: { values?: Config; width?: number | undefined } = {}): string {
  const valueAt = ({ path, default: byDefault }: Setting): unknown =>
    values ? path.split('.').reduce<unknown>((v, key) => (v as Record<string, unknown>)[key], values) : byDefault
  const term = (setting: Setting) => `${setting.path}=${shown(valueAt(setting))}`
  const column = Math.max(...[...settings.values()].map((setting) => term(setting).length)) + 4
  const print = (entries: readonly (Setting | Section)[]): string[] =>
    entries.flatMap((entry) =>
      isSection(entry)
        ? ['', ...wrap(`${entry.path}: ${entry.doc}`, width), ...print(entry.entries)]
        : columns([[term(entry), `${note(entry)} (${entry.type})`]], { width, column }),
    )
  return print(sectionsLast(settingsTree)).join('\n')
}

/** Settings of their own first, so that none stands below another's section. */
const sectionsLast = (entries: readonly (Setting | Section)[]) => [
  ...entries.filter((entry) => !isSection(entry)),
  ...entries.filter(isSection),
]

/** The configuration as YAML; a comment beside each setting says what it means. `fromYaml` reads it back. */
export function toYaml(config: Config): string {
  const document = new Document(config)
  comment(document.contents as unknown as YAMLMap, '')
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function comment(map: YAMLMap, prefix: string): void {
  let afterSection = false
  for (const { key, value } of map.items as Pair<Scalar<string>, Scalar>[]) {
    const path = prefix + key.value
    key.spaceBefore = prefix === '' && (isMap(value) || afterSection)
    afterSection = isMap(value)
    if (isMap(value)) {
      key.commentBefore = ` ${sections.get(path)!.doc}`
      comment(value as unknown as YAMLMap, `${path}.`)
    } else if (value) {
      if (isSeq(value)) value.flow = true
      value.comment = ` ${note(settings.get(path)!)}`
    }
  }
}
