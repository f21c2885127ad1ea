import { afterEach, describe, expect, it, vi } from 'vitest'
import '../src/index.ts' // so that loading libtorch is not on a test's time

const lines: string[] = []
vi.spyOn(console, 'log').mockImplementation((line: string) => {
  lines.push(line)
})
afterEach(() => {
  lines.length = 0
})

describe('the examples', () => {
  it('regression finds the line', async () => {
    await import('../examples/regression.ts')
    const [, slope, offset] = /^y = (\S+) x \+ (\S+)$/.exec(lines.join())!
    expect(Number(slope)).toBeCloseTo(3, 1)
    expect(Number(offset)).toBeCloseTo(-1, 1)
  })
  it('input-gradient raises the probability, and differentiates twice', async () => {
    await import('../examples/input-gradient.ts')
    const [, before, after] = /^p\(3\) = (\S+) before, (\S+) after$/.exec(lines[0]!)!
    expect(Number(after)).toBeGreaterThan(Number(before) * 1.5)
    expect(lines[1]).toBe('6 gradients of a gradient')
  })
})
