/** A network's logits on the first images of a set, as they are: no augmentation, no noise. */
import { cat, type Device, noGrad, scope, type Tensor } from '@robust-jem/torch'
import { imagesAt } from '../data/augment.ts'
import type { ImageSet } from '../data/image-set.ts'
import type { Logits } from '../energy.ts'

/** float32 [count, K] on the CPU. */
export function logitsOf(
  f: Logits,
  set: ImageSet,
  {
    count = set.labels.length,
    batchSize = 250,
    device = 'cpu',
    onProgress,
  }: { count?: number; batchSize?: number; device?: Device; onProgress?: (done: number, total: number) => void } = {},
): Tensor {
  return noGrad(() =>
    scope(() => {
      const parts: Tensor[] = []
      for (let at = 0; at < count; at += batchSize) {
        const n = Math.min(batchSize, count - at)
        const indices = Array.from({ length: n }, (_, i) => at + i)
        parts.push(scope(() => f(imagesAt(set, indices).to({ device })).to({ device: 'cpu', dtype: 'float32' })))
        onProgress?.(at + n, count)
      }
      return cat(parts)
    }),
  )
}
