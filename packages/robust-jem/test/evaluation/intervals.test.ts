import { Generator, randn, setThreads } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { bootstrap, overSplits, wilson } from '../../src/evaluation/intervals.ts'

setThreads(1)

describe('Wilson 1927', () => {
  it('5 of 10: [0.237, 0.763]', () => {
    const { low, high, method } = wilson(5, 10)
    expect([low, high].map((x) => Number(x.toFixed(3)))).toEqual([0.237, 0.763])
    expect(method).toBe('wilson-95')
  })

  it('all or none leave room on one side only, and stay within [0, 1]', () => {
    expect(wilson(0, 20).low).toBe(0)
    expect(wilson(0, 20).high).toBeCloseTo(0.1611, 4)
    expect(wilson(20, 20).high).toBe(1)
    expect(wilson(0, 0)).toMatchObject({ low: 0, high: 1 })
  })
})

describe('the bootstrap', () => {
  const values = randn([400], { generator: new Generator(3) }).toTypedArray() as Float32Array
  const meanAt = ([places]: readonly Int32Array[]) => places!.reduce((sum, i) => sum + values[i]!, 0) / places!.length

  it('of a mean is about ± 1.96·σ/√n', () => {
    const { low, high } = bootstrap([400], meanAt, new Generator(1))
    expect(high - low).toBeGreaterThan(0.85 * 2 * 1.96 * 0.05)
    expect(high - low).toBeLessThan(1.15 * 2 * 1.96 * 0.05)
  })

  it('the same generator gives the same interval, each set is drawn with its own size', () => {
    const sizes: number[][] = []
    const statistic = (places: readonly Int32Array[]) => {
      sizes.push(places.map(({ length }) => length))
      return places[0]![0]! - places[1]![0]!
    }
    const once = () => bootstrap([5, 7], statistic, new Generator(2), { resamples: 20 })
    expect(once()).toEqual(once())
    expect(new Set(sizes.map(String))).toEqual(new Set(['5,7']))
  })
})

it('over splits the interval lies around the value of all, narrower for more splits', () => {
  const few = overSplits(2, [1, 3])
  const many = overSplits(2, [1, 3, 1, 3, 1, 3, 1, 3])
  expect([(few.low + few.high) / 2, few.method]).toEqual([2, 'splits-95'])
  expect(many.high - many.low).toBeLessThan(few.high - few.low)
})
