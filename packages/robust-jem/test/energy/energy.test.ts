import { noGrad, type Tensor, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { joint, marginal, withInputGradient } from '../../src/energy.ts'
import { distance, numbersOf, smallImages, smallLabels, smallNetwork } from '../small.ts'

const network = smallNetwork(1, { dtype: 'float64' })
const f = (x: Tensor) => network.forward(x, 'running')
const x = smallImages(4, 2, { dtype: 'float64' })
const y = smallLabels(4, 3)

describe('JEM, eqs. 6 and 8', () => {
  it('−E(x) = log Σ_y exp f(x)[y]', () => {
    const expected = (f(x).toArray() as number[][]).map((row) => Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0)))
    for (const [i, value] of numbersOf(marginal(f)(x)).entries()) expect(value).toBeCloseTo(expected[i]!, 12)
  })
  it('−E(x) does not overflow', () => {
    const large = marginal(() =>
      tensor([
        [1000, 1000],
        [-1000, -1001],
      ]),
    )(x)
    expect(numbersOf(large)[0]).toBeCloseTo(1000 + Math.log(2), 3)
    expect(numbersOf(large)[1]).toBeCloseTo(-1000 + Math.log(1 + Math.exp(-1)), 3)
  })
  it('−E(x, y) = f(x)[y]', () => {
    const rows = f(x).toArray() as number[][]
    const classes = numbersOf(y)
    expect(numbersOf(joint(f, y)(x))).toEqual(rows.map((row, i) => row[classes[i]!]!))
  })
  it('−E(x, y) − (−E(x)) = log p(y | x)', () => {
    const logPosterior = f(x).logSoftmax(1).gather(1, y.unsqueeze(1)).squeeze(1)
    expect(distance(joint(f, y)(x).sub(marginal(f)(x)), logPosterior)).toBeLessThan(1e-12)
  })
})

describe('the input gradient', () => {
  it.each([
    ['log p(x)', marginal(f)],
    ['log p(x, y)', joint(f, y)],
  ])('of %s agrees with finite differences', (_name, density) => {
    const { value, gradient } = withInputGradient(density, x)
    expect(value.shape).toEqual([4])
    expect(gradient.shape).toEqual(x.shape)
    const direction = smallImages(4, 5, { dtype: 'float64' })
    const along = (h: number) =>
      density(x.add(direction, { alpha: h }))
        .sum()
        .item()
    expect((along(1e-5) - along(-1e-5)) / 2e-5).toBeCloseTo(gradient.mul(direction).sum().item(), 7)
  })
  it('is there inside noGrad too, and leaves no graph behind', () => {
    const { value, gradient } = noGrad(() => withInputGradient(marginal(f), x))
    expect(gradient.abs().sum().item()).toBeGreaterThan(0)
    expect([value.requiresGrad, gradient.requiresGrad, x.requiresGrad]).toEqual([false, false, false])
  })
  it('accumulates nowhere', () => {
    withInputGradient(marginal(f), x)
    expect(network.parameters().map((parameter) => parameter.grad)).toEqual(network.parameters().map(() => null))
  })
})
