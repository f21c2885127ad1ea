/** Accuracy on clean and on attacked images. */
import { type Generator, scope } from '@robust-jem/torch'
import { type PgdSettings, pgd } from '../attacks/pgd.ts'
import { imagesAt, labelsAt } from '../data/augment.ts'
import type { ImageSet } from '../data/image-set.ts'
import type { Logits } from '../energy.ts'

export interface Robustness {
  count: number
  /** Share of images classified rightly, and of those still so under PGD from a random start. */
  accuracy: number
  robustAccuracy: number
}

/** f on the first `count` images of the set, un-augmented and noise-free, under PGD (last iterate) in model units. */
export function robustness(
  f: Logits,
  set: ImageSet,
  attack: PgdSettings,
  rng: Generator,
  {
    count = set.labels.length,
    batchSize = 250,
    onProgress,
  }: { count?: number; batchSize?: number; onProgress?(done: number, total: number): void } = {},
): Robustness {
  const total = Math.min(count, set.labels.length)
  let right = 0
  let robust = 0
  for (let at = 0; at < total; at += batchSize) {
    scope(() => {
      const indices = Array.from({ length: Math.min(batchSize, total - at) }, (_, i) => at + i)
      const x = imagesAt(set, indices).to({ device: rng.device })
      const y = labelsAt(set, indices).to({ device: rng.device })
      const rightly = (images: typeof x) => f(images).argmax({ dim: 1 }).eq(y)
      const start = attack.threat.place(x, attack.threat.draw(x, rng))
      const clean = rightly(x)
      const attacked = pgd(f, x, y, attack, { start })
      right += clean.sum().item()
      robust += rightly(attacked).logicalAnd(clean).sum().item()
    })
    onProgress?.(Math.min(total, at + batchSize), total)
  }
  return { count: total, accuracy: right / total, robustAccuracy: robust / total }
}
