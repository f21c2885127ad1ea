/** Training curves as SVG: one small panel a figure. */
import type { MetricsRecord, StepRecord } from '@robust-jem/formats'
import { escaped, svgText } from './svg.ts'

export interface Curve {
  title: string
  points: { step: number; value: number }[]
}

const figures: { title: string; of: (record: StepRecord) => number | null }[] = [
  { title: 'loss', of: ({ loss }) => loss },
  { title: 'f(x⁺) − f(x⁻)', of: ({ fPositive: a, fNegative: b }) => (a === null || b === null ? null : a - b) },
  { title: 'accuracy', of: ({ accuracy }) => accuracy },
  { title: 'T', of: ({ curriculum }) => curriculum },
  { title: 'robust accuracy', of: ({ robustAccuracy }) => robustAccuracy },
]

/**
 * Of the step records, smoothed over a fortieth of the run; figures that the run does not have are left out. Steps done anew, after a
 * kill or where the guard went back, count as they were the last time.
 */
export function curvesOf(records: readonly MetricsRecord[]): Curve[] {
  const steps: StepRecord[] = []
  for (const record of records) {
    if (record.kind !== 'step') continue
    while (steps.length > 0 && steps.at(-1)!.step >= record.step) steps.pop()
    steps.push(record)
  }
  return figures.flatMap(({ title, of }) => {
    const points = steps.flatMap((record) => {
      const value = of(record)
      return value === null ? [] : [{ step: record.step, value }]
    })
    return points.length > 1 ? [{ title, points: smoothed(points, Math.ceil(points.length / 40)) }] : []
  })
}

/** More than a panel has pixels serve nobody. */
const mostPoints = 1000

/** Running means over `width` points, at evenly spread ones, the last among them. */
function smoothed(points: Curve['points'], width: number): Curve['points'] {
  const every = Math.ceil(points.length / mostPoints)
  return points.flatMap(({ step }, i) => {
    if ((points.length - 1 - i) % every !== 0) return []
    const window = points.slice(Math.max(0, i + 1 - width), i + 1)
    return [{ step, value: window.reduce((sum, { value }) => sum + value, 0) / window.length }]
  })
}

const [width, height, margin] = [260, 120, 24]

export function curveSvg({ title, points }: Curve): string {
  const values = points.map(({ value }) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const [first, last] = [points[0]!.step, points.at(-1)!.step]
  const x = (step: number) => margin + ((step - first) / Math.max(1, last - first)) * (width - 2 * margin)
  const y = (value: number) => height - margin - ((value - low) / (high - low || 1)) * (height - 2 * margin)
  const line = points.map(({ step, value }) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
  return [
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">`,
    `<polyline fill="none" stroke="currentColor" points="${line}"/>`,
    svgText([margin, 14], 'start', title),
    svgText([width - margin, 14], 'end', `${low.toPrecision(3)} … ${high.toPrecision(3)}`),
    svgText([margin, height - 6], 'start', `step ${first}`),
    svgText([width - margin, height - 6], 'end', String(last)),
    '</svg>',
  ].join('')
}

/** A picture of its own, two panels a row. */
export function curveSheet(title: string, curves: readonly Curve[]): string {
  const rows = Math.ceil(curves.length / 2)
  const placed = curves.map(
    (curve, i) => `<g transform="translate(${(i % 2) * width} ${Math.floor(i / 2) * height})">${curveSvg(curve)}</g>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * width} ${rows * height}" width="${2 * width}" height="${rows * height}" font-family="sans-serif" font-size="11" color="#246" fill="#246">`,
    `<title>${escaped(title)}</title>`,
    ...placed,
    '</svg>\n',
  ].join('\n')
}
