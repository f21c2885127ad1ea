import { batchNorm, cat, conv2d, Generator, rand, randn, setThreads, type Tensor, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { CifarResNet } from '../../src/models/cifar-resnet.ts'
import { randomResnet } from './resnet-state.ts'

setThreads(1)

/** The network once more, in float64: option A as the paper describes it, pixel by pixel. */
function naive(state: Record<string, Tensor>, n: number, x: Tensor): { features: Tensor; logits: Tensor } {
  const of = (name: string) => state[name]!.double()
  const unit = (h: Tensor, conv: string, bn: string, stride: number) =>
    batchNorm(
      conv2d(h, of(`${conv}.weight`), { padding: 1, stride }),
      of(`${bn}.weight`),
      of(`${bn}.bias`),
      of(`${bn}.running_mean`),
      of(`${bn}.running_var`),
      false,
      0.1,
      1e-5,
      false,
    )
  const mean = [0.485, 0.456, 0.406]
  const std = [0.229, 0.224, 0.225]
  const given = cat(
    [0, 1, 2].map((c) => x.narrow(1, c, 1).double().sub(mean[c]!).div(std[c]!)),
    { dim: 1 },
  )
  let h = unit(given, 'conv1', 'bn1', 1).clamp({ min: 0 })
  for (const group of [1, 2, 3])
    for (let i = 0; i < n; i++) {
      const p = `layer${group}.${i}`
      const halves = group > 1 && i === 0
      const inner = unit(h, `${p}.conv1`, `${p}.bn1`, halves ? 2 : 1).clamp({ min: 0 })
      const residual = unit(inner, `${p}.conv2`, `${p}.bn2`, 1)
      if (halves) {
        // A 1×1 average pool with stride 2 keeps every other pixel.
        const small = h.avgPool2d(1, { stride: 2 })
        const nothing = zeros([h.shape[0]!, h.shape[1]! / 2, ...small.shape.slice(2)], { dtype: 'float64' })
        h = residual.add(cat([nothing, small, nothing], { dim: 1 })).clamp({ min: 0 })
      } else h = residual.add(h).clamp({ min: 0 })
    }
  const features = h.mean([2, 3])
  return { features, logits: features.matmul(of('linear.weight').t()).add(of('linear.bias')) }
}

describe('ResNet for CIFAR-10 with shortcuts of option A', () => {
  it.each([1, 2])('is the network written down a second time, n = %d', (n) => {
    const state = randomResnet(n, 1)
    const x = rand([2, 3, 32, 32], { generator: new Generator(2) })
    const network = new CifarResNet(state)
    const [ours, expected] = [network.forward(x), naive(state, n, x)]
    expect([network.depth, network.classes]).toEqual([6 * n + 2, 10])
    for (const part of ['features', 'logits'] as const) {
      expect(ours[part].shape).toEqual(expected[part].shape)
      const error = ours[part].double().sub(expected[part]).abs().max().item() / expected[part].abs().max().item()
      expect(error).toBeLessThan(1e-5)
    }
  })

  it('refuses states that lack a tensor, have one of another shape, or are of another network', () => {
    const state = randomResnet(1, 3)
    const { 'layer2.0.bn1.bias': _, ...lacking } = state
    expect(() => new CifarResNet(lacking)).toThrow('There is no layer2.0.bn1.bias.')
    expect(() => new CifarResNet({ ...state, 'linear.weight': zeros([10, 65]) })).toThrow(
      'The shape of linear.weight is [10, 65], not [10, 64].',
    )
    expect(() => new CifarResNet({ 'f.conv1.weight': randn([2], { generator: new Generator(1) }) })).toThrow(
      'There is no conv1.weight.',
    )
  })
})
