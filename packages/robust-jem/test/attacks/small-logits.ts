/** Functions of small images that are quicker than a network: [N, 3, 6, 6] in [-1, 1] to logits [N, K], in float64. */
import { Generator, rand, randn, type Tensor } from '@robust-jem/torch'
import type { Logits } from '../../src/energy.ts'
import '../small.ts'

export const side = 6
const pixels = 3 * side * side
const normal = (shape: number[], seed: number) => randn(shape, { generator: new Generator(seed), dtype: 'float64' })

/** Wx + c. */
export const linear = (w: Tensor, c: Tensor): Logits => {
  return (x) => x.reshape([x.shape[0]!, -1]).matmul(w.t()).add(c)
}
export const linearWeights = (classes: number, seed: number): { w: Tensor; c: Tensor } => ({
  w: normal([classes, pixels], seed),
  c: normal([classes], seed + 1),
})

/** A layer of 20 bent units between: its gradients differ from place to place. */
export function bent(classes: number, seed: number): Logits {
  const [a, b] = [normal([pixels, 20], seed).mul(0.2), normal([20, classes], seed + 1)]
  return (x) => x.reshape([x.shape[0]!, -1]).matmul(a).tanh().matmul(b)
}

/** Inside the box by a margin: uniform on [-reach, reach]. */
export const images = (n: number, seed: number, reach = 1): Tensor =>
  rand([n, 3, side, side], { generator: new Generator(seed), dtype: 'float64' })
    .mul(2 * reach)
    .sub(reach)

export const predictions = (f: Logits, x: Tensor): Tensor => f(x).argmax({ dim: 1 })
