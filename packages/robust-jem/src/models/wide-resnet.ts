/** Wide ResNet WRN-d-k (Zagoruyko & Komodakis 2016), pre-activation, laid out as in JEM and JEM++: d = 6n + 4 layers, widths 16, 16k, 32k, 64k. */
import { type Generator, nn, type Tensor } from '@robust-jem/torch'

export interface WideResNetSettings {
  /** d = 6n + 4: n blocks in each of three groups. */
  depth: number
  /** k: the groups have 16k, 32k and 64k channels. */
  width: number
  classes: number
  norm: 'batch' | 'none'
  activation: 'leaky-relu' | 'relu'
  negativeSlope: number
  /** In PyTorch's sense: running = (1 − momentum)·old + momentum·new. */
  batchNormMomentum: number
}

/** Norm, then activation, on [N, C, H, W]. A norm of null is the identity (JEM has none). */
const activate = (x: Tensor, bn: nn.BatchNorm2d | null, slope: number, statistics: nn.BatchStatistics): Tensor =>
  bn ? nn.batchNormLeakyRelu(x, bn, statistics, slope) : x.leakyRelu({ negativeSlope: slope })

const slopeOf = (s: WideResNetSettings): number => (s.activation === 'relu' ? 0 : s.negativeSlope)
const normOf = (channels: number, s: WideResNetSettings): nn.BatchNorm2d | null =>
  s.norm === 'batch' ? new nn.BatchNorm2d(channels, { momentum: s.batchNormMomentum }) : null

/** o = conv2(φ(bn2(conv1(φ(bn1(x)))))) + shortcut(x). The stride sits on conv2; the shortcut is on the raw input. */
class Block extends nn.Module {
  bn1: nn.BatchNorm2d | null
  conv1: nn.Conv2d
  bn2: nn.BatchNorm2d | null
  conv2: nn.Conv2d
  shortcut: nn.Conv2d[] // empty: the identity
  readonly slope: number

  constructor(inputs: number, outputs: number, stride: number, s: WideResNetSettings, generator: Generator) {
    super()
    this.bn1 = normOf(inputs, s)
    this.conv1 = new nn.Conv2d(inputs, outputs, 3, { padding: 1, generator })
    this.bn2 = normOf(outputs, s)
    this.conv2 = new nn.Conv2d(outputs, outputs, 3, { padding: 1, stride, generator })
    this.shortcut = stride === 1 && inputs === outputs ? [] : [new nn.Conv2d(inputs, outputs, 1, { stride, generator })]
    this.slope = slopeOf(s)
  }

  forward(x: Tensor, statistics: nn.BatchStatistics): Tensor {
    const o = this.conv1.forward(activate(x, this.bn1, this.slope, statistics)) // [N, out, H, W]
    const residual = this.conv2.forward(activate(o, this.bn2, this.slope, statistics)) // [N, out, H/stride, W/stride]
    const [shortcut] = this.shortcut
    return residual.add(shortcut ? shortcut.forward(x) : x)
  }
}

/** Everything before the classes: [N, 3, H, W] → [N, 64k]. */
class Trunk extends nn.Module {
  conv1: nn.Conv2d
  layer1: Block[]
  layer2: Block[]
  layer3: Block[]
  bn1: nn.BatchNorm2d | null
  readonly slope: number

  constructor(s: WideResNetSettings, generator: Generator) {
    super()
    const n = (s.depth - 4) / 6
    const group = (inputs: number, outputs: number, stride: number) =>
      Array.from({ length: n }, (_, i) =>
        i === 0 ? new Block(inputs, outputs, stride, s, generator) : new Block(outputs, outputs, 1, s, generator),
      )
    const k = s.width
    this.conv1 = new nn.Conv2d(3, 16, 3, { padding: 1, generator })
    this.layer1 = group(16, 16 * k, 1)
    this.layer2 = group(16 * k, 32 * k, 2)
    this.layer3 = group(32 * k, 64 * k, 2)
    this.bn1 = normOf(64 * k, s)
    this.slope = slopeOf(s)
  }

  forward(x: Tensor, statistics: nn.BatchStatistics): Tensor {
    // The dtype of the weights decides the dtype of the activations; in channels-last convolutions are fastest.
    let h = this.conv1.forward(x.to({ dtype: this.conv1.weight.dtype, memoryFormat: 'channels_last' }))
    for (const block of [...this.layer1, ...this.layer2, ...this.layer3]) h = block.forward(h, statistics)
    return activate(h, this.bn1, this.slope, statistics).mean([2, 3], { dtype: x.dtype }) // [N, 64k]
  }
}

/** f(x) = class_output(trunk(x)): images [N, 3, H, W] in [-1, 1] to logits [N, K]. Names as in the public checkpoints. */
export class WideResNet extends nn.Module {
  f: Trunk
  classOutput: nn.Linear

  constructor(s: WideResNetSettings, generator: Generator) {
    super()
    if (!Number.isInteger((s.depth - 4) / 6) || s.depth < 10) {
      throw new RangeError(`A Wide ResNet's depth is 6n + 4 (10, 16, 22, 28, …); received ${s.depth}.`)
    }
    this.f = new Trunk(s, generator)
    this.classOutput = new nn.Linear(64 * s.width, s.classes, { generator })
  }

  forward(x: Tensor, statistics: nn.BatchStatistics): Tensor {
    return this.classOutput.forward(this.f.forward(x, statistics))
  }
}

/** Names in public checkpoints that take no part in f: heads that go unused and second names of the same tensors. */
export const unusedInCheckpoints = (name: string): boolean =>
  /^(energy_output|f\.linear|f\.layer_one|f\.other_layers)\./.test(name)
