/** Where chains and images start. */
import { type Generator, rand, type Tensor } from '@robust-jem/torch'
import type { ClassGaussians } from '../data/class-gaussian.ts'

/** Fresh starts in [-1, 1] for classes y [N]: [N, 3, H, W]. */
export type Starts = (y: Tensor, rng: Generator) => Tensor

/** A draw of each class's Gaussian, or uniform noise on [-1, 1]. */
export const startsOf = (start: 'class-gaussian' | 'uniform', gaussians: ClassGaussians): Starts =>
  start === 'uniform'
    ? (y, rng) =>
        rand([y.numel, ...gaussians.shape], { generator: rng })
          .mul(2)
          .sub(1)
    : (y, rng) => gaussians.draw(y, rng)
