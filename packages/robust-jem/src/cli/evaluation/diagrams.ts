/** Diagrams of an evaluation as SVG: reliability, and the scores of images from several sets. */
import type { ReliabilityBin } from '../../evaluation/calibration.ts'
import { escaped, svgText } from '../../report/svg.ts'

const [width, height, margin] = [360, 300, 40]
const x = (share: number) => (margin + share * (width - 2 * margin)).toFixed(1)
const y = (share: number) => (height - margin - share * (height - 2 * margin)).toFixed(1)

const svg = (title: string, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${2 * width}" role="img" aria-label="${title}">`,
    '<style>text { font: 11px system-ui, sans-serif; fill: #444 }</style><rect width="100%" height="100%" fill="#fff"/>',
    svgText([width / 2, 20], 'middle', title),
    `<path d="M${x(0)} ${y(1)}V${y(0)}H${x(1)}" fill="none" stroke="#444"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n')

/** Accuracy against confidence (Guo et al. 2017): a calibrated model's bars end on the diagonal; paler bars hold fewer images. */
export function reliabilityDiagram(bins: readonly ReliabilityBin[]): string {
  const most = Math.max(1, ...bins.map(({ count }) => count))
  const bars = bins.flatMap(({ lower, upper, count, accuracy }) =>
    accuracy === null
      ? []
      : `<path d="M${x(lower)} ${y(0)}V${y(accuracy)}H${x(upper)}V${y(0)}Z" fill="#2563eb" fill-opacity="${(0.25 + 0.75 * Math.sqrt(count / most)).toFixed(2)}"><title>${count} images</title></path>`,
  )
  return svg('Accuracy by confidence', [
    ...bars,
    `<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="#dc2626" stroke-dasharray="4"/>`,
    svgText([x(0), height - 22], 'middle', '0'),
    svgText([x(1), height - 22], 'middle', '1'),
    svgText([width / 2, height - 10], 'middle', 'confidence'),
    svgText([margin - 6, y(1)], 'end', '1'),
    svgText([margin - 6, y(0)], 'end', '0'),
  ])
}

const colours = ['#111', '#2563eb', '#dc2626', '#16a34a', '#d97706', '#9333ea', '#0891b2']
const histogramBins = 40

/** Shares of the images of each set by their score, over the middle 99 % of all scores; what lies outside counts at the edge. */
export function histograms(title: string, sets: readonly { name: string; scores: ArrayLike<number> }[]): string {
  const all = Float64Array.from(sets.flatMap(({ scores }) => Array.from(scores))).sort()
  const [low, high] = [all[Math.floor(0.005 * all.length)]!, all[Math.ceil(0.995 * all.length) - 1]!]
  const shares = sets.map(({ scores }) => {
    const counts = new Array<number>(histogramBins).fill(0)
    for (const score of Array.from(scores)) {
      const bin = Math.floor(((score - low) / (high - low || 1)) * histogramBins)
      counts[Math.min(histogramBins - 1, Math.max(0, bin))]!++
    }
    return counts.map((count) => count / scores.length)
  })
  const highest = Math.max(...shares.flat())
  const lines = shares.map((counts, i) => {
    const steps = counts.map((share, bin) => `V${y(share / highest)}H${x((bin + 1) / histogramBins)}`)
    return `<path d="M${x(0)} ${y(0)}${steps.join('')}V${y(0)}" fill="none" stroke="${colours[i % colours.length]}"/>`
  })
  const legend = sets.map(
    ({ name }, i) =>
      `<text x="${width - margin}" y="${margin + 12 + 14 * i}" text-anchor="end" style="fill: ${colours[i % colours.length]}">${escaped(name)}</text>`,
  )
  return svg(title, [
    ...lines,
    ...legend,
    svgText([x(0), height - 22], 'start', low.toPrecision(3)),
    svgText([x(1), height - 22], 'end', high.toPrecision(3)),
  ])
}
