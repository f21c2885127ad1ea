/** What an attacker may do: a norm ball around each image (Madry et al. 2018; step and projection as in MadryLab/robustness). */
import { type Generator, rand, randn, type Tensor } from '@robust-jem/torch'

/** Distances in the units of the images given: model units [-1, 1] are twice pixel units [0, 1]. */
export interface ThreatModel {
  readonly norm: 'linf' | 'l2'
  readonly epsilon: number
  /** One step of length a along the gradient g [N, C, H, W]. */
  step(x: Tensor, g: Tensor, a: number): Tensor
  /** The nearest point of the ball around x₀. */
  project(x: Tensor, x0: Tensor): Tensor
  /** A random number for every coordinate, of the law that `place` expects. */
  draw(x0: Tensor, rng: Generator): Tensor
  /** The random start in the ball that these numbers stand for. */
  place(x0: Tensor, numbers: Tensor): Tensor
}

/** {x : ‖x − x₀‖∞ ≤ ε}. */
export const linf = (epsilon: number): ThreatModel => ({
  norm: 'linf',
  epsilon,
  step: (x, g, a) => x.add(g.sign(), { alpha: a }),
  project: (x, x0) => x0.add(x.sub(x0).clamp({ min: -epsilon, max: epsilon })),
  draw: (x0, rng) => rand(x0.shape, { generator: rng, dtype: x0.dtype }),
  place: (x0, uniform) => x0.add(uniform.sub(0.5), { alpha: 2 * epsilon }), // U(−ε, ε)
})

/** ‖v‖₂ of each image, [N, 1, 1, 1]. */
const lengths = (v: Tensor): Tensor => v.square().sum([1, 2, 3], { keepdim: true }).sqrt()

/** {x : ‖x − x₀‖₂ ≤ ε}. The random start lies on the sphere's surface, as Madry's code has it. */
export const l2 = (epsilon: number): ThreatModel => ({
  norm: 'l2',
  epsilon,
  step: (x, g, a) => x.add(g.div(lengths(g).add(1e-10)), { alpha: a }),
  project: (x, x0) => {
    const d = x.sub(x0)
    const length = lengths(d)
    return x0.add(d.mul(length.gt(epsilon).where(length.add(1e-7).reciprocal().mul(epsilon), length.onesLike())))
  },
  draw: (x0, rng) => randn(x0.shape, { generator: rng, dtype: x0.dtype }),
  place: (x0, normal) => x0.add(normal.div(lengths(normal).add(1e-10)), { alpha: epsilon }),
})

export const threatModel = (norm: 'linf' | 'l2', epsilon: number): ThreatModel =>
  norm === 'linf' ? linf(epsilon) : l2(epsilon)
