import { Generator, rand, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { type ResizeRule, resizeBilinear } from '../../src/evaluation/resize.ts'

/** Pixel by pixel, in JavaScript's own doubles. */
function naive(plane: number[][], height: number, width: number, rule: ResizeRule): number[][] {
  const [h, w] = [plane.length, plane[0]!.length]
  const place = (i: number, from: number, to: number) => {
    const p = rule === 'tf1' ? (i * from) / to : Math.max(((i + 0.5) * from) / to - 0.5, 0)
    const low = Math.min(Math.floor(p + 1e-9), from - 1)
    return [low, Math.min(low + 1, from - 1), Math.max(p - low, 0)] as const
  }
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const [top, bottom, v] = place(y, h, height)
      const [left, right, u] = place(x, w, width)
      const row = (r: number) => plane[r]![left]! * (1 - u) + plane[r]![right]! * u
      return row(top) * (1 - v) + row(bottom) * v
    }),
  )
}

describe.each(['tf1', 'half-pixel'] as const)('bilinear resizing, %s', (rule) => {
  it('is that of looking at each pixel, up and down, with sides of their own', () => {
    const x = rand([2, 3, 5, 7], { generator: new Generator(1) }).mul(255)
    for (const [height, width] of [
      [19, 12],
      [4, 3],
      [5, 9],
    ] as const) {
      const ours = resizeBilinear(x, [height, width], rule).toArray() as number[][][][]
      const planes = x.toArray() as number[][][][]
      expect(ours.length).toBe(2)
      for (const [n, image] of ours.entries())
        for (const [c, plane] of image.entries()) {
          const expected = naive(planes[n]![c]!, height, width, rule)
          for (const [y, row] of plane.entries())
            for (const [i, value] of row.entries()) expect(value).toBeCloseTo(expected[y]![i]!, 3)
        }
    }
  })

  it('leaves images of the same size as they are, and stays inside their range', () => {
    const x = rand([1, 3, 6, 6], { generator: new Generator(2) })
    expect(resizeBilinear(x, [6, 6], rule).toArray()).toEqual(x.toArray())
    const large = resizeBilinear(x, [31, 31], rule)
    expect(large.max().item()).toBeLessThanOrEqual(x.max().item())
    expect(large.min().item()).toBeGreaterThanOrEqual(x.min().item())
  })
})

it('TF1 begins with the first pixel and repeats the last; half-pixel centres repeat both', () => {
  const ramp = tensor([[[[0, 10]]]])
  const row = (rule: ResizeRule) => (resizeBilinear(ramp, [1, 4], rule).toArray() as number[][][][])[0]![0]![0]
  expect(row('tf1')).toEqual([0, 5, 10, 10])
  expect(row('half-pixel')).toEqual([0, 2.5, 7.5, 10])
})
