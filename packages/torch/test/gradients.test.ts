import { describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { Generator, grad, noGrad, scope, type Tensor } from '../src/index.ts'

type Function = (...inputs: Tensor[]) => Tensor

/**
 * The largest difference between autograd's gradient of Σ v·f(inputs) and central differences, over every element of every
 * input; v is a fixed random weight, so that no error can cancel.
 */
function gradientError(f: Function, inputs: Tensor[]): number {
  return scope(() => {
    const leaves = inputs.map((x) => x.clone().requiresGrad_())
    const output = f(...leaves)
    const v = torch.randn(output.shape, { generator: new Generator(9), dtype: 'float64' })
    const analytic = grad(output, leaves, { gradOutputs: v })
    const h = 1e-6
    let worst = 0
    noGrad(() => {
      for (const [i, x] of inputs.entries()) {
        const gradient = analytic[i]!.reshape([-1]).toTypedArray()
        for (let k = 0; k < x.numel; k++) {
          const at = (by: number) =>
            scope(() => {
              const moved = x.clone()
              moved.view([-1]).narrow(0, k, 1).add_(by)
              return f(...inputs.with(i, moved))
                .mul(v)
                .sum()
                .item()
            })
          worst = Math.max(worst, Math.abs((at(h) - at(-h)) / (2 * h) - Number(gradient[k])))
        }
      }
    })
    return worst
  })
}

const generator = new Generator(1)
const normal = (...shape: number[]) => torch.randn(shape, { generator, dtype: 'float64' })
const positive = (...shape: number[]) => torch.rand(shape, { generator, dtype: 'float64' }).add_(0.5)
const symmetric = (n: number) => {
  const a = normal(n, n)
  return a.matmul(a.t()).add(torch.eye(n, { dtype: 'float64' }))
}
const classes = torch.tensor([1, 0, 2], { dtype: 'int64' })

// Points away from kinks: an absolute value is differentiable almost everywhere, a difference quotient across 0 is not.
const cases: [string, Function, Tensor[]][] = [
  ['exp', torch.exp, [normal(3)]],
  ['log', torch.log, [positive(3)]],
  ['sqrt', torch.sqrt, [positive(3)]],
  ['tanh', torch.tanh, [normal(3)]],
  ['sigmoid', torch.sigmoid, [normal(3)]],
  ['erf', torch.erf, [normal(3)]],
  ['abs', torch.abs, [positive(3).neg()]],
  ['square', torch.square, [normal(3)]],
  ['rsqrt', torch.rsqrt, [positive(3)]],
  ['lgamma', torch.lgamma, [positive(3)]],
  ['add with alpha, broadcast', (a, b) => torch.add(a, b, { alpha: -2 }), [normal(2, 3), normal(3)]],
  ['mul, broadcast', torch.mul as Function, [normal(2, 1), normal(3)]],
  ['div', torch.div as Function, [normal(3), positive(3)]],
  ['pow', torch.pow as Function, [positive(3), normal(3)]],
  ['atan2', torch.atan2, [positive(3), positive(3)]],
  ['logaddexp', torch.logaddexp, [normal(3), normal(3)]],
  ['clamp', (x) => torch.clamp(x, { min: 0.6, max: 1.4 }), [positive(6)]],
  ['where', (a, b) => torch.where(a.gt(b), a.square(), b.exp()), [normal(4), normal(4)]],
  ['maximum', torch.maximum, [normal(4), normal(4)]],
  ['sum over a dimension', (x) => torch.sum(x, 1), [normal(2, 3)]],
  ['mean over two', (x) => torch.mean(x, [0, 2]), [normal(2, 3, 2)]],
  ['variance', (x) => torch.var(x, 1), [normal(2, 4)]],
  ['prod', (x) => torch.prod(x, 1), [normal(2, 3)]],
  ['amax', (x) => torch.amax(x, { dim: 1 }), [normal(2, 3)]],
  ['logsumexp', (x) => torch.logsumexp(x, 1), [normal(3, 5)]],
  ['cumsum', (x) => torch.cumsum(x, 0), [normal(4)]],
  ['norm', (x) => torch.linalgVectorNorm(x, { dim: [1] }), [normal(2, 3)]],
  ['softmax', (x) => torch.softmax(x, 1), [normal(2, 4)]],
  ['log_softmax', (x) => torch.logSoftmax(x, 1), [normal(2, 4)]],
  ['cross entropy', (x) => torch.nn.crossEntropy(x, classes), [normal(3, 4)]],
  [
    'cross entropy, label smoothing, sum',
    (x) => torch.nn.crossEntropy(x, classes, { reduction: 'sum', labelSmoothing: 0.1 }),
    [normal(3, 4)],
  ],
  [
    'binary cross entropy',
    (x) => torch.binaryCrossEntropyWithLogits(x, torch.tensor([0, 1, 1], { dtype: 'float64' })),
    [normal(3)],
  ],
  ['mse', torch.mseLoss as Function, [normal(3), normal(3)]],
  ['reshape and permute', (x) => x.reshape([3, 2]).permute([1, 0]), [normal(2, 3)]],
  ['cat and stack', (a, b) => torch.stack([torch.cat([a, b]), torch.cat([b, a])]), [normal(2), normal(3)]],
  ['narrow, flip and roll', (x) => x.narrow(0, 1, 3).flip([0]).roll(1), [normal(5)]],
  ['index_select', (x) => x.indexSelect(0, classes), [normal(3, 2)]],
  ['gather', (x) => x.gather(1, classes.unsqueeze(1)), [normal(3, 4)]],
  ['index_copy', (x, s) => x.indexCopy(0, torch.tensor([2, 0], { dtype: 'int64' }), s), [normal(3), normal(2)]],
  ['masked_fill', (x) => x.maskedFill(x.gt(0), 0), [normal(6)]],
  ['diagonal and tril', (x) => x.tril().diagonal().add(x.triu().sum()), [normal(3, 3)]],
  ['matmul, batched', torch.matmul, [normal(2, 2, 3), normal(3, 2)]],
  ['einsum', (a, b) => torch.einsum('bij,jk->bik', [a, b]), [normal(2, 2, 3), normal(3, 2)]],
  ['linear', (x, w, b) => torch.linear(x, w, { bias: b }), [normal(2, 3), normal(4, 3), normal(4)]],
  ['cdist', torch.cdist as Function, [normal(3, 2), normal(2, 2)]],
  ['conv1d', (x, w) => torch.conv1d(x, w, { padding: 1 }), [normal(1, 2, 5), normal(2, 2, 3)]],
  [
    'conv2d, stride 2',
    (x, w, b) => torch.conv2d(x, w, { bias: b, stride: 2, padding: 1 }),
    [normal(2, 2, 4, 4), normal(3, 2, 3, 3), normal(3)],
  ],
  [
    'conv2d, grouped and dilated',
    (x, w) => torch.conv2d(x, w, { groups: 2, dilation: 2 }),
    [normal(1, 2, 5, 5), normal(2, 1, 2, 2)],
  ],
  ['conv_transpose2d', (x, w) => torch.convTranspose2d(x, w, { stride: 2 }), [normal(1, 2, 2, 2), normal(2, 1, 3, 3)]],
  ['max_pool2d', (x) => torch.maxPool2d(x, 2), [normal(1, 1, 4, 4)]],
  ['avg_pool2d', (x) => torch.avgPool2d(x, 2), [normal(1, 1, 4, 4)]],
  ['adaptive_avg_pool2d', (x) => torch.adaptiveAvgPool2d(x, 1), [normal(1, 2, 3, 3)]],
  ['reflection_pad2d', (x) => torch.reflectionPad2d(x, 1), [normal(1, 1, 3, 3)]],
  ['pixel_shuffle', (x) => torch.pixelShuffle(x, 2), [normal(1, 4, 2, 2)]],
  ['upsample_bilinear2d', (x) => torch.upsampleBilinear2d(x, [3, 3], false, null), [normal(1, 1, 2, 2)]],
  ['leaky_relu', (x) => torch.leakyRelu(x, { negativeSlope: 0.2 }), [normal(6)]],
  ['elu', torch.elu as Function, [normal(6)]],
  ['gelu', torch.gelu as Function, [normal(6)]],
  ['softplus', torch.softplus as Function, [normal(6)]],
  ['silu', torch.silu, [normal(6)]],
  [
    'batch_norm',
    (x, w, b) => torch.batchNorm(x, w, b, null, null, true, 0.1, 1e-5, false),
    [normal(3, 2, 2, 2), normal(2), normal(2)],
  ],
  ['layer_norm', (x, w) => torch.layerNorm(x, [4], { weight: w }), [normal(2, 4), normal(4)]],
  ['group_norm', (x) => torch.groupNorm(x, 2), [normal(2, 4, 2, 2)]],
  ['cholesky', (x) => torch.linalgCholesky(x.add(x.t())), [symmetric(3)]],
  ['slogdet', (x) => torch.linalgSlogdet(x)[1], [symmetric(3)]],
  ['inverse', torch.linalgInv, [symmetric(3)]],
  ['solve', torch.linalgSolve as Function, [symmetric(3), normal(3, 2)]],
  ['triangular solve', (a, b) => torch.linalgSolveTriangular(a.triu(), b, true), [symmetric(3), normal(3, 2)]],
  ['eigenvalues', (x) => torch.linalgEigh(x.add(x.t()))[0], [symmetric(3)]],
  ['singular values', torch.linalgSvdvals as Function, [normal(3, 2)]],
  ['matrix exponential', torch.linalgMatrixExp, [normal(3, 3)]],
]

describe('the gradient of', () => {
  it.each(cases)('%s equals finite differences in float64', (_, f, inputs) => {
    expect(gradientError(f, inputs)).toBeLessThan(2e-6)
  })
})
