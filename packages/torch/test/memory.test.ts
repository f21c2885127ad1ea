import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { Generator, grad, memory, nn, noGrad, optim, scope, type Tensor } from '../src/index.ts'

const live = () => memory().tensors

describe('scope', () => {
  it('frees what was made in it and returns its result alive', () => {
    const before = live()
    const result = scope(() => torch.ones([2]).add(1).mul(3))
    expect(result.toArray()).toEqual([6, 6])
    expect(live()).toBe(before + 1)
    result.dispose()
    expect(live()).toBe(before)
  })
  it('keeps the tensors inside arrays, plain objects, maps and sets', () => {
    const make = () => torch.ones([1])
    const before = live()
    const kept = scope(() => {
      make()
      return {
        a: make(),
        list: [make(), { deep: make() }],
        map: new Map([['x', make()]]),
        set: new Set([make()]),
        n: 5,
      }
    })
    expect(live()).toBe(before + 5)
    const all = [
      kept.a,
      kept.list[0],
      (kept.list[1] as { deep: Tensor }).deep,
      kept.map.get('x'),
      ...kept.set,
    ] as Tensor[]
    for (const tensor of all) {
      expect(tensor.item()).toBe(1)
      tensor.dispose()
    }
    expect(live()).toBe(before)
  })
  it('nests: what the inner one returns belongs to the outer one', () => {
    const before = live()
    const result = scope(() => {
      const inner = scope(() => torch.ones([1]).add(1))
      expect(live()).toBe(before + 1)
      return inner.add(1)
    })
    expect(result.item()).toBe(3)
    expect(live()).toBe(before + 1)
    result.dispose()
  })
  it('lets a tensor out by keep(), through every scope around it', () => {
    const before = live()
    let kept: Tensor | undefined
    scope(() =>
      scope(() => {
        kept = torch.ones([1]).keep()
      }),
    )
    expect(kept!.item()).toBe(1)
    kept!.dispose()
    expect(live()).toBe(before)
  })
  it('leaves tensors of outside alone, also where it returns them', () => {
    const outside = torch.ones([1])
    expect(scope(() => outside)).toBe(outside)
    scope(() => outside.add_(1))
    expect(outside.item()).toBe(2)
    outside.dispose()
  })
  it('frees after an Error too, and passes it on', () => {
    const before = live()
    expect(() =>
      scope(() => {
        torch.ones([1])
        throw new Error('mine')
      }),
    ).toThrow('mine')
    expect(live()).toBe(before)
  })
  it('refuses asynchronous functions', () => {
    const before = live()
    expect(() => scope(async () => torch.ones([1]))).toThrow(/scope takes a synchronous function/)
    expect(live()).toBe(before)
  })
  it('frees what operators, gradients, lists and tuples return', () => {
    const before = live()
    scope(() => {
      const x = torch.ones([4, 4]).requiresGrad_()
      x.split(2)
      x.max(0)
      torch.linalgSvd(x.detach())
      grad(x.square().sum(), x)
      torch.backward(x.sum())
      x.grad
      x.to({ dtype: 'float64' }).to({ dtype: 'float64' })
    })
    expect(live()).toBe(before)
  })
})

describe('using', () => {
  it('frees at the end of the block', () => {
    const before = live()
    {
      using x = torch.ones([2])
      expect(x.isDisposed).toBe(false)
      expect(live()).toBe(before + 1)
    }
    expect(live()).toBe(before)
  })
})

describe('memory()', () => {
  it('counts bytes of tensors and of what graphs save, and the peak', () => {
    const before = memory().bytes
    torch.resetPeakMemory()
    const x = torch.ones([1024, 1024]).requiresGrad_()
    expect(memory().bytes - before).toBeGreaterThanOrEqual(4 << 20)
    const y = x.exp()
    y.dispose() // the handle; nothing else needs the result
    expect(memory().bytes - before).toBeLessThan(5 << 20)
    const z = scope(() => x.exp().sum()) // its graph holds exp(x)
    expect(memory().bytes - before).toBeGreaterThanOrEqual(8 << 20)
    z.dispose()
    x.dispose()
    expect(memory().bytes - before).toBeLessThan(1 << 20)
    expect(memory().peakBytes - before).toBeGreaterThanOrEqual(8 << 20)
  })
  it('does not grow with errors', () => {
    const x = torch.ones([2])
    const before = live()
    for (let i = 0; i < 100; i++) {
      expect(() => x.matmul(5 as never)).toThrow()
      expect(() => x.reshape([7])).toThrow()
    }
    expect(live()).toBe(before)
  })
})

describe('finalisers', () => {
  it('free tensors that nobody disposed, once the event loop turns', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const before = live()
    const bytes = memory().bytes
    const leak = () => {
      for (let i = 0; i < 100; i++) torch.ones([1000])
    }
    leak()
    expect(live()).toBe(before + 100)
    for (let i = 0; i < 20 && live() > before; i++) {
      collect()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(live()).toBeLessThanOrEqual(before + 1) // a register may still hold the last one
    expect(memory().bytes - bytes).toBeLessThan(8000)
  })
})

class SmallNet extends nn.Module {
  readonly conv1: nn.Conv2d
  readonly bn1: nn.BatchNorm2d
  readonly conv2: nn.Conv2d
  readonly head: nn.Linear
  constructor(generator: Generator) {
    super()
    this.conv1 = new nn.Conv2d(1, 4, 3, { padding: 1, generator })
    this.bn1 = new nn.BatchNorm2d(4)
    this.conv2 = new nn.Conv2d(4, 4, 3, { stride: 2, padding: 1, generator })
    this.head = new nn.Linear(4, 3, { generator })
  }
  forward(x: Tensor): Tensor {
    const h = nn.batchNormLeakyRelu(this.conv1.forward(x), this.bn1, 'batch', 0.2)
    return this.head.forward(this.conv2.forward(h).relu().mean([2, 3]))
  }
}

describe('a thousand training steps', () => {
  const threads = torch.getThreads()
  beforeAll(() => torch.setThreads(1)) // a net this small is slower on two
  afterAll(() => torch.setThreads(threads))
  it('leave tensors and bytes where the second step left them', () => {
    const generator = new Generator(1)
    const net = new SmallNet(generator)
    const optimiser = new optim.SGD(net.namedParameters(), {
      lr: 0.05,
      momentum: 0.9,
      weightDecay: 1e-4,
      nesterov: true,
    })
    const ema = new optim.Ema(net.namedParameters(), 0.99)
    const step = (): number =>
      scope(() => {
        const labels = torch.randint(0, 3, [8], { generator })
        const x = torch.randn([8, 1, 6, 6], { generator }).add_(labels.reshape([8, 1, 1, 1]))
        const loss = nn.crossEntropy(net.forward(x.requiresGrad_()), labels)
        optimiser.zeroGrad()
        torch.backward(loss)
        optimiser.step()
        ema.update(net.namedParameters())
        return loss.item()
      })
    const losses = [step(), step()]
    const { tensors, bytes } = memory()
    for (let i = 0; i < 1000; i++) losses.push(step())
    expect(memory().tensors).toBe(tensors)
    expect(memory().bytes).toBe(bytes)
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2)
  })
  it('through the gradient of a gradient, too', () => {
    const w = torch.randn([4, 2, 3, 3], { generator: new Generator(2) }).requiresGrad_()
    const step = () =>
      scope(() => {
        const x = torch.ones([2, 2, 5, 5]).requiresGrad_()
        const [g] = grad(torch.tanh(torch.conv2d(x, w)).sum(), x, { createGraph: true })
        const [dw] = grad(g!.square().sum(), w)
        noGrad(() => w.sub_(dw!, { alpha: 0.01 }))
      })
    step()
    const { tensors, bytes } = memory()
    for (let i = 0; i < 200; i++) step()
    expect(memory()).toMatchObject({ tensors, bytes })
  })
})
