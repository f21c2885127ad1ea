import { cat, Generator, randn, setThreads, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { distanceRatio, effectiveClasses, nearestNeighbours, pick } from '../../src/evaluation/diversity.ts'

setThreads(1)

const cloud = (n: number, seed: number) => randn([n, 6], { generator: new Generator(seed) })

describe('class balance', () => {
  it('is the number of classes where all are equally frequent, 1 where there is one', () => {
    expect(effectiveClasses([0, 1, 2, 3, 0, 1, 2, 3], 4).value).toBeCloseTo(4, 12)
    expect(effectiveClasses([2, 2, 2], 4)).toEqual({ value: 1, counts: [0, 0, 3, 0] })
  })
})

describe('nearest training images', () => {
  it('are those of least distance, nearest first, whatever the blocks', () => {
    const [x, y] = [cloud(5, 1), cloud(9, 2)]
    const { places, distances } = nearestNeighbours(x, y, 3, { rows: 2 })
    const all = x.double().cdist(y.double(), { computeMode: 2 }).toArray() as number[][]
    for (const [i, row] of all.entries()) {
      const order = [...row.keys()].sort((a, b) => row[a]! - row[b]!).slice(0, 3)
      expect(places[i]).toEqual(order)
      for (const [k, place] of order.entries()) expect(distances[i]![k]).toBeCloseTo(row[place]!, 10)
    }
  })

  it('copies have ratio 0, other points of the same law about 1, far ones more', () => {
    const training = cloud(200, 1)
    expect(distanceRatio(training.narrow(0, 0, 50), training)).toBe(0)
    expect(distanceRatio(cloud(200, 2), training)).toBeGreaterThan(0.8)
    expect(distanceRatio(cloud(200, 2), training)).toBeLessThan(1.25)
    expect(distanceRatio(cloud(200, 2).add(20), training)).toBeGreaterThan(5)
  })

  it('duplicates among the training images leave no ratio; NaN and too few are refused', () => {
    const training = cloud(4, 1)
    expect(distanceRatio(cloud(3, 2), cat([training, training]))).toBeUndefined()
    expect(() => nearestNeighbours(cloud(3, 2), training, 5)).toThrow(/5 neighbours need as many training images/)
    expect(() => nearestNeighbours(tensor([[Number.NaN]]), tensor([[1]]).float(), 1)).toThrow(/finite/)
  })
})

it('picks images by their places', () => {
  expect([...pick(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 0], 2)]).toEqual([5, 6, 1, 2])
})
