import { describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { optim, scope, type Tensor } from '../src/index.ts'
import { expectClose } from './close.ts'

type Make = (parameters: ReadonlyMap<string, Tensor>) => optim.Optimizer

/** The parameter after each step, in float64, for given gradients of it. */
function trace(make: Make, start: number, gradients: number[]): number[] {
  const w = torch.tensor([start], { dtype: 'float64' }).requiresGrad_()
  const optimiser = make(new Map([['w', w]]))
  return gradients.map((g) => {
    optimiser.step([torch.tensor([g], { dtype: 'float64' })])
    return w.item()
  })
}
const gradients = [1, -0.5, 2, 0.25]

describe('SGD', () => {
  it('plain: w − lr·g', () => {
    expectClose(
      torch.tensor(
        trace((p) => new optim.SGD(p, { lr: 0.1 }), 1, gradients),
        { dtype: 'float64' },
      ),
      [0.9, 0.95, 0.75, 0.725],
      1e-12,
    )
  })
  it.each([false, true])('with momentum and weight decay as written down, nesterov %s', (nesterov) => {
    const [lr, μ, λ] = [0.1, 0.9, 0.01]
    let [w, v] = [1, 0]
    const wanted = gradients.map((gradient) => {
      const g = gradient + λ * w
      v = μ * v + g
      w -= lr * (nesterov ? g + μ * v : v)
      return w
    })
    const actual = trace((p) => new optim.SGD(p, { lr, momentum: μ, weightDecay: λ, nesterov }), 1, gradients)
    expectClose(torch.tensor(actual, { dtype: 'float64' }), wanted, 1e-12)
  })
  it('the first step with momentum is the plain step', () => {
    expect(trace((p) => new optim.SGD(p, { lr: 0.5, momentum: 0.9 }), 2, [3])).toEqual([0.5])
  })
  it('converges on a quadratic at the rate of its closed form', () => {
    // w ← w − lr·a·w, so w_t = (1 − lr·a)^t.
    const w = torch.tensor([1], { dtype: 'float64' }).requiresGrad_()
    const sgd = new optim.SGD(new Map([['w', w]]), { lr: 0.1 })
    for (let t = 0; t < 20; t++) {
      scope(() => {
        sgd.zeroGrad()
        torch.backward(w.square().mul(1.5).sum()) // a = 3
        sgd.step()
      })
    }
    expect(w.item()).toBeCloseTo(0.7 ** 20, 14)
  })
  it('refuses nesterov without momentum, and rates below zero', () => {
    expect(() => new optim.SGD(new Map(), { lr: 0.1, nesterov: true })).toThrow('nesterov needs a momentum > 0')
    expect(() => new optim.SGD(new Map(), { lr: -1 })).toThrow('expected a learning rate ≥ 0, received -1')
    expect(() => new optim.SGD(new Map(), { lr: Number.NaN })).toThrow('received NaN')
  })
})

describe('Adam', () => {
  it.each([0, 0.1])('follows Algorithm 1 of Kingma & Ba, weight decay %d', (λ) => {
    const [lr, β1, β2, ε] = [0.01, 0.9, 0.999, 1e-8]
    let [w, m, v] = [1, 0, 0]
    const wanted = gradients.map((gradient, i) => {
      const g = gradient + λ * w
      m = β1 * m + (1 - β1) * g
      v = β2 * v + (1 - β2) * g * g
      w -= (lr * (m / (1 - β1 ** (i + 1)))) / (Math.sqrt(v / (1 - β2 ** (i + 1))) + ε)
      return w
    })
    const actual = trace((p) => new optim.Adam(p, { lr, weightDecay: λ }), 1, gradients)
    expectClose(torch.tensor(actual, { dtype: 'float64' }), wanted, 1e-12)
  })
  it('moves by lr at first, whatever the gradient', () => {
    expect(trace((p) => new optim.Adam(p, { lr: 0.01 }), 1, [1e-3])[0]).toBeCloseTo(0.99, 6)
    expect(trace((p) => new optim.Adam(p), 1, [-1e6])[0]).toBeCloseTo(1.001, 9)
  })
})

describe('Adamax', () => {
  it('follows Algorithm 2 of Kingma & Ba with ε inside the maximum', () => {
    const [lr, β1, β2, ε] = [0.01, 0.9, 0.999, 1e-8]
    let [w, m, u] = [1, 0, 0]
    const wanted = gradients.map((g, i) => {
      m = β1 * m + (1 - β1) * g
      u = Math.max(β2 * u, Math.abs(g) + ε)
      w -= ((lr / (1 - β1 ** (i + 1))) * m) / u
      return w
    })
    const actual = trace((p) => new optim.Adamax(p, { lr }), 1, gradients)
    expectClose(torch.tensor(actual, { dtype: 'float64' }), wanted, 1e-12)
  })
  it('moves by its default rate 0.002 at first', () => {
    expect(trace((p) => new optim.Adamax(p), 1, [5])[0]).toBeCloseTo(0.998, 9)
  })
  it('does not divide by zero where the gradient is zero', () => {
    expect(trace((p) => new optim.Adamax(p), 1, [0, 0])).toEqual([1, 1])
  })
})

describe('an optimiser', () => {
  const parameters = () =>
    new Map(['a', 'b'].map((name) => [name, torch.ones([2], { dtype: 'float64' }).requiresGrad_()] as const))
  const ones = () => torch.ones([2], { dtype: 'float64' })

  it('takes gradients in the order of its parameters, or those that backward left', () => {
    const [given, left] = [parameters(), parameters()]
    new optim.SGD(given, { lr: 1 }).step([ones(), ones().mul(2)])
    torch.backward(left.get('a')!.add(left.get('b')!.mul(2)).sum())
    new optim.SGD(left, { lr: 1 }).step()
    for (const name of ['a', 'b']) expect(given.get(name)!.equal(left.get(name)!)).toBe(true)
  })
  it('leaves parameters without a gradient where they are', () => {
    const p = parameters()
    const sgd = new optim.SGD(p, { lr: 1, momentum: 0.9, weightDecay: 1 })
    sgd.step()
    sgd.step([ones(), null])
    expect(p.get('b')!.toArray()).toEqual([1, 1])
    expect(p.get('a')!.toArray()).toEqual([-1, -1])
  })
  it('does not change the gradients given, and clears those of backward', () => {
    const p = parameters()
    const g = ones()
    const sgd = new optim.SGD(p, { lr: 0.1, momentum: 0.9, weightDecay: 1, nesterov: true })
    sgd.step([g, g])
    expect(g.toArray()).toEqual([1, 1])
    torch.backward(p.get('a')!.sum())
    sgd.zeroGrad()
    expect(p.get('a')!.grad).toBeNull()
  })
  it('refuses a wrong number of gradients', () => {
    expect(() => new optim.SGD(parameters(), { lr: 1 }).step([ones()])).toThrow('2 parameters but 1 gradients')
  })
  it('changes the rate between steps', () => {
    const p = parameters()
    const sgd = new optim.SGD(p, { lr: 1 })
    sgd.lr = 0.25
    sgd.step([ones(), ones()])
    expect(p.get('a')!.toArray()).toEqual([0.75, 0.75])
  })
  it('loads its own state, and none of other shapes', () => {
    const sgd = new optim.SGD(parameters(), { lr: 1, momentum: 0.9 })
    sgd.step([ones(), ones()])
    const state = sgd.stateDict()
    sgd.loadStateDict(state)
    expect(sgd.state.get('momentum_buffer.a')!.toArray()).toEqual([1, 1])
    const wrong = { steps: 9, tensors: { 'momentum_buffer.a': torch.ones([3]) } }
    expect(() => sgd.loadStateDict(wrong)).toThrow('momentum_buffer.a has shape [3] in the state, [2] as a parameter')
    expect(sgd.steps).toBe(1)
  })
  it.each<[string, Make]>([
    ['SGD', (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 })],
    ['Adam', (p) => new optim.Adam(p, { lr: 0.1 })],
    ['Adamax', (p) => new optim.Adamax(p, { lr: 0.1 })],
  ])('%s goes on from a saved state as if it had not stopped', (_, make) => {
    const [p, q] = [parameters(), parameters()]
    const optimiser = make(p)
    optimiser.step([ones(), ones()])
    for (const name of ['a', 'b']) torch.noGrad(() => q.get(name)!.copy_(p.get(name)!))
    const resumed = make(q)
    scope(() => resumed.loadStateDict(optimiser.stateDict()))
    for (const o of [optimiser, resumed]) o.step([ones().mul(-3), ones()])
    for (const name of ['a', 'b']) expect(q.get(name)!.equal(p.get(name)!)).toBe(true)
    expect(resumed.steps).toBe(2)
  })
})

describe('schedules', () => {
  it('warm up linearly from 0 to 1', () => {
    const warm = optim.warmUp(4)
    expect([0, 1, 2, 3, 4, 100].map(warm)).toEqual([0, 0.25, 0.5, 0.75, 1, 1])
    expect(optim.warmUp(0)(0)).toBe(1)
  })
  it('multiply at milestones', () => {
    const steps = optim.milestones([10, 20], 0.5)
    expect([0, 9, 10, 19, 20, 99].map(steps)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25])
  })
  it('follow half a cosine from 1 to 0', () => {
    const cosine = optim.cosine(10)
    expect(cosine(0)).toBe(1)
    expect(cosine(5)).toBeCloseTo(0.5, 15)
    expect(cosine(10)).toBeCloseTo(0, 15)
    expect(cosine(11)).toBeCloseTo(0, 15)
  })
  it('combine as products', () => {
    expect(optim.product(optim.warmUp(2), optim.milestones([1], 0.5))(1)).toBe(0.25)
    expect(optim.product()(7)).toBe(1)
  })
})

describe('Ema', () => {
  it('averages with decay min(d, (1 + t)/(10 + t)), apart from the parameters', () => {
    const w = torch.tensor([0], { dtype: 'float64' }).requiresGrad_()
    const ema = new optim.Ema(new Map([['w', w]]), 0.5)
    let average = 0
    for (let t = 1; t <= 12; t++) {
      torch.noGrad(() => w.fill_(t))
      scope(() => ema.update(new Map([['w', w]])))
      const d = Math.min(0.5, (1 + t) / (10 + t))
      average = d * average + (1 - d) * t
    }
    expect(ema.average.get('w')!.item()).toBeCloseTo(average, 12)
    expect(w.item()).toBe(12)
    expect(ema.updates).toBe(12)
  })
})
