import { Generator, memory, randn, softmax, type Tensor, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import {
  type AttackName,
  type AutoAttackSettings,
  attackNames,
  autoAttack,
  standard,
} from '../../src/attacks/autoattack.ts'
import { lengthOf } from '../../src/attacks/ball-in-box.ts'
import { pgd } from '../../src/attacks/pgd.ts'
import { threatModel } from '../../src/attacks/threat-model.ts'
import type { Logits } from '../../src/energy.ts'
import { numbersOf } from '../small.ts'
import { bent, images, predictions } from './small-logits.ts'

const f = bent(6, 1)
const x = images(24, 3)
/** Two images have wrong labels. */
const y = predictions(f, x)
  .add(tensor([1, 0, 0, 1, ...Array(20).fill(0)], { dtype: 'int64' }))
  .remainder(6)
const epsilons = { linf: 0.06, l2: 0.35 }
const small = (norm: 'linf' | 'l2', epsilon = epsilons[norm]): AutoAttackSettings => ({
  ...standard(norm, epsilon),
  apgdCe: { steps: 10 },
  apgdT: { steps: 10, targets: 9 },
  fabT: { steps: 8, targets: 2 },
  square: { queries: 40, pInit: 0.8, rescaled: false },
})
const run = (s: AutoAttackSettings, g: Logits = f, options = {}) => autoAttack(g, x, y, s, new Generator(1), options)
const kinds = (g: Logits, s = small('linf')) => run(s, g).flags.map(({ kind }) => kind)

describe.each(['linf', 'l2'] as const)('AutoAttack, %s', (norm) => {
  const images: { attack: AttackName; indices: number[]; length: number; wrong: boolean }[] = []
  const progress: [number, number, AttackName][] = []
  const result = run(small(norm), f, {
    batchSize: 7,
    onProgress: (...args: [number, number, AttackName]) => progress.push(args),
    onBroken: (found: { attack: AttackName; indices: number[]; images: Tensor }) => {
      const rows = tensor(BigInt64Array.from(found.indices, BigInt))
      const from = x.indexSelect(0, rows)
      const length = lengthOf(found.images.sub(from), norm).max().item()
      const wrong = predictions(f, found.images).ne(y.indexSelect(0, rows)).all().item() === 1
      images.push({ attack: found.attack, indices: found.indices, length, wrong })
      expect(found.images.abs().max().item()).toBeLessThanOrEqual(1 + 1e-6)
    },
  })

  it('counts images: all, rightly classified ones, and those left after each attack, which only sees what was left', () => {
    expect(result).toMatchObject({ norm, epsilon: epsilons[norm], count: 24, clean: 22 })
    expect(result.attacks.map(({ name }) => name)).toEqual(attackNames)
    let left = result.clean
    for (const { tried, broken, robust } of result.attacks) {
      expect({ tried, robust }).toEqual({ tried: left, robust: left - broken })
      left = robust
    }
    expect(result.robust).toBe(left)
    expect(result.robustMask.filter(Boolean)).toHaveLength(left)
    expect(result.robust).toBeGreaterThan(0)
    expect(result.robust).toBeLessThan(result.clean)
    expect(result.brokenBy.flatMap((by, i) => (by === 'clean' ? [i] : []))).toEqual([0, 3])
    expect(result.brokenBy.map((by) => by === null)).toEqual(result.robustMask)
    expect(result.flags).toEqual([])
  })

  it('shows every broken image once: in the ball, misclassified, by the attack that is named', () => {
    for (const { length, wrong } of images) expect([length <= epsilons[norm] + 1e-6, wrong]).toEqual([true, true])
    const shown = images.flatMap(({ attack, indices }) => indices.map((i) => [i, attack] as const))
    expect(shown.toSorted(([a], [b]) => a - b)).toEqual(
      result.brokenBy.flatMap((by, i) => (by && by !== 'clean' ? [[i, by]] : [])),
    )
  })

  it('leaves no more images than any of its attacks alone, nor than PGD', () => {
    const alone = attackNames.map((name) => run({ ...small(norm), attacks: [name] }).robust)
    expect(result.robust).toBeLessThanOrEqual(Math.min(...alone))
    for (const robust of alone) expect(robust).toBeLessThan(22)
    const epsilon = epsilons[norm]
    const attacked = pgd(f, x, y, { threat: threatModel(norm, epsilon), steps: 20, stepSize: epsilon / 8 })
    const standing = numbersOf(predictions(f, attacked).eq(y)).filter(Boolean).length
    expect(result.robust).toBeLessThanOrEqual(standing)
  })

  it('tells its progress attack by attack, rising to all images', () => {
    for (const { name, tried } of result.attacks) {
      const own = progress.filter(([, , attack]) => attack === name)
      expect(own.at(-1)).toEqual([tried, tried, name])
      expect(own.every(([done, total], i) => total === tried && done >= (own[i - 1]?.[0] ?? 0) - 1e-9)).toBe(true)
    }
  })

  it('gives the same result for the same seed', () => expect(run(small(norm))).toEqual(run(small(norm))))
})

describe('AutoAttack', () => {
  it('standard: 100 steps, 9 targets, 5,000 queries', () => {
    expect(standard('l2', 1)).toMatchObject({
      norm: 'l2',
      epsilon: 1,
      box: [-1, 1],
      attacks: ['apgd-ce', 'apgd-t', 'fab-t', 'square'],
      apgdCe: { steps: 100 },
      apgdT: { steps: 100, targets: 9 },
      fabT: { steps: 100, targets: 9 },
      square: { queries: 5000, pInit: 0.8, rescaled: false },
    })
  })

  it('believes no image outside of the ball: a network that only errs there stays robust', () => {
    const centre = x.narrow(0, 0, 1)
    const far = (images: Tensor) =>
      images
        .sub(centre)
        .abs()
        .amax({ dim: [1, 2, 3] })
        .gt(0.0601)
    const errsFar: Logits = (images) => {
      const wrong = far(images).to({ dtype: 'float64' }).unsqueeze(1)
      return images
        .sum([1, 2, 3], { keepdim: true })
        .reshape([-1, 1])
        .mul(1e-3)
        .add(wrong.mul(tensor([[-9, 9, 0, 0]], { dtype: 'float64' })))
        .add(tensor([[4, 0, 1, 2]], { dtype: 'float64' }))
    }
    const label = tensor([0], { dtype: 'int64' })
    expect(autoAttack(errsFar, centre, label, small('linf'), new Generator(1)).robust).toBe(1)
  })

  it('holds no tensor back', () => {
    const before = memory().tensors
    run(small('linf'))
    expect(memory().tensors).toBe(before)
  })

  it('runs what is left to run where nothing is: all wrong from the start', () => {
    const wrong = autoAttack(f, x, y.add(1).remainder(6), small('linf'), new Generator(1))
    expect(wrong.clean).toBeLessThanOrEqual(2)
    const none = autoAttack(f, x, predictions(f, x).add(1).remainder(6), small('linf'), new Generator(1))
    expect(none).toMatchObject({ clean: 0, robust: 0 })
    expect(none.attacks.map(({ tried }) => tried)).toEqual([0, 0, 0, 0])
  })

  it('refuses images outside of the box, other numbers of labels, no images, no ball and too few classes', () => {
    const attack =
      (...[images, labels, s = small('linf'), g = f]: [Tensor, Tensor, AutoAttackSettings?, Logits?]) =>
      () =>
        autoAttack(g, images, labels, s, new Generator(1))
    expect(attack(x.mul(2), y)).toThrow(/outside of the box \[-1, 1\]/)
    expect(attack(x, y.narrow(0, 0, 3))).toThrow(/24 images and 3 labels/)
    expect(attack(x.narrow(0, 0, 0), y.narrow(0, 0, 0))).toThrow(/at least one image/)
    expect(attack(x, y, small('linf', 0))).toThrow(/radius above 0/)
    const three = bent(3, 2)
    expect(attack(x, predictions(three, x), small('linf'), three)).toThrow(
      /needs 4 classes or more, and this network has 3/,
    )
    const without = { ...small('linf'), attacks: ['apgd-ce', 'fab-t', 'square'] as const }
    expect(attack(x, predictions(three, x), without, three)).not.toThrow()
  })
})

describe('flags of AutoAttack', () => {
  it('a network that draws noise is randomized', () => {
    const rng = new Generator(1)
    const noisy: Logits = (x) => f(x.add(randn(x.shape, { generator: rng, dtype: 'float64' }).mul(0.01)))
    expect(kinds(noisy)).toContain('randomized')
  })

  it('a network behind a staircase has no gradients, and Square breaks what they could not', () => {
    const steps: Logits = (x) => f(x.mul(40).round().div(40))
    const epsilon = 0.15
    const own = predictions(steps, x)
    const result = autoAttack(
      steps,
      x,
      own,
      { ...small('linf', epsilon), fabT: { steps: 2, targets: 1 } },
      new Generator(1),
    )
    expect(result.flags.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['zero-gradients', 'square-breaks-more']),
    )
    expect(result.flags.find(({ kind }) => kind === 'zero-gradients')?.message).toMatch(/apgd-ce: .* 24 of 24 images/)
  })

  it('probabilities in place of logits are told', () => {
    expect(kinds((x) => softmax(f(x), 1))).toContain('probabilities')
  })

  it('batch statistics are told: an image alone gets other logits', () => {
    const together: Logits = (x) => f(x.sub(x.mean(0, { keepdim: true })))
    expect(kinds(together)).toContain('batch-dependent')
  })

  it('a network that adapts as it is queried is told', () => {
    let queries = 0
    const drifting: Logits = (x) => f(x).add(tensor([[1, 0, 0, 0, 0, 0]], { dtype: 'float64' }).mul(queries++ * 1e-5))
    expect(kinds(drifting)).toEqual(['changing'])
  })
})
