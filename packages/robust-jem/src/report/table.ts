/** table.md: the figures of a reproduction beside the paper's. */
import { type Figure, type Row, type RowResult, rows } from './rows.ts'

export interface Table {
  header: string[]
  lines: { row: Row; cells: string[] }[]
  /** Why cells are empty, each reason once. */
  notes: string[]
}

export const shownFigure = (figure: Figure): string => {
  if ('missing' in figure) return '–'
  const { value, spread } = figure
  if (spread === undefined || spread === 0) return value.toPrecision(4)
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(spread))) // two digits of the spread
  return `${value.toFixed(decimals)} ± ${spread.toFixed(decimals)}`
}

/** All rows; `reasons` says why one has no result. */
export function tableOf(results: readonly RowResult[], reasons: Readonly<Record<string, string>>): Table {
  const columns = [...new Set(results.flatMap(({ figures }) => Object.keys(figures)))]
  const notes = new Set<string>()
  const lines = rows.map((row) => {
    const result = results.find((each) => each.row === row.name)
    if (!result) notes.add(`${row.title}: ${reasons[row.name] ?? 'not asked for'}.`)
    const cells = columns.map((column) => {
      const figure = result?.figures[column]
      if (figure && 'missing' in figure) notes.add(`${column}: ${figure.missing}.`)
      return figure ? shownFigure(figure) : '–'
    })
    const paper = row.paper ? [row.paper.inceptionScore.toFixed(2), row.paper.fid.toFixed(2)] : ['–', '–']
    return { row, cells: [row.title, String(result?.step ?? '–'), ...cells, ...paper] }
  })
  return { header: ['', 'steps', ...columns, 'IS, paper', 'FID, paper'], lines, notes: [...notes] }
}

export function markdown({ header, lines, notes }: Table, caption: string): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    caption,
    '',
    line(header),
    line(header.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...lines.map(({ cells }) => line(cells)),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n')
}
