/**
 * ResNet for CIFAR-10 (He et al. 2015, §4.2): 6n + 2 layers in three groups of n blocks with 16, 32 and 64 channels; shortcuts of
 * option A, which skip every other pixel and add channels of zeros, and have no parameters.
 */
import {
  batchNorm,
  cat,
  conv2d,
  type Device,
  linear,
  noGrad,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '@robust-jem/torch'

/** Channels of the last map, the widths of the features. */
export const resnetFeatures = 64

interface Normed {
  weight: Tensor // [out, in, 3, 3]
  norm: [weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor] // [out] each
}
interface Block {
  conv1: Normed
  conv2: Normed
  stride: 1 | 2
}

const imagenetMean = [0.485, 0.456, 0.406]
const imagenetStd = [0.229, 0.224, 0.225]
const epsilon = 1e-5

/** A classifier with constant weights and running statistics; images [N, 3, 32, 32] in pixel units [0, 1]. */
export class CifarResNet {
  readonly depth: number
  readonly classes: number
  readonly device: Device
  readonly #first: Normed
  readonly #blocks: readonly Block[]
  readonly #linear: { weight: Tensor; bias: Tensor } // [K, 64], [K]

  /** The depth is read off the names: `layer1.0.conv1.weight` … Throws an Error where a tensor is missing or of another shape. */
  constructor(state: Readonly<Record<string, Tensor>>, { device = 'cpu' }: { device?: Device } = {}) {
    const take = (name: string, shape: readonly number[]): Tensor => {
      const given = state[name]
      if (!given) throw new Error(`There is no ${name}.`)
      if (given.shape.join() !== shape.join())
        throw new Error(`The shape of ${name} is [${given.shape.join(', ')}], not [${shape.join(', ')}].`)
      const memoryFormat = shape.length === 4 ? ('channels_last' as const) : undefined
      return given.to({ device, dtype: 'float32', memoryFormat }).keep()
    }
    const normed = (prefix: string, conv: string, bn: string, inputs: number, outputs: number): Normed => ({
      weight: take(`${prefix}${conv}.weight`, [outputs, inputs, 3, 3]),
      norm: [
        take(`${prefix}${bn}.weight`, [outputs]),
        take(`${prefix}${bn}.bias`, [outputs]),
        take(`${prefix}${bn}.running_mean`, [outputs]),
        take(`${prefix}${bn}.running_var`, [outputs]),
      ],
    })
    let n = 0
    while (state[`layer1.${n}.conv1.weight`]) n++
    this.#first = normed('', 'conv1', 'bn1', 3, 16)
    if (n === 0) throw new Error('There is no layer1.0.conv1.weight.')
    this.#blocks = [16, 32, 64].flatMap((width, group) =>
      Array.from({ length: n }, (_, i): Block => {
        const prefix = `layer${group + 1}.${i}.`
        const halves = group > 0 && i === 0
        return {
          conv1: normed(prefix, 'conv1', 'bn1', halves ? width / 2 : width, width),
          conv2: normed(prefix, 'conv2', 'bn2', width, width),
          stride: halves ? 2 : 1,
        }
      }),
    )
    this.classes = state['linear.bias']?.numel ?? 0
    this.#linear = {
      weight: take('linear.weight', [this.classes, resnetFeatures]),
      bias: take('linear.bias', [this.classes]),
    }
    this.depth = 6 * n + 2
    this.device = device
  }

  /** Penultimate features [N, 64] and logits [N, K]. */
  forward(x: Tensor): { features: Tensor; logits: Tensor } {
    return noGrad(() =>
      scope(() => {
        const channel = (values: number[]) => tensor(values, { device: this.device }).reshape([1, 3, 1, 1])
        const normalised = x.sub(channel(imagenetMean)).div(channel(imagenetStd))
        let h = conv(normalised.to({ memoryFormat: 'channels_last' }), this.#first, 1).relu()
        for (const block of this.#blocks) h = scope(() => through(block, h))
        const features = h.mean([2, 3])
        return { features, logits: linear(features, this.#linear.weight, { bias: this.#linear.bias }) }
      }),
    )
  }
}

/** batchNorm(conv3×3(x)). */
function conv(x: Tensor, { weight, norm: [gamma, beta, mean, variance] }: Normed, stride: 1 | 2): Tensor {
  const y = conv2d(x, weight, { stride, padding: 1 })
  return batchNorm(y, gamma, beta, mean, variance, false, 0, epsilon, false)
}

function through({ conv1, conv2, stride }: Block, x: Tensor): Tensor {
  const residual = conv(conv(x, conv1, stride).relu(), conv2, 1)
  return residual.add(stride === 1 ? x : skipped(x)).relu()
}

/** Every other pixel, and as many channels of zeros before as behind: [N, C, H, W] → [N, 2C, H/2, W/2]. */
function skipped(x: Tensor): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number]
  const everyOther = (size: number) =>
    tensor(
      BigInt64Array.from({ length: Math.ceil(size / 2) }, (_, i) => BigInt(2 * i)),
      { device: x.device },
    )
  const small = x.indexSelect(2, everyOther(height)).indexSelect(3, everyOther(width))
  const padding = zeros([n, channels / 2, ...small.shape.slice(2)], { device: x.device })
  return cat([padding, small, padding], { dim: 1 })
}
