/** Layers with PyTorch's names, shapes and default initialisation. */
import { noGrad } from '../autograd.ts'
import { full, ones, rand, zeros } from '../create.ts'
import { conv2d, linear } from '../ops.ts'
import type { Generator } from '../random.ts'
import type { Shape, Tensor } from '../tensor.ts'
import { type BatchStatistics, batchNorm } from './functional.ts'
import { Module } from './module.ts'

/** U(−bound, bound), a leaf that requires a gradient. */
const uniform = (shape: Shape, bound: number, generator: Generator): Tensor =>
  noGrad(() =>
    rand(shape, { generator })
      .mul_(2 * bound)
      .sub_(bound),
  ).requiresGrad_()

export class Linear extends Module {
  weight: Tensor // [out, in]
  bias: Tensor // [out]

  /** Weight and bias U(±1/√in), as PyTorch's Kaiming-uniform with a = √5 gives. */
  constructor(inputs: number, outputs: number, { generator }: { generator: Generator }) {
    super()
    const bound = 1 / Math.sqrt(inputs)
    this.weight = uniform([outputs, inputs], bound, generator)
    this.bias = uniform([outputs], bound, generator)
  }
  /** x [N, in] → [N, out] */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, { bias: this.bias })
  }
}

export interface Conv2dOptions {
  stride?: number
  padding?: number
  generator: Generator
}

export class Conv2d extends Module {
  weight: Tensor // [out, in, kernel, kernel]
  bias: Tensor // [out]
  readonly stride: number
  readonly padding: number

  /** Weight and bias U(±1/√(in·kernel²)), as PyTorch's Kaiming-uniform with a = √5 gives. */
  constructor(inputs: number, outputs: number, kernel: number, { stride = 1, padding = 0, generator }: Conv2dOptions) {
    super()
    const bound = 1 / Math.sqrt(inputs * kernel * kernel)
    this.weight = uniform([outputs, inputs, kernel, kernel], bound, generator)
    this.bias = uniform([outputs], bound, generator)
    this.stride = stride
    this.padding = padding
  }
  /** x [N, in, H, W] → [N, out, H', W'] */
  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, { bias: this.bias, stride: this.stride, padding: this.padding })
  }
}

export class BatchNorm2d extends Module {
  static override readonly buffers = ['runningMean', 'runningVar', 'numBatchesTracked']
  weight: Tensor // [C]
  bias: Tensor // [C]
  runningMean: Tensor // [C]
  runningVar: Tensor // [C]
  numBatchesTracked: Tensor // [] int64
  readonly momentum: number
  readonly eps: number

  /** `momentum` in PyTorch's sense: running = (1 − momentum)·running + momentum·batch. */
  constructor(channels: number, { momentum = 0.1, eps = 1e-5 }: { momentum?: number; eps?: number } = {}) {
    super()
    this.weight = ones([channels]).requiresGrad_()
    this.bias = zeros([channels]).requiresGrad_()
    this.runningMean = zeros([channels])
    this.runningVar = ones([channels])
    this.numBatchesTracked = full([], 0, { dtype: 'int64' })
    this.momentum = momentum
    this.eps = eps
  }
  /** x [N, C, H, W]. `statistics`: see `BatchStatistics`. */
  forward(x: Tensor, statistics: BatchStatistics): Tensor {
    return batchNorm(x, this, statistics)
  }
}
