import { conv2d, Generator, grad, type Tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { unusedInCheckpoints, WideResNet } from '../../src/models/wide-resnet.ts'
import { logitsOf } from '../fixtures/naive.ts'
import { distance, numbersOf, smallImages, smallNetwork, smallSettings } from '../small.ts'

const network = (depth: number, width: number, rest: Partial<typeof smallSettings> = {}) =>
  new WideResNet({ ...smallSettings, classes: 10, depth, width, ...rest }, new Generator(0))
const parameterCount = (net: WideResNet, except = /^$/) =>
  [...net.namedParameters()].reduce((sum, [name, p]) => (except.test(name) ? sum : sum + p.numel), 0)

describe('Wide ResNet WRN-d-k', () => {
  it.each([
    [10, 1, '0.07', '0.1'],
    [10, 2, '0.29', '0.3'],
    [16, 2, '0.68', '0.7'],
    [16, 4, '2.7', '2.8'],
    [16, 8, '10.8', '11.0'], // this total and the next as in Zagoruyko & Komodakis, Table 4
    [28, 10, '36.2', '36.5'],
    [34, 10, '45.9', '46.2'],
  ])(
    'WRN-%d-%d has %s million weights in its 3×3 convolutions and last layer, %s million parameters',
    (depth, width, weights, all) => {
      const net = network(depth, width)
      const millions = (digits: number, except?: RegExp) => (parameterCount(net, except) / 1e6).toFixed(digits)
      expect(millions(weights.split('.')[1]!.length, /bias|bn\d|shortcut/)).toBe(weights)
      expect(millions(1)).toBe(all)
    },
  )

  it('names its tensors as the public checkpoints do', () => {
    const bn = (name: string) =>
      ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'].map((part) => `${name}.${part}`)
    const conv = (name: string) => [`${name}.weight`, `${name}.bias`]
    const block = (name: string, shortcut: boolean) => [
      ...bn(`${name}.bn1`),
      ...conv(`${name}.conv1`),
      ...bn(`${name}.bn2`),
      ...conv(`${name}.conv2`),
      ...(shortcut ? conv(`${name}.shortcut.0`) : []),
    ]
    const groups = (firstShortcut: boolean) =>
      [1, 2, 3].flatMap((group) => [
        ...block(`f.layer${group}.0`, group > 1 || firstShortcut),
        ...block(`f.layer${group}.1`, false),
      ])
    const names = (firstShortcut: boolean) =>
      [...conv('f.conv1'), ...groups(firstShortcut), ...bn('f.bn1'), ...conv('class_output')].sort()
    expect(Object.keys(network(16, 2).stateDict()).sort()).toEqual(names(true))
    expect(Object.keys(network(16, 1).stateDict()).sort()).toEqual(names(false)) // 16 channels in, 16 out: the identity
  })

  it.each([4, 9, 12, 15, 16.5, -2])('refuses depth %d, and says which there are', (depth) => {
    expect(() => network(depth, 1)).toThrow(/6n \+ 4 \(10, 16, 22, 28, …\); received/)
  })

  it('starts from uniform weights within ±1/√fan-in, biases too', () => {
    const { f, classOutput } = network(10, 4)
    for (const { weight, bias } of [f.conv1, f.layer2[0]!.conv2, f.layer3[0]!.shortcut[0]!, classOutput]) {
      const bound = 1 / Math.sqrt(weight.numel / weight.shape[0]!)
      for (const part of [weight, bias]) {
        const largest = part.abs().max().item()
        expect(largest).toBeLessThanOrEqual(bound)
        expect(largest).toBeGreaterThan(0.7 * bound)
      }
      expect(weight.square().mean().item()).toBeCloseTo(bound ** 2 / 3, 2)
    }
  })

  it('is the same for the same generator and another for another', () => {
    const of = (seed: number) => numbersOf(new WideResNet(smallSettings, new Generator(seed)).f.conv1.weight)
    expect(of(3)).toEqual(of(3))
    expect(of(3)).not.toEqual(of(4))
  })

  it.each([
    { depth: 10, width: 1, norm: 'batch' },
    { depth: 16, width: 2, norm: 'batch' },
    { depth: 10, width: 2, norm: 'none' },
  ] as const)('computes what the naive implementation does: %o', (settings) => {
    const net = smallNetwork(1, { ...settings, dtype: 'float64' })
    const x = smallImages(3, 2, { dtype: 'float64' })
    for (const [statistics, mode] of [
      ['running', 'eval'],
      ['batch', 'train'],
    ] as const) {
      const state = { ...net.stateDict() }
      const expected = logitsOf(state, x, mode)
      expect(distance(net.forward(x, statistics), expected)).toBeLessThan(1e-12)
      for (const [name, buffer] of net.namedBuffers()) expect(distance(buffer, state[name]!)).toBeLessThan(1e-12)
    }
  })

  it('has ReLU where asked', () => {
    const settings = { norm: 'none', dtype: 'float64' } as const
    const relu = smallNetwork(1, { ...settings, activation: 'relu' })
    const leaky = smallNetwork(1, { ...settings, negativeSlope: 0 })
    const x = smallImages(2, 3, { dtype: 'float64' })
    expect(distance(relu.forward(x, 'running'), leaky.forward(x, 'running'))).toBe(0)
    expect(distance(relu.forward(x, 'running'), smallNetwork(1, settings).forward(x, 'running'))).toBeGreaterThan(1e-3)
  })

  it('with running statistics sees each image by itself, and changes nothing', () => {
    const net = smallNetwork(1, { dtype: 'float64' })
    const before = numbersOf(net.f.bn1!.runningMean)
    const x = smallImages(4, 5, { dtype: 'float64' })
    const together = net.forward(x, 'running')
    for (const i of [0, 1, 2, 3]) {
      expect(distance(net.forward(x.narrow(0, i, 1), 'running'), together.narrow(0, i, 1))).toBeLessThan(1e-12)
    }
    expect(numbersOf(net.f.bn1!.runningMean)).toEqual(before)
    expect(net.f.bn1!.numBatchesTracked.item()).toBe(0)
  })

  it('has an input gradient that agrees with finite differences', () => {
    const net = smallNetwork(2, { dtype: 'float64' })
    const x = smallImages(1, 6, { dtype: 'float64' }).requiresGrad_()
    const value = (at: Tensor) => net.forward(at, 'running').square().sum()
    const [gradient] = grad(value(x), [x]) as [Tensor]
    const direction = smallImages(1, 7, { dtype: 'float64' })
    const [ahead, behind] = [1e-5, -1e-5].map((h) => value(x.detach().add(direction, { alpha: h })).item())
    expect((ahead! - behind!) / 2e-5).toBeCloseTo(gradient.mul(direction).sum().item(), 6)
  })

  it('takes images of any size', () => {
    const net = smallNetwork(1)
    expect(net.forward(smallImages(2, 1, { side: 32 }), 'running').shape).toEqual([2, 3])
    expect(net.forward(smallImages(2, 1, { side: 12 }), 'running').shape).toEqual([2, 3])
  })
})

describe('a public checkpoint', () => {
  it('is read with its unused heads and its second names of the same tensors', () => {
    const source = smallNetwork(1)
    const x = conv2d(smallImages(1, 1), source.f.conv1.weight)
    const state = {
      ...source.stateDict(),
      'energy_output.weight': x,
      'energy_output.bias': x,
      'f.linear.weight': x,
      'f.layer_one.weight': source.f.conv1.weight,
      'f.other_layers.3.running_mean': source.f.bn1!.runningMean,
    }
    const target = smallNetwork(2)
    target.loadStateDict(state, { ignore: unusedInCheckpoints })
    expect(distance(target.forward(smallImages(2, 1), 'running'), source.forward(smallImages(2, 1), 'running'))).toBe(0)
  })
  it('of another network is refused, and nothing is written', () => {
    const target = smallNetwork(2)
    const before = numbersOf(target.f.conv1.weight)
    const { 'class_output.bias': _, ...lacking } = smallNetwork(1).stateDict()
    expect(() => target.loadStateDict(lacking)).toThrow(/lacks class_output\.bias/)
    expect(() => target.loadStateDict({ ...smallNetwork(1).stateDict(), 'f.more': lacking['f.bn1.weight']! })).toThrow(
      /f\.more/,
    )
    expect(() => target.loadStateDict(smallNetwork(1, { classes: 4 }).stateDict())).toThrow(
      /class_output\.weight has shape \[4, 64\]/,
    )
    expect(numbersOf(target.f.conv1.weight)).toEqual(before)
  })
})
