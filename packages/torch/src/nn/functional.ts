import { overloaded } from '../dispatch.ts'
import { batchNorm as atenBatchNorm, crossEntropyLoss } from '../ops.ts'
import type { Tensor } from '../tensor.ts'

/**
 * What a batch norm normalises by. 'running': the running statistics; each image by itself, nothing changes.
 * 'batch': the batch's own, and the running statistics move towards them (PyTorch's train mode). 'batch-frozen': the
 * batch's own, the running ones stay.
 */
export type BatchStatistics = 'running' | 'batch' | 'batch-frozen'

/** The tensors of a batch norm; `nn.BatchNorm2d` is one. */
export interface BatchNormState {
  weight: Tensor // [C]
  bias: Tensor // [C]
  runningMean: Tensor // [C]
  runningVar: Tensor // [C]
  numBatchesTracked: Tensor // []
  momentum: number
  eps: number
}

const running = (x: Tensor, norm: BatchNormState, statistics: BatchStatistics): [Tensor | null, Tensor | null] => {
  // One value has no variance: the running one would become NaN.
  if (statistics !== 'running' && x.numel === x.shape[1])
    throw new RangeError(`batchNorm: expected more than one value a channel, received a batch of [${x.shape}]`)
  if (statistics === 'batch-frozen') return [null, null]
  if (statistics === 'batch') norm.numBatchesTracked.add_(1)
  return [norm.runningMean, norm.runningVar]
}

/** (x − mean) / √(var + eps) · weight + bias over [N, H, W] of each channel. x: [N, C, H, W]. */
export function batchNorm(x: Tensor, norm: BatchNormState, statistics: BatchStatistics): Tensor {
  const [mean, variance] = running(x, norm, statistics)
  return atenBatchNorm(
    x,
    norm.weight,
    norm.bias,
    mean,
    variance,
    statistics !== 'running',
    norm.momentum,
    norm.eps,
    false,
  )
}

const fused = overloaded('robust_jem::batch_norm_leaky_relu') as (
  ...args: [Tensor, Tensor, Tensor, Tensor | null, Tensor | null, boolean, number, number, number]
) => Tensor

/** LeakyReLU(batchNorm(x)) as one operator: same values, one pass over memory less each way. x: [N, C, H, W]. */
export function batchNormLeakyRelu(
  x: Tensor,
  norm: BatchNormState,
  statistics: BatchStatistics,
  negativeSlope = 0.01,
): Tensor {
  const [mean, variance] = running(x, norm, statistics)
  return fused(
    x,
    norm.weight,
    norm.bias,
    mean,
    variance,
    statistics !== 'running',
    norm.momentum,
    norm.eps,
    negativeSlope,
  )
}

const reductions = { none: 0, mean: 1, sum: 2 } as const

/** −log softmax(logits)[target]. logits: [N, K]; target: [N] int64 classes or [N, K] probabilities. */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  { reduction = 'mean', labelSmoothing = 0 }: { reduction?: keyof typeof reductions; labelSmoothing?: number } = {},
): Tensor {
  if (!(reduction in reductions))
    throw new TypeError(`crossEntropy: unknown reduction '${reduction}'; use none, mean or sum`)
  return crossEntropyLoss(logits, target, { reduction: reductions[reduction], labelSmoothing })
}
