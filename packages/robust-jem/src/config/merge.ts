/** Some settings of a configuration, nested as it is. */
export type PartialConfig = Record<string, unknown>

const isPlain = (value: unknown): value is PartialConfig =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Settings over settings, section by section; lists are replaced whole. */
export function merge(base: PartialConfig, over: PartialConfig): PartialConfig {
  const result = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = result[key]
    result[key] = isPlain(below) && isPlain(value) ? merge(below, value) : value
  }
  return result
}
