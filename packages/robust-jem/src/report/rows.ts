/** The rows of the paper's table (CIFAR-10), and those of its relatives that are trained here too. */
import type { SystemName } from '../config/system-names.ts'
import type { SamplerName } from '../samplers/draw.ts'

export interface Row {
  name: string
  title: string
  /** What is trained, and what draws from it; two rows may share a training. null: not part of this version. */
  system: SystemName | null
  sampler: SamplerName
  /** Whether Langevin steps climb log p(x, y) of a class; those of a row without a class climb log p(x). */
  conditional: boolean
  /** As published: Inception score and FID, on other networks and by other protocols than any figure of ours. */
  paper: { inceptionScore: number; fid: number } | null
}

const row = (
  name: string,
  title: string,
  system: Row['system'],
  sampler: SamplerName,
  published?: [inceptionScore: number, fid: number],
  conditional = true,
): Row => ({
  name,
  title,
  system,
  sampler,
  conditional,
  paper: published ? { inceptionScore: published[0], fid: published[1] } : null,
})

export const rows: readonly Row[] = [
  row('residual-flow', 'Residual Flow', null, 'energy', [3.69, 46.4]),
  row('glow', 'Glow', null, 'energy', [3.92, 48.9]),
  row('jem++', 'JEM++', 'jem++', 'energy', [7.54, 48.25], false),
  row('robust-classifier', 'Single robust classifier', 'robust-classifier', 'attack', [7.05, 85.12]),
  row('robust-jem-energy', 'Robust JEM-Energy', 'robust-jem', 'energy', [8.71, 41.17], false),
  row('robust-jem', 'Robust JEM', 'robust-jem', 'robust-jem', [9.28, 47.92]),
  row('classifier', 'Standard classifier', 'classifier', 'attack'),
  row('jem', 'JEM', 'jem', 'energy', undefined, false),
  row('sada-jem', 'SADA-JEM', 'sada-jem', 'energy', undefined, false),
  row('dat', 'DAT', 'dat', 'ascent'),
]

/** A number with its spread where it has one, or why there is none. */
export type Figure = { value: number; spread?: number } | { missing: string }

export interface RowResult {
  row: string
  /** The run directory, from the reproduction's folder. */
  run: string
  step: number
  /** Of training. */
  seconds: number
  weights: 'raw' | 'ema'
  weights_sha256: string
  /** Sampler, N, seed and protocol of the images. */
  drawn: { sampler: string; steps: number; count: number; seed: number; protocol: 'fresh' }
  /** The picture of the images, from the reproduction's folder. */
  picture: string
  /** By the names of the table's columns. */
  figures: Record<string, Figure>
}
