/** Figures for people, for RobustBench, and for the table of a reproduction. */
import { columns } from '../../config/columns.ts'
import type { Config } from '../../config/schema.ts'
import { UserError } from '../../errors.ts'
import type { FigureRecord } from '../../evaluation/figure-record.ts'
import type { Figure } from '../../report/rows.ts'
import type { EvaluationResult } from './groups.ts'

const isShare = ({ name, unit }: FigureRecord) => unit === 'share' && !/^(precision|recall|coverage)/.test(name)

/** Name, value, interval, N and protocol, a line each. */
export const shownFigures = (figures: readonly FigureRecord[], width: number): string[] =>
  columns(
    figures.map((figure): [string, string] => {
      const { name, value, interval, count, protocol, settings } = figure
      const shown = (number: number) => (isShare(figure) ? `${(100 * number).toFixed(2)} %` : number.toPrecision(5))
      const range =
        interval === null
          ? ''
          : interval.method === 'splits-sd'
            ? ` ± ${((interval.high - interval.low) / 2).toPrecision(3)} (sd over splits)`
            : ` [${shown(interval.low)}, ${shown(interval.high)}]`
      const attack = settings.epsilon === undefined ? '' : `, ${settings.norm} ${settings.epsilon}`
      return [name, `${shown(value)}${range}  N = ${count.toLocaleString('en-US')}, ${protocol}${attack}`]
    }),
    { width },
  )

/** A file as in RobustBench's model_info; the count and the flags stand in its footnote. */
export function robustBench(
  { figures, flags }: Pick<EvaluationResult, 'figures' | 'flags'>,
  { name, dataset, config }: { name: string; dataset: string; config: Config },
): Record<string, unknown> {
  const figure = (of: string) => {
    const found = figures.find((each) => each.name === of)
    if (!found) throw new UserError('figure-missing', `There is no ${of} to report. Add autoattack to --metrics.`)
    return found
  }
  const [clean, robust] = [figure('autoattack/clean'), figure('autoattack')]
  const percent = ({ value }: FigureRecord) => (100 * value).toFixed(2)
  return {
    link: 'N/A',
    name,
    authors: 'N/A',
    additional_data: false,
    number_forward_passes: 1,
    dataset,
    venue: 'N/A',
    architecture: `WideResNet-${config.model.depth}-${config.model.width}`,
    eps: String(robust.settings.epsilon),
    norm: robust.settings.norm === 'l2' ? 'L2' : 'Linf',
    clean_acc: percent(clean),
    reported: percent(robust),
    autoattack_acc: percent(robust),
    unreliable: flags.length > 0,
    footnote: [`First ${robust.count} test images; weights ${robust.weights_sha256}.`, ...flags].join(' '),
  }
}

const asTableFigure = ({ value, interval, unit }: FigureRecord): Figure => {
  const scale = unit === 'share' ? 100 : 1
  const spread = interval && (scale * (interval.high - interval.low)) / 2
  return { value: scale * value, ...(spread !== null && { spread }) }
}

/** Columns of the table: accuracy, PGD, Inception's and the judge's figures; where a whole group is missing, one column says why. */
export function tableFigures(
  { figures, refused }: Pick<EvaluationResult, 'figures' | 'refused'>,
  attacked: string,
): Record<string, Figure> {
  const of = (name: string, group: string): Figure => {
    const found = figures.find((figure) => figure.name === name)
    if (found) return asTableFigure(found)
    return { missing: (refused[name] ?? refused[group] ?? 'it was not measured').replace(/\.$/, '') }
  }
  return {
    'accuracy, %': of('accuracy', 'accuracy'),
    [`${attacked}, %`]: of('pgd-20', 'pgd'),
    FID: of('fid', 'samples'),
    ...(refused.samples === undefined && {
      IS: of('inception-score', 'samples'),
      'FID-768': of('fid-768', 'samples'),
      'KID-768': of('kid-768', 'samples'),
      'recall-768, %': of('recall-768', 'samples'),
    }),
    'judge accuracy, %': of('judge-accuracy', 'judge'),
    ...(refused.judge === undefined && { 'judge-is': of('judge-is', 'judge'), 'judge-fd': of('judge-fd', 'judge') }),
  }
}
