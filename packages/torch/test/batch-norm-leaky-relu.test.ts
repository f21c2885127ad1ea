import { afterEach, describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { Generator, grad, nn, type Tensor } from '../src/index.ts'
import { expectClose, relativeError } from './close.ts'

const slope = 0.2
const threads = torch.getThreads()
afterEach(() => torch.setThreads(threads))

interface Sample {
  norm: nn.BatchNorm2d
  x: Tensor
  v: Tensor // the weight of each output, so that gradients are not all alike
}
function sample(n: number, channels: number, size: number, dtype: torch.Dtype, change = (x: Tensor) => x): Sample {
  const generator = new Generator(channels + n)
  const random = (...shape: number[]) => torch.randn(shape, { generator })
  const norm = new nn.BatchNorm2d(channels, { momentum: 0.9 })
  norm.weight = random(channels).add_(1).requiresGrad_()
  norm.bias = random(channels).requiresGrad_()
  norm.runningMean = random(channels)
  norm.runningVar = torch.rand([channels], { generator }).add_(0.5)
  const lastly = { dtype, memoryFormat: 'channels_last' } as const
  const x = change(random(n, channels, size, size))
    .to(lastly)
    .detach()
    .requiresGrad_()
  return { norm, x, v: random(n, channels, size, size).to(lastly) }
}
/** The same in float64 and by ATen's own batch norm and leaky ReLU. */
function inDouble({ norm, x, v }: Sample): Sample {
  const copy = new nn.BatchNorm2d(norm.weight.numel, { momentum: norm.momentum })
  for (const name of ['weight', 'bias', 'runningMean', 'runningVar'] as const) {
    copy[name] = norm[name].detach().double().clone().requiresGrad_(norm[name].requiresGrad)
  }
  return { norm: copy, x: x.detach().double().contiguous().requiresGrad_(), v: v.double().contiguous() }
}
const composite = ({ norm, x }: Sample, statistics: nn.BatchStatistics) =>
  torch.leakyRelu(nn.batchNorm(x, norm, statistics), { negativeSlope: slope })
const fused = ({ norm, x }: Sample, statistics: nn.BatchStatistics) => nn.batchNormLeakyRelu(x, norm, statistics, slope)

const tolerances = { float32: 2e-6, bfloat16: 8e-3 } as const // one rounding of the largest element

describe.each(['float32', 'bfloat16'] as const)('batchNormLeakyRelu in channels-last %s', (dtype) => {
  const tolerance = tolerances[dtype]
  const shapes = [1, 3, 16, 160, 513].flatMap((channels) => [1, 2].map((count) => [channels, count] as const))
  describe.each(['batch', 'running'] as const)('with %s statistics', (statistics) => {
    it.each(shapes)(
      '%d channels on %d threads: values and all gradients are those of the composite',
      (channels, count) => {
        torch.setThreads(count)
        for (const n of [1, 3]) {
          const s = sample(n, channels, 5, dtype)
          const d = inDouble(s)
          const [y, wanted] = [fused(s, statistics), composite(d, statistics)]
          expect(y.dtype).toBe(dtype)
          expect(y.isChannelsLast).toBe(true)
          expectClose(y, wanted, tolerance)
          const gradients = grad(y, [s.x, s.norm.weight, s.norm.bias], { gradOutputs: s.v })
          const expected = grad(wanted, [d.x, d.norm.weight, d.norm.bias], { gradOutputs: d.v })
          for (const i of [0, 1, 2]) expectClose(gradients[i]!, expected[i]!, tolerance * 4)
          expectClose(s.norm.runningMean, d.norm.runningMean, 1e-5)
          expectClose(s.norm.runningVar, d.norm.runningVar, 1e-5)
        }
      },
    )
  })
  it('moves the running statistics with batch statistics only', () => {
    const s = sample(4, 8, 4, dtype)
    const before = s.norm.runningMean.clone()
    fused(s, 'running')
    fused(s, 'batch-frozen')
    expect(s.norm.runningMean.equal(before)).toBe(true)
    expect(s.norm.numBatchesTracked.item()).toBe(0)
    fused(s, 'batch')
    expect(s.norm.runningMean.equal(before)).toBe(false)
    expect(s.norm.numBatchesTracked.item()).toBe(1)
    expectClose(s.norm.runningMean, before.mul(0.1).add(s.x.detach().float().mean([0, 2, 3]).mul(0.9)), 1e-4)
  })
  it('with frozen weights gives the same input gradient and none to the weights', () => {
    const s = sample(3, 16, 4, dtype)
    const [wanted] = grad(fused(s, 'batch-frozen'), s.x, { gradOutputs: s.v })
    for (const name of ['weight', 'bias'] as const) s.norm[name] = s.norm[name].detach()
    const y = fused(s, 'batch-frozen')
    expect(grad(y, s.x, { gradOutputs: s.v })[0]!.equal(wanted!)).toBe(true)
  })
  it('with a frozen input gives the same weight gradients', () => {
    const s = sample(3, 16, 4, dtype)
    const parameters = [s.norm.weight, s.norm.bias]
    const wanted = grad(fused(s, 'batch-frozen'), parameters, { gradOutputs: s.v })
    const frozen = { ...s, x: s.x.detach() }
    const gradients = grad(fused(frozen, 'batch-frozen'), parameters, { gradOutputs: s.v })
    for (const i of [0, 1]) expect(gradients[i]!.equal(wanted[i]!)).toBe(true)
  })
  it('loses no more digits than the composite where the mean is large beside the deviation', () => {
    const s = sample(4, 16, 8, dtype, (x) => x.mul(dtype === 'float32' ? 1e-2 : 1).add(100))
    const d = inDouble(s)
    const exact = composite(d, 'batch')
    const error = relativeError(composite(s, 'batch-frozen'), exact)
    expectClose(fused(s, 'batch'), exact, Math.max(tolerance, 2 * error))
    expectClose(s.norm.runningVar, d.norm.runningVar, 1e-4)
  })
  it('makes a constant channel its bias: the variance is exactly 0', () => {
    const s = sample(2, 3, 4, dtype, (x) => x.zero_().add_(3))
    const wanted = torch.leakyRelu(s.norm.bias.detach(), { negativeSlope: slope }).reshape([1, 3, 1, 1])
    expectClose(fused(s, 'batch').detach(), wanted.expand([2, 3, 4, 4]), tolerance * 10)
  })
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('passes %d on, to its own channel only', (bad) => {
    const poison = (x: Tensor) => {
      x.select(1, 1).select(0, 0).select(0, 0).narrow(0, 0, 1).fill_(bad)
      return x
    }
    for (const statistics of ['batch', 'running'] as const) {
      const s = sample(2, 3, 4, dtype, poison)
      const [finite, wanted] = [fused(s, statistics), composite(inDouble(s), statistics)].map((y) => y.isfinite())
      expect(finite!.equal(wanted!)).toBe(true)
    }
    const s = sample(2, 3, 4, dtype)
    const v = poison(s.v.clone())
    const [dx, dw] = grad(fused(s, 'batch'), [s.x, s.norm.weight], { gradOutputs: v })
    expect(dx!.isfinite().all().item()).toBe(0)
    expect(dw!.isfinite().toArray()).toEqual([true, false, true])
  })
})

describe('batchNormLeakyRelu', () => {
  it.each(['batch-frozen', 'running'] as const)('is twice differentiable with %s statistics', (statistics) => {
    const s = sample(2, 4, 3, 'float32')
    const d = inDouble(s)
    const second = (t: Sample, y: Tensor) => {
      const [g] = grad(y, t.x, { gradOutputs: t.v, createGraph: true })
      return grad(g!.square().sum(), [t.x, t.norm.weight], { allowUnused: true })
    }
    const [actual, wanted] = [second(s, fused(s, statistics)), second(d, composite(d, statistics))]
    for (const i of [0, 1]) {
      expect(actual[i] === null).toBe(wanted[i] === null)
      if (wanted[i]) expectClose(actual[i]!, wanted[i]!, 1e-4)
    }
  })
  it('gives the same bits for the same number of threads', () => {
    torch.setThreads(2)
    const s = sample(8, 33, 7, 'float32')
    const once = fused(s, 'batch-frozen')
    expect(fused(s, 'batch-frozen').equal(once)).toBe(true)
  })
  it('takes any layout and dtype by way of the composite', () => {
    for (const change of [
      (x: Tensor) => x.contiguous(),
      (x: Tensor) => x.double(),
      (x: Tensor) => x.permute([0, 1, 3, 2]),
    ]) {
      const s = sample(2, 5, 4, 'float32')
      if (change(s.x).dtype === 'float64') Object.assign(s, inDouble(s))
      s.x = change(s.x.detach())
      expect(relativeError(fused(s, 'batch-frozen'), composite(inDouble(s), 'batch-frozen'))).toBeLessThan(2e-6)
    }
  })
  it('names what does not fit', () => {
    const { norm, x } = sample(2, 4, 3, 'float32')
    expect(() => nn.batchNormLeakyRelu(x.select(0, 0), norm, 'batch')).toThrow(
      /expected an input \[N, C, H, W\], received 3 dim/,
    )
    expect(() => nn.batchNormLeakyRelu(x, new nn.BatchNorm2d(3), 'batch')).toThrow(/each of 4 channels, received \[3\]/)
  })
})
