import { batchNorm, cat, conv2d, Generator, rand, scope, setThreads, type Tensor, tensor } from '@robust-jem/torch'
import { beforeAll, describe, expect, it } from 'vitest'
import { inceptionLayers } from '../../src/models/inception-layers.ts'
import { InceptionV3 } from '../../src/models/inception-v3.ts'
import { weightsOfState } from '../../src/models/inception-weights.ts'
import { randomState, type State } from './inception-states.ts'

setThreads(1)

/** The network once more, in float64, straight from its paper's tables, batch norm not folded. */
function naive(state: State, x: Tensor): { features: Tensor[]; logits: Tensor } {
  const unit = (name: string, h: Tensor, { stride = 1, same = true } = {}): Tensor =>
    scope(() => {
      const of = (part: string) => state[`${name}.${part}`]!.double()
      const kernel = of('conv.weight')
      const padding = same ? kernel.shape.slice(2).map((size) => (size - 1) / 2) : 0
      const z = conv2d(h, kernel, { stride, padding })
      const [gamma, beta, mean, variance] = [
        of('bn.weight'),
        of('bn.bias'),
        of('bn.running_mean'),
        of('bn.running_var'),
      ]
      return batchNorm(z, gamma, beta, mean, variance, false, 0, 0.001, false).clamp({ min: 0 })
    })
  const strided = { stride: 2, same: false }
  const chain = (block: string, h: Tensor, names: string[]) => names.reduce((y, name) => unit(`${block}.${name}`, y), h)
  const joined = (...parts: Tensor[]) => cat(parts, { dim: 1 })
  // The mean over a 3×3 window of those that are inside the map.
  const average = (h: Tensor) => {
    const [, channels, height, width] = h.shape as [number, number, number, number]
    const one = tensor(new Float64Array(9).fill(1), { shape: [1, 1, 3, 3] })
    const sums = conv2d(h, one.expand([channels, 1, 3, 3]), { padding: 1, groups: channels })
    const inside = tensor(new Float64Array(height * width).fill(1), { shape: [1, 1, height, width] })
    return sums.div(conv2d(inside, one, { padding: 1 }))
  }
  const maximum = (h: Tensor) => h.maxPool2d(3, { stride: 1, padding: 1 })
  const halved = (h: Tensor) => h.maxPool2d(3, { stride: 2 })
  const pooled = (h: Tensor) => h.mean([2, 3])

  let h = unit('Conv2d_1a_3x3', x, strided)
  h = unit('Conv2d_2a_3x3', h, { same: false })
  h = halved(unit('Conv2d_2b_3x3', h))
  const features = [pooled(h)]
  h = unit('Conv2d_3b_1x1', h)
  h = halved(unit('Conv2d_4a_3x3', h, { same: false }))
  features.push(pooled(h))
  for (const m of ['Mixed_5b', 'Mixed_5c', 'Mixed_5d'])
    h = joined(
      unit(`${m}.branch1x1`, h),
      chain(m, h, ['branch5x5_1', 'branch5x5_2']),
      chain(m, h, ['branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3']),
      unit(`${m}.branch_pool`, average(h)),
    )
  h = joined(
    unit('Mixed_6a.branch3x3', h, strided),
    unit('Mixed_6a.branch3x3dbl_3', chain('Mixed_6a', h, ['branch3x3dbl_1', 'branch3x3dbl_2']), strided),
    halved(h),
  )
  for (const m of ['Mixed_6b', 'Mixed_6c', 'Mixed_6d', 'Mixed_6e'])
    h = joined(
      unit(`${m}.branch1x1`, h),
      chain(m, h, ['branch7x7_1', 'branch7x7_2', 'branch7x7_3']),
      chain(m, h, ['branch7x7dbl_1', 'branch7x7dbl_2', 'branch7x7dbl_3', 'branch7x7dbl_4', 'branch7x7dbl_5']),
      unit(`${m}.branch_pool`, average(h)),
    )
  features.push(pooled(h))
  h = joined(
    unit('Mixed_7a.branch3x3_2', unit('Mixed_7a.branch3x3_1', h), strided),
    unit('Mixed_7a.branch7x7x3_4', chain('Mixed_7a', h, ['branch7x7x3_1', 'branch7x7x3_2', 'branch7x7x3_3']), strided),
    halved(h),
  )
  for (const [m, pool] of [
    ['Mixed_7b', average],
    ['Mixed_7c', maximum],
  ] as const) {
    const single = unit(`${m}.branch3x3_1`, h)
    const double = chain(m, h, ['branch3x3dbl_1', 'branch3x3dbl_2'])
    h = joined(
      unit(`${m}.branch1x1`, h),
      unit(`${m}.branch3x3_2a`, single),
      unit(`${m}.branch3x3_2b`, single),
      unit(`${m}.branch3x3dbl_3a`, double),
      unit(`${m}.branch3x3dbl_3b`, double),
      unit(`${m}.branch_pool`, pool(h)),
    )
  }
  features.push(pooled(h))
  return { features, logits: pooled(h).matmul(state['fc.weight']!.double().t()) }
}

const apart = (ours: Tensor, expected: Tensor): number =>
  ours.double().sub(expected).abs().max().item() / expected.abs().max().item()

describe('Inception-v3 of 2015-12-05', () => {
  let state: State
  let network: InceptionV3
  const x = rand([2, 3, 107, 107], { generator: new Generator(2) })
    .mul(2)
    .sub(1)
  beforeAll(() => {
    state = randomState(2048, 1)
    network = new InceptionV3(weightsOfState(state))
  })

  it('has 94 convolutions and 21,751,136 weights in them', () => {
    expect(inceptionLayers).toHaveLength(94)
    const count = inceptionLayers.reduce((sum, { shape }) => sum + shape.reduce((n, size) => n * size, 1), 0)
    expect(count).toBe(21_751_136)
    expect(new Set(inceptionLayers.flatMap(({ name, tensorflow }) => [name, tensorflow])).size).toBe(188)
  })

  it('is the network written down a second time, at all four depths and in its logits without a bias', () => {
    const { features, logits } = network.forward(x, [64, 192, 768, 2048], { logits: true })
    const expected = naive(state, x.double())
    expect([...features.keys()]).toEqual([64, 192, 768, 2048])
    for (const [i, ours] of [...features.values()].entries()) {
      expect(ours.shape).toEqual(expected.features[i]!.shape)
      expect(apart(ours, expected.features[i]!)).toBeLessThan(1e-4)
    }
    expect(apart(logits!, expected.logits)).toBeLessThan(1e-4)
  })

  it('runs no deeper than asked, each image by itself', () => {
    const both = network.forward(x, [64]).features.get(64)!
    const second = network.forward(x.narrow(0, 1, 1), [64, 192]).features.get(64)!
    expect(apart(both.narrow(0, 1, 1), second.double())).toBeLessThan(1e-6)
    expect([...network.forward(x, [64]).features.keys()]).toEqual([64])
  })

  it('in bfloat16 gives float32 features within a few per cent', () => {
    const half = new InceptionV3(weightsOfState(state), { dtype: 'bfloat16' }).forward(x, [192]).features.get(192)!
    expect(half.dtype).toBe('float32')
    expect(apart(half, network.forward(x, [192]).features.get(192)!.double())).toBeLessThan(0.05)
  })

  it('is as deep as its weights go, and says so where more is asked', () => {
    const { 'Mixed_6c.branch1x1.conv.weight': _, ...lacking } = state
    const trunk = new InceptionV3(weightsOfState(lacking))
    expect([trunk.dims, trunk.hasClasses]).toEqual([[64, 192], false])
    expect(() => trunk.forward(x, [768])).toThrow(/do not reach 768; they give 64, 192/)
    expect(() => trunk.forward(x, [64], { logits: true })).toThrow(/do not reach logits/)
    const { 'fc.weight': __, ...classless } = state
    expect(new InceptionV3(weightsOfState(classless))).toMatchObject({ dims: [64, 192, 768, 2048], hasClasses: false })
  })

  it('refuses weights of other shapes, as those of the later Inception-v3 with 1,000 classes', () => {
    const later = { ...state, 'fc.weight': state['fc.weight']!.narrow(0, 0, 1000) }
    expect(() => new InceptionV3(weightsOfState(later))).toThrow(
      'The shape of the class weights is [1000, 2048], not [1008, 2048].',
    )
    expect(() => new InceptionV3(weightsOfState({}))).toThrow('There is no Conv2d_1a_3x3.')
  })
})
