import { describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { Generator } from '../src/index.ts'

const draw = (generator: Generator, n = 5) => [...torch.randn([n], { generator }).toTypedArray()]

describe('a generator', () => {
  it('gives the same numbers for the same seed, others for another', () => {
    expect(draw(new Generator(1))).toEqual(draw(new Generator(1)))
    expect(draw(new Generator(1))).not.toEqual(draw(new Generator(2)))
    expect(draw(new Generator(2n ** 64n - 1n))).toEqual(draw(new Generator(2n ** 64n - 1n)))
  })
  it('moves on with every draw', () => {
    const generator = new Generator(1)
    expect(draw(generator)).not.toEqual(draw(generator))
  })
  const draws: [string, (generator: Generator) => torch.NestedArray][] = [
    ['randn of many', (generator) => torch.randn([33], { generator }).toArray()],
    ['randn of one', (generator) => torch.randn([1], { generator }).toArray()],
    ['rand', (generator) => torch.rand([17], { generator }).toArray()],
    ['normal_ in float64', (generator) => torch.zeros([3], { dtype: 'float64' }).normal_({ generator }).toArray()],
  ]
  it.each(draws)('goes on in mid-stream where its state was saved: %s', (_, next) => {
    const generator = new Generator(7)
    for (let i = 0; i < 3; i++) next(generator)
    const state = generator.state()
    const expected = [next(generator), next(generator)]
    const other = new Generator(0)
    other.setState(state)
    expect([next(other), next(other)]).toEqual(expected)
    generator.setState(state)
    expect(next(generator)).toEqual(expected[0])
  })
  it('splits into streams that depend on seed and name alone', () => {
    const root = new Generator(3)
    const before = draw(root.split('chain'))
    draw(root)
    expect(draw(root.split('chain'))).toEqual(before)
    expect(draw(new Generator(3).split('chain'))).toEqual(before)
    expect(draw(root.split('data'))).not.toEqual(before)
    expect(draw(new Generator(4).split('chain'))).not.toEqual(before)
    expect(draw(root.split('chain').split('chain'))).not.toEqual(before)
  })
  it('splits into streams without correlation', () => {
    const n = 100_000
    const root = new Generator(3)
    const [a, b] = ['a', 'b'].map((name) => torch.randn([n], { generator: root.split(name), dtype: 'float64' }))
    // The mean of products of independent standard normals has deviation 1/√n; five of them.
    expect(Math.abs(a!.mul(b!).mean().item())).toBeLessThan(5 / Math.sqrt(n))
  })
  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses the seed %d', (seed) => {
    expect(() => new Generator(seed)).toThrow(`expected a seed that is a whole number ≥ 0, received ${seed}`)
  })
  it('refuses a seed beyond 64 bits and a device that is none', () => {
    expect(() => new Generator(2n ** 64n)).toThrow('expected a seed between 0 and 2^64 - 1')
    expect(() => new Generator(-1n)).toThrow('expected a seed between 0 and 2^64 - 1')
    expect(() => new Generator(1, 'meta' as never)).toThrow(/expected the device 'cpu' or 'cuda:N'/)
  })
})

describe('setState refuses', () => {
  const state = new Generator(1).state()
  const changed = (change: (view: DataView) => void) => {
    const copy = state.slice()
    change(new DataView(copy.buffer))
    return copy
  }
  const together = changed((view) => {
    view.setInt32(8, 600, true)
    view.setBigUint64(16, 600n, true)
  })
  it.each<[string, unknown]>([
    ['no bytes', new Uint8Array(0)],
    ['too few bytes', state.subarray(0, 100)],
    ['too many bytes', new Uint8Array(state.length + 1)],
    ['zeros', new Uint8Array(state.length)],
    ['a negative place', changed((view) => view.setInt32(8, -1, true))],
    ['a place beyond the words', changed((view) => view.setBigUint64(16, 2n ** 40n, true))],
    ['places that together go beyond', together],
    ['another kind of array', new Float32Array(state.length)],
    ['no array', 'state'],
  ])('%s', (_, bytes) => {
    const generator = new Generator(5)
    expect(() => generator.setState(bytes as Uint8Array)).toThrow(/^Generator\.setState: /)
    expect(draw(generator)).toEqual(draw(new Generator(5)))
  })
})

describe('random functions', () => {
  const generator = new Generator(11)
  it('have the moments that they promise', () => {
    const n = 200_000
    const z = torch.randn([n], { generator, dtype: 'float64' })
    expect(Math.abs(z.mean().item())).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(z.square().mean().item() - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
    const u = torch.rand([n], { generator, dtype: 'float64' })
    expect(Math.abs(u.mean().item() - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n))
    expect(u.amin().item()).toBeGreaterThanOrEqual(0)
    expect(u.amax().item()).toBeLessThan(1)
    const kept = torch.full([n], 0.3).bernoulli({ generator }).mean().item()
    expect(Math.abs(kept - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / n))
  })
  it('draw whole numbers from low to high − 1, and permutations', () => {
    const dice = torch.randint(1, 7, [1000], { generator })
    expect(dice.dtype).toBe('int64')
    expect([dice.amin().item(), dice.amax().item()]).toEqual([1, 6])
    const order = torch.randperm(100, { generator })
    expect(torch.sort(order)[0].equal(torch.arange(100))).toBe(true)
    expect(order.equal(torch.arange(100))).toBe(false)
  })
  it('draw the same in every dtype on every call with the same seed', () => {
    for (const dtype of ['float64', 'bfloat16', 'float16'] as const) {
      const twice = [1, 2].map(() => torch.randn([4], { generator: new Generator(1), dtype }).toArray())
      expect(twice[0]).toEqual(twice[1])
    }
  })
  it('are an Error without a generator', () => {
    const loose = torch as unknown as Record<string, (...args: unknown[]) => unknown>
    for (const [name, ...args] of [
      ['randn', [2]],
      ['rand', [2]],
      ['randint', 0, 2, [2]],
      ['randperm', 3],
    ] as const) {
      expect(() => loose[name]!(...args)).toThrow(
        `${name}: expected a generator in its options; make one with new Generator(seed)`,
      )
      expect(() => loose[name]!(...args, { generator: 5 })).toThrow(`${name}: expected a generator`)
    }
    const half = torch.full([3], 0.5)
    for (const use of [() => half.bernoulli(), () => half.uniform_(), () => half.multinomial(1, { generator: null })]) {
      expect(use).toThrow(/^aten::\w+: expected a generator in its options; make one with new Generator\(seed\)$/)
    }
  })
})
