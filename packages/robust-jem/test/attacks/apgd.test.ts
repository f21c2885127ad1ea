import { Generator, nn, type Tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { type ApgdSettings, apgd, apgdStart, checkpoints } from '../../src/attacks/apgd.ts'
import { lengthOf } from '../../src/attacks/ball-in-box.ts'
import { dlr } from '../../src/attacks/dlr.ts'
import { pgd } from '../../src/attacks/pgd.ts'
import { threatModel } from '../../src/attacks/threat-model.ts'
import { distance, numbersOf } from '../small.ts'
import { bent, images, predictions } from './small-logits.ts'

const f = bent(5, 1)
const x0 = images(12, 3)
const y = predictions(f, x0)
const crossEntropy = (z: Tensor, y: Tensor) => nn.crossEntropy(z, y, { reduction: 'none' })
const epsilons = { linf: 0.1, l2: 0.6 }
const settings = (norm: 'linf' | 'l2'): ApgdSettings => ({
  norm,
  epsilon: epsilons[norm],
  steps: 30,
  loss: crossEntropy,
})

describe.each(['linf', 'l2'] as const)('APGD (Croce & Hein, algorithm 1), %s', (norm) => {
  const s = settings(norm)
  const start = apgdStart(x0, norm, s.epsilon, new Generator(1))

  it('starts on the surface of the ball', () => {
    for (const length of numbersOf(lengthOf(start.sub(x0), norm))) expect(length).toBeCloseTo(s.epsilon, 10)
  })

  it('every iterate lies in the ball and in the box, for each of its losses', () => {
    for (const loss of [crossEntropy, dlr]) {
      const farthest: number[] = []
      const observe = ({ x }: { x: Tensor }) => {
        farthest.push(lengthOf(x.sub(x0), norm).max().item() - s.epsilon, x.abs().max().item() - 1)
      }
      const found = apgd(f, x0, y, { ...s, loss }, { observe, start: norm === 'linf' ? start : x0 })
      expect(Math.max(...farthest)).toBeLessThan(1e-12)
      expect(lengthOf(found.adversarial.sub(x0), norm).max().item()).toBeLessThan(s.epsilon + 1e-12)
    }
  })

  it('keeps the iterate of the highest loss, and marks as broken what any iterate misclassifies', () => {
    const losses: number[][] = []
    const right: number[][] = []
    const found = apgd(f, x0, y, s, {
      observe: (record) => {
        losses.push(numbersOf(record.loss))
        right.push(numbersOf(record.right))
      },
    })
    expect(losses).toHaveLength(31)
    const best = y.shape[0]! && numbersOf(y).map((_, i) => Math.max(...losses.map((row) => row[i]!)))
    expect(numbersOf(found.loss)).toEqual(best)
    expect(numbersOf(crossEntropy(f(found.best), y))).toEqual((best as number[]).map((v) => expect.closeTo(v, 10)))
    expect(numbersOf(found.broken)).toEqual(numbersOf(y).map((_, i) => Number(right.some((row) => !row[i]))))
    const wrong = predictions(f, found.adversarial).ne(y)
    expect(numbersOf(wrong)).toEqual(numbersOf(found.broken))
  })

  it('reaches the loss that PGD reaches with as many steps, on average, without a step size to choose', () => {
    const { epsilon, steps } = s
    const stepSize = (2.5 * epsilon) / steps
    const plain = pgd(f, x0, y, { threat: threatModel(norm, epsilon), steps, stepSize, iterate: 'best' })
    const [ours, theirs] = [apgd(f, x0, y, s).loss, crossEntropy(f(plain), y)]
    expect(ours.mean().item()).toBeGreaterThanOrEqual(theirs.mean().item() - 0.01)
    expect(numbersOf(apgd(f, x0, y, s).broken).filter(Boolean).length).toBeGreaterThanOrEqual(
      numbersOf(predictions(f, plain).ne(y)).filter(Boolean).length,
    )
  })

  it('only ever halves the step, from 2ε on', () => {
    const sizes: number[][] = []
    apgd(f, x0, y, s, { observe: ({ stepSize }) => sizes.push(numbersOf(stepSize)) })
    expect(sizes[0]).toEqual(sizes[0]!.map(() => 2 * s.epsilon))
    for (const [k, row] of sizes.slice(1).entries())
      for (const [i, size] of row.entries()) expect([1, 0.5]).toContain(size / sizes[k]![i]!)
    expect(Math.min(...sizes.at(-1)!)).toBeLessThan(2 * s.epsilon)
  })

  it('breaks the same images where it stops once all are broken', () => {
    const far = { ...s, epsilon: 3 * s.epsilon }
    let steps = 0
    const observe = () => steps++
    const whole = apgd(f, x0, y, far)
    const short = apgd(f, x0, y, { ...far, stopWhenBroken: true }, { observe })
    expect(numbersOf(short.broken)).toEqual(numbersOf(whole.broken))
    expect(whole.broken.all().item()).toBe(1)
    expect(steps).toBeLessThan(31)
  })
})

describe('APGD', () => {
  it('looks after 22, 41, 57, … of 100 steps, as published', () => {
    expect(checkpoints(100)).toEqual([22, 41, 57, 70, 80, 87, 93, 99])
    expect(checkpoints(1)).toEqual([1])
  })
  it('returns the start where there are no steps, in the box', () => {
    const found = apgd(f, x0, y, { ...settings('linf'), steps: 0 }, { start: x0.mul(1.5) })
    expect(distance(found.best, x0.mul(1.5).clamp({ min: -1, max: 1 }))).toBe(0)
  })
  it('takes the box that it is told', () => {
    const inPixels = x0.add(1).div(2)
    const g = (x: Tensor) => f(x.mul(2).sub(1))
    const found = apgd(g, inPixels, y, { ...settings('linf'), epsilon: 0.05, box: [0, 1] })
    const inModelUnits = apgd(f, x0, y, { ...settings('linf'), epsilon: 0.1 })
    expect(distance(found.best.mul(2).sub(1), inModelUnits.best)).toBeLessThan(1e-9)
  })
})
