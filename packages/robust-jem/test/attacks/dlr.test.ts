import { Generator, randn, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { dlr, margin, rankedTargets, targetedDlr } from '../../src/attacks/dlr.ts'
import { numbersOf } from '../small.ts'

const labels = (...values: number[]) => tensor(values, { dtype: 'int64' })
const z = tensor([[3, 1, 2, -1, 0]], { dtype: 'float64' })

describe('DLR (Croce & Hein, eqs. 6 and 7)', () => {
  it('is −(z_y − max other)/(z(1) − z(3)), negative where y is the prediction', () => {
    expect(dlr(z, labels(0)).item()).toBeCloseTo(-(3 - 2) / (3 - 1), 10)
    expect(dlr(z, labels(3)).item()).toBeCloseTo(-(-1 - 3) / (3 - 1), 10)
  })
  it('targeted, is −(z_y − z_t)/(z(1) − ½(z(3) + z(4)))', () => {
    expect(targetedDlr(z, labels(0), labels(4)).item()).toBeCloseTo(-(3 - 0) / (3 - 0.5), 10)
  })
  it('is the same for shifted and for scaled logits', () => {
    const many = randn([20, 6], { generator: new Generator(1), dtype: 'float64' })
    const [y, t] = [labels(...Array(20).fill(2)), labels(...Array(20).fill(5))]
    const moved = many.mul(37).add(5)
    for (const loss of [dlr, (z: typeof many, y: typeof t) => targetedDlr(z, y, t)])
      for (const [i, value] of numbersOf(loss(moved, y)).entries())
        expect(value).toBeCloseTo(numbersOf(loss(many, y))[i]!, 9)
  })
})

describe('the margin', () => {
  it('is the lead of y over the best of the others', () => {
    const twice = tensor(
      [
        [3, 1, 2, -1, 0],
        [3, 1, 2, -1, 0],
      ],
      { dtype: 'float64' },
    )
    expect(numbersOf(margin(twice, labels(0, 4)))).toEqual([1, -3])
  })
  it('is 0 in a tie', () => expect(margin(tensor([[2, 2, 1]]), labels(1)).item()).toBe(0))
})

describe('targets', () => {
  it('are all classes but y, by descending logit', () => {
    const twice = tensor([
      [3, 1, 2, -1, 0],
      [3, 1, 2, -1, 0],
    ])
    expect(rankedTargets(twice, labels(0, 2)).toArray()).toEqual([
      [2, 1, 4, 3],
      [0, 1, 4, 3],
    ])
  })
})
