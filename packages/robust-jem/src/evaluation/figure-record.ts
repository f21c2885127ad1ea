/** A figure with all that it rests on, as it is kept, printed with --json and quoted. */
import { z } from 'zod'
import { UserError } from '../errors.ts'

/** Bounds, and where they come from; 95 % ones but for 'splits-sd', which is the mean over splits ± their standard deviation. */
const intervalSchema = z.object({
  low: z.number(),
  high: z.number(),
  method: z.enum(['wilson-95', 'bootstrap-95', 'splits-95', 'splits-sd']),
})
export type Interval = z.infer<typeof intervalSchema>

/** The real images that a figure compares with. */
const referenceSchema = z.object({ name: z.string(), count: z.int(), sha256: z.string() })
export type Reference = z.infer<typeof referenceSchema>

export const figureRecord = z.object({
  /** 'accuracy', 'fid-768', 'auroc/log-p/cifar100'. */
  name: z.string(),
  value: z.number(),
  /** A 'share' lies in [0, 1]; null for what has no unit. */
  unit: z.enum(['share', 'nats', 'classes']).nullable(),
  interval: intervalSchema.nullable(),
  /** N: test images or samples. */
  count: z.int(),
  /** Test images; samples of new chains; samples out of the training's replay buffer. */
  protocol: z.enum(['test', 'fresh', 'buffer']),
  reference: referenceSchema.nullable(),
  /** SHA-256 of the file of the network whose features or verdicts it rests on, where that is not the model. */
  extractor_sha256: z.string().nullable(),
  /** Of the model. */
  weights_sha256: z.string(),
  seed: z.int(),
  /** What else would change it: attack, bins, neighbours, sampler. */
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type FigureRecord = z.infer<typeof figureRecord>

/** What figures of a group share. */
export type FigureContext = Omit<FigureRecord, 'name' | 'value' | 'interval' | 'unit'>

/** A record from what differs between figures of a group, and what they share. Throws a UserError where the value is no finite number. */
export const figureOf = (
  common: FigureContext,
  name: string,
  value: number,
  more: Partial<Omit<FigureRecord, 'name' | 'value'>> = {},
): FigureRecord => {
  if (!Number.isFinite(value)) {
    throw new UserError('figure-not-finite', `${name} is ${value}. Look for damaged images or weights.`, { name })
  }
  return {
    name,
    value,
    unit: null,
    interval: null,
    ...common,
    ...more,
    settings: { ...common.settings, ...more.settings },
  }
}
