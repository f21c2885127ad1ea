/** Text for terminals: lines of a width, and two columns. */

/** The words of a text in lines of at most `width` characters, where its words allow. */
export function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Terms at the left, their explanation wrapped at the right. `column`: where the right side begins. */
export function columns(
  rows: readonly (readonly [term: string, explanation: string])[],
  { width = 100, column = Math.max(0, ...rows.map(([term]) => term.length)) + 4 } = {},
): string[] {
  return rows.flatMap(([term, explanation]) => {
    const lines = wrap(explanation, Math.max(30, width - column))
    return lines.map((line, i) => `${(i === 0 ? `  ${term}` : '').padEnd(column)}${line}`.trimEnd())
  })
}
