/** report.html: one file with everything in it, to look at, keep and send. */
import { type Curve, curveSvg } from './curves.ts'
import { escaped } from './svg.ts'
import type { Table } from './table.ts'

export interface ReportSection {
  title: string
  /** Name and value. */
  facts: readonly [string, string][]
  /** A PNG. */
  picture?: Uint8Array | undefined
  curves: readonly Curve[]
  /** Folded away: the settings. */
  details?: { title: string; text: string } | undefined
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse } td, th { padding: .3rem .7rem; border-bottom: 1px solid #ddd; text-align: right }
td:first-child, th:first-child { text-align: left } img { max-width: 100%; image-rendering: pixelated }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem } dt { color: #666 } dd { margin: 0; overflow-wrap: anywhere }
svg { color: #2563eb } svg text { font: 10px system-ui, sans-serif; fill: #444 } pre { overflow-x: auto; background: #f6f6f6; padding: 1rem }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #161616 } pre { background: #222 } td, th { border-color: #333 } svg text { fill: #aaa } }
`

export function htmlReport(title: string, caption: string, table: Table, sections: readonly ReportSection[]): string {
  const cells = (tag: string, row: readonly string[]) => row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>`,
    `<style>${style}</style><h1>${escaped(title)}</h1><p>${escaped(caption)}</p>`,
    `<table><tr>${cells('th', table.header)}</tr>`,
    ...table.lines.map((line) => `<tr>${cells('td', line.cells)}</tr>`),
    '</table>',
    `<ul>${table.notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>`,
    ...sections.map(section),
    '</html>\n',
  ].join('\n')
}

function section({ title, facts, picture, curves, details }: ReportSection): string {
  const image = picture && `<img alt="${escaped(title)}" src="data:image/png;base64,${toBase64(picture)}">`
  return [
    `<h2>${escaped(title)}</h2>`,
    image ?? '',
    `<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`,
    curves.map(curveSvg).join(' '),
    details ? `<details><summary>${escaped(details.title)}</summary><pre>${escaped(details.text)}</pre></details>` : '',
  ].join('\n')
}

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
