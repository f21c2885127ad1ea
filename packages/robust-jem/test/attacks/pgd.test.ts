import { Generator, nn, type Tensor, tensor } from '@robust-jem/torch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultStepSize, type PgdSettings, pgd } from '../../src/attacks/pgd.ts'
import { l2, linf, threatModel } from '../../src/attacks/threat-model.ts'
import { naivePgd } from '../fixtures/naive-attack.ts'
import { distance, numbersOf, smallImages, smallLabels, smallNetwork } from '../small.ts'

const network = smallNetwork(1, { dtype: 'float64', gain: 8 })
const f = (x: Tensor) => network.forward(x, 'running')
const x0 = smallImages(4, 2, { dtype: 'float64' })
const y = smallLabels(4, 3)
const crossEntropy = (x: Tensor) => nn.crossEntropy(f(x), y, { reduction: 'none' })
const base: PgdSettings = { threat: linf(0.1), steps: 5, stepSize: 0.05 }
const lengthOf = (d: Tensor, norm: 'linf' | 'l2') =>
  norm === 'linf' ? d.abs().amax({ dim: [1, 2, 3] }) : d.square().sum([1, 2, 3]).sqrt()

const anyAttack = fc.record({
  norm: fc.constantFrom('linf' as const, 'l2' as const),
  epsilon: fc.double({ min: 0, max: 1.5, noNaN: true }),
  steps: fc.integer({ min: 0, max: 4 }),
  reach: fc.double({ min: 0.1, max: 10, noNaN: true }),
  targeted: fc.boolean(),
  iterate: fc.constantFrom('last' as const, 'best' as const),
  random: fc.option(fc.nat(), { nil: undefined }),
})

describe('PGD (Madry et al.)', () => {
  it('ends in the ball around each image and in the box, whatever its settings', () => {
    fc.assert(
      fc.property(anyAttack, ({ norm, epsilon, steps, reach, targeted, iterate, random }) => {
        const threat = threatModel(norm, epsilon)
        const start = random === undefined ? x0 : threat.place(x0, threat.draw(x0, new Generator(random)))
        const stepSize = (reach * epsilon) / Math.max(1, steps)
        const end = pgd(f, x0, y, { threat, steps, stepSize, targeted, iterate }, { start })
        return lengthOf(end.sub(x0), norm).max().item() <= epsilon + 1e-9 && end.abs().max().item() <= 1
      }),
      { numRuns: 60, seed: 1 },
    )
  })

  it.each([
    ['linf', 1, [-1, 1], 'plain'],
    ['linf', -1, [-1, 1], 'random'],
    ['l2', 1, [-1, 1], 'random'],
    ['l2', -1, [-1, 1], 'plain'],
  ] as const)(
    'takes the steps of the naive implementation (%s, sign %d, box %o, %s start)',
    (norm, sign, box, from) => {
      const threat = threatModel(norm, 0.3)
      const start = from === 'plain' ? x0 : threat.place(x0, threat.draw(x0, new Generator(1)))
      const naive = naivePgd({ ...network.stateDict() }, x0, y, {
        norm,
        sign,
        start,
        epsilon: 0.3,
        steps: 4,
        stepSize: 0.1,
        box: [...box],
      })
      const seen: { x: number[]; loss: number[] }[] = []
      const settings = { threat, steps: 4, stepSize: 0.1, targeted: sign < 0, box }
      pgd(f, x0, y, settings, {
        start,
        observe: ({ x, loss }) => seen.push({ x: numbersOf(x), loss: numbersOf(loss) }),
      })
      expect(seen).toHaveLength(5)
      for (const [i, { x, loss }] of seen.entries()) {
        for (const [k, value] of numbersOf(naive.iterates[i]!).entries())
          expect(Math.abs(x[k]! - value)).toBeLessThan(1e-8)
        for (const [k, value] of numbersOf(naive.losses[i]!).entries()) expect(loss[k]).toBeCloseTo(value, 8)
      }
    },
  )

  it.each(['linf', 'l2'] as const)('raises the loss of each image, and lowers it if targeted (%s)', (norm) => {
    const settings = { ...base, threat: threatModel(norm, 0.3), stepSize: 0.1 }
    const before = crossEntropy(x0)
    expect(
      crossEntropy(pgd(f, x0, y, settings))
        .sub(before)
        .min()
        .item(),
    ).toBeGreaterThan(0)
    expect(
      crossEntropy(pgd(f, x0, y, { ...settings, targeted: true }))
        .sub(before)
        .max()
        .item(),
    ).toBeLessThan(0)
  })

  it('never returns an iterate worse than the last where the best is asked for, and it is one of those seen', () => {
    fc.assert(
      fc.property(anyAttack, ({ norm, epsilon, steps, targeted }) => {
        const settings = { threat: threatModel(norm, epsilon), steps, stepSize: 2 * epsilon, targeted }
        const losses: number[][] = []
        const observe = ({ loss }: { loss: Tensor }) => losses.push(numbersOf(loss))
        const best = numbersOf(crossEntropy(pgd(f, x0, y, { ...settings, iterate: 'best' }, { observe })))
        const most = targeted ? Math.min : Math.max
        return best.every((value, i) => Math.abs(value - most(...losses.map((row) => row[i]!))) < 1e-9)
      }),
      { numRuns: 30, seed: 2 },
    )
  })
  it('picks the best iterate image by image', () => {
    // CE = x² for label 0 of this two-class "network": steps of 1.5 in a ball of 1 jump between its ends.
    const g = (x: Tensor) => {
      const s = x.sub(0.2).square().sum([1, 2, 3])
      return s
        .neg()
        .expm1()
        .neg()
        .log()
        .neg()
        .unsqueeze(1)
        .mul(tensor([[0, -1]], { dtype: 'float64' })) // softmax₀ = e^−s
    }
    const start = tensor([[[[0.3]]], [[[0.1]]]], { dtype: 'float64' })
    const labels = tensor([0, 0], { dtype: 'int64' })
    const rows: number[][] = []
    const best = pgd(
      g,
      start,
      labels,
      { threat: linf(1), steps: 4, stepSize: 1.5, iterate: 'best', box: null },
      {
        observe: ({ x }) => rows.push(numbersOf(x)),
      },
    )
    const farthest = [0, 1].map((i) => Math.max(...rows.map((row) => Math.abs(row[i]! - 0.2))))
    expect(numbersOf(best).map((value) => Math.abs(value - 0.2))).toEqual(farthest)
  })

  it('leaves images alone where ε is 0, where there are no steps, and where the gradient is 0', () => {
    expect(distance(pgd(f, x0, y, { ...base, threat: linf(0), stepSize: 0 }), x0)).toBe(0)
    expect(distance(pgd(f, x0, y, { ...base, steps: 0 }), x0)).toBe(0)
    const flat = (x: Tensor) =>
      x
        .sum([1, 2, 3])
        .unsqueeze(1)
        .mul(tensor([[0, 0, 0]], { dtype: 'float64' }))
    for (const threat of [linf(0.1), l2(0.1)]) expect(distance(pgd(flat, x0, y, { ...base, threat }), x0)).toBe(0)
  })

  it('takes the box that it is told: pixels [0, 1], or none', () => {
    const pixels = x0.add(1).div(2)
    const onPixels = (x: Tensor) => f(x.mul(2).sub(1))
    const end = pgd(onPixels, pixels, y, { ...base, threat: linf(0.4), stepSize: 0.3, box: [0, 1] })
    expect([end.min().item(), end.max().item()]).toEqual([0, 1])
    const free = pgd(f, x0, y, { ...base, threat: linf(0.4), stepSize: 0.3, box: null })
    expect(free.abs().max().item()).toBeGreaterThan(1)
  })

  it('brings a start from outside the box into it', () => {
    const outside = x0.mul(1.2)
    expect(
      pgd(f, outside, y, { ...base, steps: 0 })
        .abs()
        .max()
        .item(),
    ).toBeLessThanOrEqual(1)
  })

  it('evaluates the network once a step, and once more only for observers or the best', () => {
    const count = (settings: Partial<PgdSettings>, observe?: () => void) => {
      let forwards = 0
      const counted = (x: Tensor) => {
        forwards++
        return f(x)
      }
      pgd(counted, x0, y, { ...base, ...settings }, observe && { observe })
      return forwards
    }
    expect(count({})).toBe(5)
    expect(count({ iterate: 'best' })).toBe(6)
    expect(count({}, () => {})).toBe(6)
  })

  it('default step: 2.5·ε/steps', () => {
    expect(defaultStepSize(0.1, 15)).toBeCloseTo(0.25 / 15, 15)
    expect(defaultStepSize(0.1, 0)).toBe(0.25)
  })
})
