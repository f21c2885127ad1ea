/**
 * Bilinear resizing of [N, C, H, W] as the two families of Inception code do it.
 *
 * 'tf1' is TensorFlow 1's ResizeBilinear (align_corners and half_pixel_centers false), which the published FID and Inception
 * scores contain: output i lies at i·in/out, in float32. 'half-pixel' is PyTorch's interpolate: max((i + ½)·in/out − ½, 0).
 */
import { noGrad, scope, type Tensor, tensor } from '@robust-jem/torch'

export type ResizeRule = 'tf1' | 'half-pixel'

/** Neighbours of each output position and the weight of the second, along one side. */
interface Taps {
  low: BigInt64Array
  high: BigInt64Array
  weight: Float32Array
}

function taps(from: number, to: number, rule: ResizeRule): Taps {
  const low = new BigInt64Array(to)
  const high = new BigInt64Array(to)
  const weight = new Float32Array(to)
  const scale = Math.fround(from / to)
  for (let i = 0; i < to; i++) {
    const position = rule === 'tf1' ? Math.fround(i * scale) : Math.max(((i + 0.5) * from) / to - 0.5, 0)
    const below = Math.min(Math.floor(position), from - 1)
    low[i] = BigInt(below)
    high[i] = BigInt(Math.min(below + 1, from - 1))
    weight[i] = position - below
  }
  return { low, high, weight }
}

/** a + (b − a)·w between the neighbours along dimension `dim` of x. */
function along(x: Tensor, dim: 2 | 3, size: number, rule: ResizeRule): Tensor {
  const { low, high, weight } = taps(x.shape[dim]!, size, rule)
  const at = (index: BigInt64Array) => x.indexSelect(dim, tensor(index, { device: x.device }))
  const w = tensor(weight, { shape: dim === 3 ? [size] : [size, 1], device: x.device })
  const a = at(low)
  return a.add(at(high).sub(a).mul(w))
}

/** float32 [N, C, H, W] to [N, C, height, width], along x first and then along y. The same values where the size is the same. */
export const resizeBilinear = (x: Tensor, [height, width]: readonly [number, number], rule: ResizeRule): Tensor =>
  noGrad(() => scope(() => along(along(x, 3, width, rule), 2, height, rule)))
