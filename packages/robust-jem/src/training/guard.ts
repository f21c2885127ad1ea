/** The divergence guard: JEMs leave the rails in ways that their own figures show (Grathwohl et al. 2020, §7; JEM++ §5). */
import type { StepRecord } from '@robust-jem/formats'
import { scope } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'
import type { TrainState } from './state.ts'

export interface Watched extends Pick<StepRecord, 'loss' | 'fPositive' | 'fNegative'> {
  /** Share of the chains' pixels on or outside ±1; null without chains. */
  saturation: number | null
}

/** Sees every step; NaN and infinity count at once, the rest by its mean over the last steps. */
export class Guard {
  readonly #limits: Config['guard']
  readonly #recent = { loss: [] as number[], gap: [] as number[], saturation: [] as number[] }

  constructor(limits: Config['guard']) {
    this.#limits = limits
  }

  /** Why the training counts as diverged, in words; undefined while it does not. */
  see({ loss, fPositive, fNegative, saturation }: Watched): string | undefined {
    const figures = { 'the loss': loss, 'f(x⁺)': fPositive, 'f(x⁻)': fNegative }
    for (const [name, value] of Object.entries(figures))
      if (value !== null && !Number.isFinite(value)) return `${name} is no finite number`
    const gap = fPositive === null || fNegative === null ? null : fPositive - fNegative
    const means = {
      loss: this.#mean('loss', loss === null ? null : Math.abs(loss)),
      gap: this.#mean('gap', gap === null ? null : Math.abs(gap)),
      saturation: this.#mean('saturation', saturation),
    }
    const { window, ...limits } = this.#limits
    const over = (name: keyof typeof means) => means[name] !== null && means[name] > limits[name]
    const said = (name: keyof typeof means) =>
      `${means[name]!.toPrecision(3)} over ${window} steps, the limit is ${limits[name]}`
    if (over('loss')) return `|loss| is ${said('loss')}`
    if (over('gap')) return `|f(x⁺) − f(x⁻)| is ${said('gap')}`
    if (over('saturation')) return `the share of saturated pixels in the chains is ${said('saturation')}`
    return undefined
  }

  /** Of the last `window` values; null until there are as many. */
  #mean(name: 'loss' | 'gap' | 'saturation', value: number | null): number | null {
    const recent = this.#recent[name]
    if (value === null) return null
    recent.push(value)
    if (recent.length > this.#limits.window) recent.shift()
    return recent.length < this.#limits.window ? null : recent.reduce((sum, each) => sum + each, 0) / recent.length
  }
}

/** Whether all weights and their averages are finite numbers. */
export const allFinite = ({ network, average }: TrainState): boolean =>
  scope(() =>
    [...Object.values(network.stateDict()), ...(average?.average.values() ?? [])].every((tensor) =>
      Number.isFinite(tensor.double().abs().max().item()),
    ),
  )
