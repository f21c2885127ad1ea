import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eye, Generator, linalgEigh, randn, saveSafetensors, setThreads, type Tensor, tensor } from '@robust-jem/torch'
import { afterAll, describe, expect, it } from 'vitest'
import { ClassGaussians, cachedClassGaussians, choleskyFactor, momentsOf } from '../../src/data/class-gaussian.ts'
import { fromCosines } from '../../src/data/cosine-basis.ts'
import { type ImageSet, imageSet } from '../../src/data/image-set.ts'
import { distance, numbersOf, snapshot } from '../small.ts'

setThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'robust-jem-gaussians-'))
afterAll(() => rmSync(folder, { recursive: true }))

const d = 3 * 2 * 2
/** Images of 2×2 around a mean of each class, with correlated pixels. */
function imagesOf(counts: readonly number[], spread = 20): ImageSet {
  const rng = new Generator(1)
  const mix = randn([d, d], { generator: rng }).mul(0.5)
  const labels = counts.flatMap((count, c) => new Array<number>(count).fill(c))
  const noise = randn([labels.length, d], { generator: rng }).matmul(mix).mul(spread)
  const centre = tensor(labels.map((c) => [100 + 25 * c]))
  return imageSet({
    name: 'made',
    images: noise.add(centre).clamp({ min: 0, max: 255 }).round().to({ dtype: 'uint8' }).toTypedArray() as Uint8Array,
    labels: Uint8Array.from(labels),
    size: [2, 2],
    classNames: counts.map((_, c) => `class ${c}`),
    origin: 'made',
  })
}
/** Mean and covariance (divisor n) of one class, in plain loops. */
function naiveMoments(set: ImageSet, c: number) {
  const rows = [...set.labels.keys()]
    .filter((i) => set.labels[i] === c)
    .map((i) => [...set.images.subarray(i * d, (i + 1) * d)].map((u) => (2 * u) / 255 - 1))
  const mean = rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length)
  const covariance = mean.map((_, i) =>
    mean.map((_, j) => rows.reduce((sum, row) => sum + (row[i]! - mean[i]!) * (row[j]! - mean[j]!), 0) / rows.length),
  )
  return { mean: tensor(mean, { dtype: 'float64' }), covariance: tensor(covariance, { dtype: 'float64' }) }
}
/** Bᵀ, [D, D]: column k is the image of coefficient k. */
const basis = fromCosines(eye(d).reshape([d, 3, 2, 2]))
  .reshape([d, d])
  .t()
  .double()
const covarianceOf = (gaussians: ClassGaussians, c: number): Tensor => {
  const factor = gaussians.factor.select(0, c).double()
  const spread = basis.mul(gaussians.residual.select(0, c).double()) // Bᵀ diag(residual)
  return factor.matmul(factor.t()).add(spread.matmul(spread.t()))
}
const classes = (...values: number[]) => tensor(values, { dtype: 'int64' })
const repeated = (c: number, n: number) => classes(...new Array<number>(n).fill(c))
const ridge = (size: number) => eye(size, { dtype: 'float64' }).mul(1e-4)

describe('moments', () => {
  it('are those of plain loops, with divisor n', () => {
    const x = randn([7, 5], { generator: new Generator(2), dtype: 'float64' })
    const rows = x.toArray() as number[][]
    const { mean, covariance } = momentsOf(x)
    for (let i = 0; i < 5; i++) {
      const expected = rows.reduce((sum, row) => sum + row[i]!, 0) / 7
      expect(numbersOf(mean)[i]).toBeCloseTo(expected, 12)
      for (let j = 0; j < 5; j++) {
        const other = rows.reduce((sum, row) => sum + row[j]!, 0) / 7
        const product = rows.reduce((sum, row) => sum + (row[i]! - expected) * (row[j]! - other), 0) / 7
        expect((covariance.toArray() as number[][])[i]![j]).toBeCloseTo(product, 12)
      }
    }
  })
  it('L is lower triangular with L·Lᵀ = Σ + 1e-4·I', () => {
    const { covariance } = momentsOf(randn([4, 6], { generator: new Generator(3), dtype: 'float64' })) // of rank 3
    const l = choleskyFactor(covariance)
    expect(distance(l.matmul(l.t()), covariance.add(ridge(6)))).toBeLessThan(1e-12)
    expect(l.triu({ diagonal: 1 }).abs().max().item()).toBe(0)
  })
})

describe('class Gaussians', () => {
  const set = imagesOf([60, 5, 1]) // more images than dimensions, fewer, one
  const gaussians = ClassGaussians.fit(set)

  it.each([0, 1])('of a class with more, or fewer, images than dimensions have its moments (class %d)', (c) => {
    const { mean, covariance } = naiveMoments(set, c)
    expect(distance(gaussians.mean.select(0, c), mean)).toBeLessThan(1e-6)
    expect(distance(covarianceOf(gaussians, c), covariance.add(ridge(d)))).toBeLessThan(1e-6)
  })
  it('of a single image lie around it, by the ridge alone', () => {
    expect(distance(gaussians.mean.select(0, 2), naiveMoments(set, 2).mean)).toBeLessThan(1e-6)
    const x = gaussians.draw(repeated(2, 2000), new Generator(1)).reshape([2000, d])
    expect(x.sub(gaussians.mean.select(0, 2)).square().mean().sqrt().item()).toBeCloseTo(0.01, 3)
  })
  it('cannot be had where a class has no image, and the error names the class', () => {
    expect(() => ClassGaussians.fit(imagesOf([4, 0, 3]))).toThrow(/class 1/)
  })

  it('draws images of the classes asked for, row by row, in [-1, 1]', () => {
    const y = classes(2, 0, 1, 0, 2)
    const x = gaussians.draw(y, new Generator(4))
    expect(x.shape).toEqual([5, 3, 2, 2])
    expect(x.dtype).toBe('float32')
    expect(x.abs().max().item()).toBeLessThanOrEqual(1)
    const wide = ClassGaussians.fit(imagesOf([60], 200)).draw(repeated(0, 200), new Generator(5))
    expect(wide.abs().max().item()).toBe(1)
    const means = gaussians.mean.indexSelect(0, y).reshape(x.shape)
    expect(x.sub(means).select(0, 0).abs().max().item()).toBeLessThan(0.05)
    expect(x.sub(means).select(0, 4).abs().max().item()).toBeLessThan(0.05)
  })
  it.each([['exact'], ['compact']])(
    'draws have the mean and the covariance that they were fitted to (%s form)',
    (form) => {
      const own = form === 'exact' ? gaussians : gaussians.compact(4, new Generator(6))
      const n = 20_000
      const x = own.draw(repeated(0, n), new Generator(7)).reshape([n, d]).double()
      const { mean, covariance } = momentsOf(x)
      const scale = Math.sqrt(covarianceOf(own, 0).diagonal().max().item())
      expect(distance(mean, own.mean.select(0, 0))).toBeLessThan((5 * scale) / Math.sqrt(n))
      expect(distance(covariance, covarianceOf(own, 0))).toBeLessThan((8 * scale ** 2) / Math.sqrt(n))
    },
  )
  it('draws the same for the same seed and classes', () => {
    const draw = (seed: number) => numbersOf(gaussians.draw(classes(0, 1), new Generator(seed)))
    expect(draw(8)).toEqual(draw(8))
    expect(draw(8)).not.toEqual(draw(9))
  })

  it('in compact form keep the variance of every cosine and the leading directions', () => {
    const compact = gaussians.compact(4, new Generator(6))
    expect(compact.factor.shape).toEqual([3, d, 4])
    for (const c of [0, 1, 2]) {
      const [exact, kept] = [covarianceOf(gaussians, c), covarianceOf(compact, c)]
      const variances = (covariance: Tensor) => basis.t().matmul(covariance).matmul(basis).diagonal()
      expect(distance(variances(kept), variances(exact))).toBeLessThan(1e-6)
      const values = numbersOf(linalgEigh(exact)[0]).toReversed().slice(0, 4)
      const own = numbersOf(compact.factor.select(0, c).double().square().sum([0])).toReversed()
      for (const [i, value] of values.entries()) expect(own[i]).toBeCloseTo(value, 4)
    }
  })
  it('in compact form of full rank are themselves', () => {
    expect(gaussians.compact(d, new Generator(6))).toBe(gaussians)
  })

  it.each(['float32', 'float16'] as const)('come back from a file (%s)', (dtype) => {
    const path = join(folder, `${dtype}.safetensors`)
    gaussians.save(path, { dtype })
    const loaded = ClassGaussians.load(path)
    expect(loaded.shape).toEqual([3, 2, 2])
    expect(loaded.factor.dtype).toBe(dtype)
    expect(distance(loaded.mean, gaussians.mean)).toBe(0)
    expect(distance(loaded.factor, gaussians.factor)).toBeLessThanOrEqual(dtype === 'float16' ? 1e-3 : 0)
    const draw = (own: ClassGaussians) => own.draw(classes(0, 1, 2), new Generator(3))
    expect(distance(draw(loaded), draw(gaussians))).toBeLessThanOrEqual(dtype === 'float16' ? 1e-2 : 0)
  })
  it('refuse a file of something else', () => {
    const path = join(folder, 'other.safetensors')
    saveSafetensors(path, { mean: gaussians.mean })
    expect(() => ClassGaussians.load(path)).toThrow(/holds no class Gaussians/)
  })
})

describe('the cache of class Gaussians', () => {
  const set = imagesOf([20, 20])
  const cached = (notes: string[] = [], where = join(folder, 'cache')) =>
    cachedClassGaussians(set, where, (note) => notes.push(note))
  const stateOf = ({ mean, factor, residual }: ClassGaussians) => snapshot({ mean, factor, residual })

  it('gives what a fit gives, the first time and the second', () => {
    const notes: string[] = []
    const expected = stateOf(ClassGaussians.fit(set))
    expect(stateOf(cached(notes))).toEqual(expected)
    expect(stateOf(cached(notes))).toEqual(expected)
    expect(notes).toEqual([])
  })
  it('is done without where it is damaged or cannot be written, with a note', () => {
    cached()
    const notes: string[] = []
    writeFileSync(join(folder, 'cache', `class-gaussians-${set.sha256.slice(0, 16)}.safetensors`), 'no')
    expect(stateOf(cached(notes))).toEqual(stateOf(ClassGaussians.fit(set)))
    writeFileSync(join(folder, 'a-file'), '')
    expect(stateOf(cached(notes, join(folder, 'a-file', 'below')))).toEqual(stateOf(ClassGaussians.fit(set)))
    expect(notes).toHaveLength(2)
    expect(notes[0]).toMatch(/not a readable safetensors file.*anew\.$/)
    expect(notes[1]).toMatch(/could not be kept for next time/)
  })
})
