import { expect } from 'vitest'
import type { NestedArray, Tensor } from '../src/index.ts'
import { scope, tensor } from '../src/index.ts'

/** max |a − b| as a share of max |b|, both of the same shape. */
export const relativeError = (a: Tensor, b: Tensor): number =>
  scope(() => {
    const [x, y] = [a.detach().double(), b.detach().double()]
    if (x.numel === 0) return 0
    const scale = y.abs().amax().item()
    return x.sub(y).abs().amax().item() / (scale || 1)
  })

/** Same shape, and all elements within `tolerance` of the largest one. */
export function expectClose(actual: Tensor, expected: Tensor | NestedArray, tolerance = 1e-6): void {
  const wanted =
    typeof expected === 'object' && 'dispose' in expected ? expected : tensor(expected, { dtype: 'float64' })
  expect(actual.shape).toEqual(wanted.shape)
  expect(relativeError(actual, wanted)).toBeLessThanOrEqual(tolerance)
}
