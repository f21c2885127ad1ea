import { describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { backward, enableGrad, Generator, grad, noGrad, type Tensor } from '../src/index.ts'
import { expectClose } from './close.ts'

const leaf = (values: Parameters<typeof torch.tensor>[0]) => torch.tensor(values, { dtype: 'float64' }).requiresGrad_()

describe('grad', () => {
  it('gives ∂output/∂input for each input, in order, and accumulates nowhere', () => {
    const [a, b] = [leaf([2, 3]), leaf([5, 7])]
    const [da, db] = grad(a.mul(b).sum(), [a, b])
    expect(da!.toArray()).toEqual([5, 7])
    expect(db!.toArray()).toEqual([2, 3])
    expect([a.grad, b.grad]).toEqual([null, null])
  })
  it('takes gradOutputs, which weigh the outputs', () => {
    const x = leaf([1, 2])
    expect(grad(x.square(), x, { gradOutputs: torch.tensor([1, 10], { dtype: 'float64' }) })[0]!.toArray()).toEqual([
      2, 40,
    ])
    const y = [x.mul(2).sum(), x.mul(3)]
    expect(grad(y, x, { gradOutputs: [null, torch.ones([2], { dtype: 'float64' })] })[0]!.toArray()).toEqual([5, 5])
  })
  it('frees the graph unless told to retain it', () => {
    const x = leaf([1])
    const y = x.square().sum()
    expect(grad(y, x, { retainGraph: true })[0]!.item()).toBe(2)
    expect(grad(y, x)[0]!.item()).toBe(2)
    expect(() => grad(y, x)).toThrow(/retainGraph: true/)
  })
  it('with createGraph is differentiable itself: d³(x⁴)/dx³ = 24x', () => {
    const x = leaf(1.5)
    let y: Tensor = x.square().square()
    for (let order = 0; order < 3; order++) y = grad(y, x, { createGraph: true })[0]!
    expect(y.item()).toBeCloseTo(36, 12)
    expect(grad(leaf([1]).mul(x).sum(), x)[0]!.requiresGrad).toBe(false)
  })
  it('refuses an input that the output does not depend on, or gives null', () => {
    const [x, other] = [leaf([1]), leaf([2])]
    expect(() => grad(x.square().sum(), [x, other])).toThrow(/allowUnused: true/)
    const gradients = grad(x.square().sum(), [x, other], { allowUnused: true })
    expect(gradients[0]!.item()).toBe(2)
    expect(gradients[1]).toBeNull()
  })
  it('may be taken to a tensor in the middle of the graph', () => {
    const x = leaf([3])
    const middle = x.square()
    expect(grad(middle.mul(2).sum(), middle)[0]!.item()).toBe(2)
  })
  it.each<[string, () => unknown, RegExp]>([
    [
      'many elements without gradOutputs',
      () => grad(leaf([1, 2]).mul(2), leaf([1])),
      /more than one element.*float64 \[2\].*gradOutputs/,
    ],
    [
      'gradOutputs of another shape',
      () => {
        const x = leaf([1, 2])
        return grad(x.mul(2), x, { gradOutputs: torch.ones([3], { dtype: 'float64' }) })
      },
      /gradOutputs\[0\] is float64 \[3\], its output is float64 \[2\]/,
    ],
    [
      'too many gradOutputs',
      () => {
        const x = leaf([1])
        return grad(x.mul(2), x, { gradOutputs: [torch.ones([1]), torch.ones([1])] })
      },
      /1 outputs but 2 gradOutputs/,
    ],
    [
      'an input without a gradient',
      () => grad(leaf([1]).sum(), torch.ones([1])),
      /inputs\[0\] \(float32 \[1\]\) does not require a gradient; call requiresGrad_/,
    ],
    [
      'an output without a graph',
      () => grad(torch.ones([1]), leaf([1])),
      /outputs\[0\] \(float32 \[1\]\) does not depend on anything/,
    ],
    ['no outputs', () => grad([], []), /must not be empty/],
    ['no tensor', () => grad(5 as never, leaf([1])), /./],
    [
      'an unknown option',
      () => grad(leaf([1]), leaf([1]), { retain: true } as never),
      /unknown option 'retain'; its options are: gradOutputs, retainGraph/,
    ],
  ])('refuses %s', (_, body, message) => {
    expect(body).toThrow(message)
    expect(body).toThrow(Error)
  })
})

describe('backward', () => {
  it('adds up in the leaves until they are cleared', () => {
    const x = leaf([1, 2])
    backward(x.square().sum())
    backward(x.sum())
    expect(x.grad!.toArray()).toEqual([3, 5])
    x.clearGrad()
    expect(x.grad).toBeNull()
    backward(x.square(), { gradOutputs: torch.ones([2], { dtype: 'float64' }) })
    expect(x.grad!.toArray()).toEqual([2, 4])
  })
  it('refuses what has no graph', () => {
    expect(() => backward(torch.ones([1]))).toThrow(/does not depend on anything that requires a gradient/)
    expect(() => backward(leaf([1, 2]).mul(2))).toThrow(/needs gradOutputs/)
    expect(() => backward(leaf([1]), { allowUnused: true } as never)).toThrow(/unknown option/)
  })
})

describe('what records a graph', () => {
  it('noGrad and enableGrad nest, and restore after an Error', () => {
    const x = leaf([1])
    const inside = noGrad(() => [x.mul(2), enableGrad(() => x.mul(2)), x.mul(2)])
    expect(inside.map((t) => t.requiresGrad)).toEqual([false, true, false])
    expect(() =>
      noGrad(() => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
    expect(x.mul(2).requiresGrad).toBe(true)
    expect(() => noGrad(async () => x)).toThrow('noGrad and enableGrad take a synchronous function')
  })
  it('detach cuts, and requiresGrad_ marks leaves', () => {
    const x = leaf([1])
    expect(x.mul(2).detach().requiresGrad).toBe(false)
    const y = torch.ones([1])
    expect(y.requiresGrad_()).toBe(y)
    expect(y.requiresGrad_(false).requiresGrad).toBe(false)
    expect(() => torch.ones([1], { dtype: 'int64' }).requiresGrad_()).toThrow(/^requiresGrad_: /)
    expect(() => x.mul(2).requiresGrad_(false)).toThrow(/is a result, not a leaf; detach\(\) it instead/)
  })
  it('refuses to write into a leaf, or into what the graph still needs', () => {
    const x = leaf([1])
    expect(() => x.add_(1)).toThrow(/a leaf Variable that requires grad is being used in an in-place operation/)
    const y = x.exp()
    const z = y.square().sum()
    noGrad(() => y.add_(1))
    expect(() => grad(z, x)).toThrow(/modified by an inplace operation/)
  })
})

describe('gradients of gradients', () => {
  // d/dθ of a function of ∇ₓf, by central differences of ∇ₓf itself, in float64.
  it('of a convolution equal finite differences', () => {
    const generator = new Generator(3)
    const random = (shape: number[]) => torch.randn(shape, { generator, dtype: 'float64' })
    const [x, w, v] = [random([2, 3, 5, 5]), random([4, 3, 3, 3]), random([2, 3, 5, 5])]
    const directional = (weight: Tensor, point: Tensor, createGraph: boolean) => {
      const image = point.requiresGrad ? point : point.detach().requiresGrad_()
      const y = torch.tanh(torch.conv2d(image, weight, { stride: 2, padding: 1 })).sum()
      return grad(y, image, { createGraph })[0]!.mul(v).sum()
    }
    const [weight, image] = [w.clone().requiresGrad_(), x.clone().requiresGrad_()]
    const [dw, dx] = grad(directional(weight, image, true), [weight, image])
    const h = 1e-5
    for (const [at, base, gradient] of [
      [[1, 2, 0, 1], w, dw],
      [[3, 0, 2, 2], w, dw],
      [[0, 1, 2, 2], x, dx],
      [[1, 2, 4, 0], x, dx],
    ] as [number[], Tensor, Tensor][]) {
      const element = (t: Tensor) => at.reduce((view, i) => view.select(0, i), t)
      const moved = (by: number) => {
        const copy = base.clone()
        element(copy).add_(by)
        return base === w ? directional(copy, x, false) : directional(w, copy, false)
      }
      const numerical = (moved(h).item() - moved(-h).item()) / (2 * h)
      expect(element(gradient).item()).toBeCloseTo(numerical, 6)
    }
  })
  it('train a network through its own input gradient', () => {
    const w = leaf([[0.3, -0.2]])
    const x = leaf([[1, 2]])
    const [g] = grad(torch.matmul(x, w.t()).tanh().sum(), x, { createGraph: true })
    const penalty = g!.square().sum()
    const [dw] = grad(penalty, w)
    expect(dw!.shape).toEqual([1, 2])
    // y = tanh(s), s = wx: ∇ₓy = (1 − y²)w; |∇ₓy|² = (1 − y²)²|w|²
    const s = 0.3 - 0.4
    const y = Math.tanh(s)
    const norm = 0.3 ** 2 + 0.2 ** 2
    const ds = 2 * (1 - y * y) * (-2 * y) * (1 - y * y) * norm
    expectClose(dw!, [[ds * 1 + (1 - y * y) ** 2 * 2 * 0.3, ds * 2 + (1 - y * y) ** 2 * 2 * -0.2]], 1e-12)
  })
})
