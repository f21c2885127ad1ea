/** Small networks and images for tests of mathematics; one thread, so that test files side by side do not get in each other's way. */
import { type Dtype, Generator, noGrad, rand, randint, randn, setThreads, type Tensor } from '@robust-jem/torch'
import { WideResNet, type WideResNetSettings } from '../src/models/wide-resnet.ts'

setThreads(1)

export const smallSettings: WideResNetSettings = {
  depth: 10,
  width: 1,
  classes: 3,
  norm: 'batch',
  activation: 'leaky-relu',
  negativeSlope: 0.2,
  batchNormMomentum: 0.9,
}

/** A network of random weights whose norms are none of them the identity; `gain` steepens its logits. */
export function smallNetwork(
  seed: number,
  { dtype = 'float32', gain = 1, ...settings }: Partial<WideResNetSettings> & { dtype?: Dtype; gain?: number } = {},
): WideResNet {
  const rng = new Generator(seed)
  const network = new WideResNet({ ...smallSettings, ...settings }, rng)
  const draw = (x: Tensor) => randn(x.shape, { generator: rng })
  noGrad(() => {
    for (const [name, value] of Object.entries(network.stateDict())) {
      if (/bn\d\.weight$|running_var$/.test(name)) value.copy_(draw(value).mul(0.2).add(1).abs())
      if (/bn\d\.bias$|running_mean$/.test(name)) value.copy_(draw(value).mul(0.2))
    }
    network.classOutput.weight.mul_(gain)
  })
  return network.to({ dtype })
}

/** Uniform on [-1, 1], [n, 3, side, side]; the same images in every dtype. */
export const smallImages = (n: number, seed: number, { dtype = 'float32' as Dtype, side = 8 } = {}): Tensor =>
  rand([n, 3, side, side], { generator: new Generator(seed) })
    .mul(2)
    .sub(1)
    .to({ dtype })

export const smallLabels = (n: number, seed: number, classes = 3): Tensor =>
  randint(0, classes, [n], { generator: new Generator(seed) })

export const numbersOf = (x: Tensor): number[] => Array.from(x.toTypedArray() as Float64Array, Number)
/** The largest absolute difference. */
export const distance = (a: Tensor, b: Tensor): number => a.double().sub(b.double()).abs().max().item()
/** A copy of every tensor's bytes by name, to see later whether any has changed. */
export const snapshot = (tensors: Readonly<Record<string, Tensor>>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, numbersOf(x)]))
