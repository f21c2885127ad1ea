import { describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { Generator, nn, scope, type Tensor } from '../src/index.ts'
import { expectClose } from './close.ts'

class Block extends nn.Module {
  readonly conv1: nn.Conv2d
  readonly bn1 = new nn.BatchNorm2d(2)
  readonly scale = 0.5 // a plain setting is no state
  constructor(generator: Generator) {
    super()
    this.conv1 = new nn.Conv2d(2, 2, 3, { padding: 1, generator })
  }
  forward(x: Tensor): Tensor {
    return nn.batchNorm(this.conv1.forward(x), this.bn1, 'running').mul(this.scale)
  }
}
class Net extends nn.Module {
  readonly layers: Block[]
  readonly classOutput: nn.Linear
  readonly scales: Tensor[] = [torch.ones([1]).requiresGrad_()]
  constructor(seed: number) {
    super()
    const generator = new Generator(seed)
    this.layers = [new Block(generator), new Block(generator)]
    this.classOutput = new nn.Linear(2, 3, { generator })
  }
  forward(x: Tensor): Tensor {
    const h = this.layers.reduce((input, block) => block.forward(input), x)
    return this.classOutput.forward(h.mean([2, 3]).mul(this.scales[0]!))
  }
}
const blockNames = (i: number) =>
  [
    'conv1.weight',
    'conv1.bias',
    'bn1.weight',
    'bn1.bias',
    'bn1.running_mean',
    'bn1.running_var',
    'bn1.num_batches_tracked',
  ].map((name) => `layers.${i}.${name}`)
const image = torch.ones([2, 2, 4, 4])

describe('a state dict', () => {
  it("has PyTorch's names, for modules and tensors in lists too", () => {
    const names = Object.keys(new Net(1).stateDict())
    expect(names.toSorted()).toEqual(
      [...blockNames(0), ...blockNames(1), 'class_output.weight', 'class_output.bias', 'scales.0'].toSorted(),
    )
  })
  it('tells parameters, which require gradients, from buffers', () => {
    const net = new Net(1)
    expect([...net.namedBuffers().keys()].map((name) => name.split('.').at(-1))).toEqual(
      [0, 1].flatMap(() => ['running_mean', 'running_var', 'num_batches_tracked']),
    )
    expect(net.parameters()).toHaveLength(11)
    expect(net.parameters().every((parameter) => parameter.requiresGrad)).toBe(true)
    expect([...net.namedBuffers().values()].some((buffer) => buffer.requiresGrad)).toBe(false)
  })
  it('holds the tensors themselves', () => {
    const net = new Net(1)
    expect(net.stateDict()['class_output.weight']).toBe(net.classOutput.weight)
  })
  it('loads into another network: the same outputs', () => {
    const [a, b] = [new Net(1), new Net(2)]
    expect(b.forward(image).allclose(a.forward(image))).toBe(false)
    b.loadStateDict(a.stateDict())
    expect(b.forward(image).equal(a.forward(image))).toBe(true)
    expect(b.classOutput.weight.requiresGrad).toBe(true)
    expect(b.classOutput.weight.isDisposed).toBe(false)
  })
  it('converts other dtypes as it loads', () => {
    const state = Object.fromEntries(
      Object.entries(new Net(1).stateDict()).map(([name, t]) => [name, t.detach().double()]),
    )
    const net = new Net(2)
    net.loadStateDict(state)
    expect(net.classOutput.weight.dtype).toBe('float32')
  })
})

describe('loadStateDict changes nothing and names what is wrong:', () => {
  const refusal = (change: (state: Record<string, Tensor>) => void, ignore?: (name: string) => boolean) => {
    const net = new Net(2)
    const before = net.forward(image)
    const state = { ...new Net(1).stateDict() }
    change(state)
    let message = ''
    try {
      net.loadStateDict(state, ignore && { ignore })
    } catch (error) {
      message = (error as Error).message
      expect(net.forward(image).equal(before)).toBe(true)
    }
    return message
  }
  it('a missing tensor', () => {
    expect(refusal((state) => delete state['class_output.bias'])).toBe(
      'The state lacks class_output.bias. Is it of another network?',
    )
  })
  it('many missing', () => {
    const message = refusal((state) => Object.keys(state).map((name) => delete state[name]))
    expect(message).toContain('and 14 more')
  })
  it('a tensor left over, unless it is ignored', () => {
    const add = (state: Record<string, Tensor>) => Object.assign(state, { 'energy_output.weight': image })
    expect(refusal(add)).toContain('The state has energy_output.weight, which the network lacks')
    expect(refusal(add, (name) => name.startsWith('energy_output.'))).toBe('')
  })
  it('another shape', () => {
    expect(refusal((state) => Object.assign(state, { 'class_output.bias': torch.ones([4]) }))).toBe(
      'class_output.bias has shape [4] in the state, [3] in the network.',
    )
  })
  it('a disposed tensor', () => {
    const gone = torch.ones([3])
    gone.dispose()
    expect(refusal((state) => Object.assign(state, { 'class_output.bias': gone }))).toContain('disposed')
  })
})

describe('map', () => {
  it('gives a view with other parameters and the same buffers; the module itself stays', () => {
    const net = new Net(1)
    const names: string[] = []
    const frozen = net.map((parameter, name) => {
      names.push(name)
      return parameter.detach()
    })
    expect(names.toSorted()).toEqual([...net.namedParameters().keys()].toSorted())
    expect(frozen).toBeInstanceOf(Net)
    expect(frozen.parameters().some((parameter) => parameter.requiresGrad)).toBe(false)
    expect(net.parameters().every((parameter) => parameter.requiresGrad)).toBe(true)
    for (const [name, buffer] of net.namedBuffers()) expect(frozen.namedBuffers().get(name)).toBe(buffer)
    expect(frozen.forward(image).equal(net.forward(image))).toBe(true)
    expect(frozen.layers[0]!.scale).toBe(0.5)
  })
  it('differentiates with respect to what the parameters were made from', () => {
    const net = new Net(1)
    const shift = torch.zeros([1]).requiresGrad_()
    const moved = net.map((parameter) => parameter.detach().add(shift))
    expect(torch.grad(moved.forward(image).sum(), shift)[0]!.item()).not.toBe(0)
  })
})

describe('to', () => {
  it('converts floating tensors and keeps whole numbers, gradients wanted as before', () => {
    const net = new Net(1).to({ dtype: 'float64' })
    const state = net.stateDict()
    expect(state['layers.0.bn1.num_batches_tracked']!.dtype).toBe('int64')
    expect(new Set(Object.values(state).map((t) => t.dtype))).toEqual(new Set(['float64', 'int64']))
    expect(net.parameters().every((parameter) => parameter.requiresGrad)).toBe(true)
    expect(net.forward(image.double()).dtype).toBe('float64')
  })
  it('survives the scope that it is called in', () => {
    const net = new Net(1)
    scope(() => net.to({ dtype: 'bfloat16' }))
    expect(net.parameters().every((parameter) => parameter.dtype === 'bfloat16')).toBe(true)
  })
})

describe('layers', () => {
  const generator = new Generator(4)
  it('Linear is xWᵀ + b, initialised in ±1/√in', () => {
    const layer = new nn.Linear(16, 3, { generator })
    const x = torch.randn([2, 16], { generator })
    expectClose(layer.forward(x), x.matmul(layer.weight.t()).add(layer.bias), 1e-6)
    expect(layer.weight.abs().amax().item()).toBeLessThanOrEqual(0.25)
    expect(layer.weight.abs().amax().item()).toBeGreaterThan(0.2)
  })
  it('Conv2d sees its stride and padding, initialised in ±1/√(in·k²)', () => {
    const layer = new nn.Conv2d(4, 2, 3, { stride: 2, padding: 1, generator })
    expect(layer.forward(torch.zeros([1, 4, 8, 8])).shape).toEqual([1, 2, 4, 4])
    expectClose(layer.forward(torch.zeros([1, 4, 2, 2])).reshape([2]), layer.bias.detach(), 1e-6)
    expect(layer.weight.abs().amax().item()).toBeLessThanOrEqual(1 / 6)
  })
  it('the same seed gives the same layer', () => {
    const [a, b] = [1, 1].map((seed) => new nn.Conv2d(1, 1, 3, { generator: new Generator(seed) }))
    expect(a!.weight.equal(b!.weight)).toBe(true)
  })
  it('BatchNorm2d refuses one value a channel, which has no variance', () => {
    const norm = new nn.BatchNorm2d(2)
    expect(() => nn.batchNorm(torch.ones([1, 2, 1, 1]), norm, 'batch')).toThrow('more than one value a channel')
    expect(norm.runningVar.toArray()).toEqual([1, 1])
    expect(nn.batchNorm(torch.ones([1, 2, 1, 1]), norm, 'running').shape).toEqual([1, 2, 1, 1])
  })
  it('BatchNorm2d normalises by the batch, and moves the running statistics by its momentum', () => {
    const norm = new nn.BatchNorm2d(2, { momentum: 0.9 })
    const x = torch.randn([8, 2, 3, 3], { generator }).mul_(3).add_(1)
    const y = norm.forward(x, 'batch')
    expectClose(y.mean([0, 2, 3]).add(1), [1, 1], 1e-5)
    expectClose(y.square().mean([0, 2, 3]), [1, 1], 1e-4)
    expectClose(norm.runningMean, x.mean([0, 2, 3]).mul(0.9), 1e-5)
    const unbiased = x.permute([1, 0, 2, 3]).reshape([2, -1]).var(1)
    expectClose(norm.runningVar, unbiased.mul(0.9).add(0.1), 1e-5)
    expect(norm.numBatchesTracked.item()).toBe(1)
    const before = norm.runningMean.clone()
    norm.forward(x, 'batch-frozen')
    norm.forward(x, 'running')
    expect(norm.runningMean.equal(before)).toBe(true)
  })
})

describe('crossEntropy', () => {
  const logits = torch.tensor(
    [
      [2, 0, -1],
      [0, 1, 0],
    ],
    { dtype: 'float64' },
  )
  const target = torch.tensor([0, 2], { dtype: 'int64' })
  const nll = (row: number[], k: number) => Math.log(row.reduce((sum, l) => sum + Math.exp(l), 0)) - row[k]!
  const each = [nll([2, 0, -1], 0), nll([0, 1, 0], 2)]
  it('is −log softmax at the class, by mean, sum or none', () => {
    expect(nn.crossEntropy(logits, target).item()).toBeCloseTo((each[0]! + each[1]!) / 2, 12)
    expect(nn.crossEntropy(logits, target, { reduction: 'sum' }).item()).toBeCloseTo(each[0]! + each[1]!, 12)
    expectClose(nn.crossEntropy(logits, target, { reduction: 'none' }), each, 1e-12)
  })
  it('takes probabilities, of which a class is one', () => {
    const probabilities = torch.oneHot(target, { numClasses: 3 }).double()
    expect(nn.crossEntropy(logits, probabilities).item()).toBeCloseTo((each[0]! + each[1]!) / 2, 12)
  })
  it('refuses unknown reductions and classes', () => {
    expect(() => nn.crossEntropy(logits, target, { reduction: 'max' as never })).toThrow(
      /unknown reduction 'max'; use none, mean or sum/,
    )
    expect(() => nn.crossEntropy(logits, torch.tensor([0, 9], { dtype: 'int64' }))).toThrow(
      /aten::cross_entropy_loss: .*9/,
    )
  })
})
