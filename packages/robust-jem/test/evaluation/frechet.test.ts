import { cat, Generator, linalgQr, randn, tensor, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { type FeatureGaussian, FeatureStatistics, frechetDistance, gaussianOf } from '../../src/evaluation/frechet.ts'

const normal = (n: number, d: number, seed: number) =>
  randn([n, d], { generator: new Generator(seed), dtype: 'float64' })
const gaussian = (mean: number[], covariance: number[][]): FeatureGaussian => ({
  mean: tensor(mean, { dtype: 'float64' }),
  covariance: tensor(covariance, { dtype: 'float64' }),
  count: undefined,
})

describe('Fréchet distance: ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½)', () => {
  it('of a set with itself is 0, with more features than dimensions and with fewer', () => {
    for (const n of [200, 9]) {
      const g = gaussianOf(normal(n, 20, 1))
      expect(frechetDistance(g, g)).toBeLessThan(1e-10)
    }
  })

  it('of diagonal Gaussians is Σ (μᵢ − νᵢ)² + (σᵢ − τᵢ)²', () => {
    const a = gaussian(
      [1, 2, 3],
      [
        [4, 0, 0],
        [0, 9, 0],
        [0, 0, 0],
      ],
    )
    const b = gaussian(
      [0, 2, 5],
      [
        [1, 0, 0],
        [0, 16, 0],
        [0, 0, 25],
      ],
    )
    expect(frechetDistance(a, b)).toBeCloseTo(1 + 4 + (1 + 1 + 25), 10)
    expect(frechetDistance(b, a)).toBeCloseTo(1 + 4 + (1 + 1 + 25), 10)
  })

  it('of two Gaussians in two dimensions is by the closed form of tr (Σ₁Σ₂)^½ = √(tr Σ₁Σ₂ + 2√det Σ₁Σ₂)', () => {
    const a = gaussian(
      [0, 0],
      [
        [2, 0.5],
        [0.5, 1],
      ],
    )
    const b = gaussian(
      [1, -1],
      [
        [1, -0.3],
        [-0.3, 3],
      ],
    )
    const trace = 2 * 1 + 0.5 * -0.3 * 2 + 1 * 3
    const determinant = (2 * 1 - 0.25) * (1 * 3 - 0.09)
    const expected = 2 + 3 + 4 - 2 * Math.sqrt(trace + 2 * Math.sqrt(determinant))
    expect(frechetDistance(a, b)).toBeCloseTo(expected, 12)
  })

  it('does not change under a rotation of both, and grows by ‖δ‖² under a shift of one', () => {
    const [x, y] = [normal(50, 6, 2), normal(60, 6, 3).mul(2)]
    const [q] = linalgQr(normal(6, 6, 4))
    const d = frechetDistance(gaussianOf(x), gaussianOf(y))
    expect(frechetDistance(gaussianOf(x.matmul(q)), gaussianOf(y.matmul(q)))).toBeCloseTo(d, 9)
    const apart = frechetDistance(gaussianOf(x), gaussianOf(x.add(3)))
    expect(apart).toBeCloseTo(9 * 6, 9)
  })

  it('of rank-deficient sets is finite and by the singular values of Xᵃ·Xᵇᵀ', () => {
    const [x, y] = [normal(7, 40, 5), normal(11, 40, 6).mul(1.5).add(0.2)]
    const [a, b] = [gaussianOf(x), gaussianOf(y)]
    const centred = (z: typeof x) => z.sub(z.mean([0])).div(Math.sqrt(z.shape[0]! - 1))
    const product = centred(x).matmul(centred(y).t())
    const roots = product.matmul(product.t()).linalgEigvalsh().clamp({ min: 0 }).sqrt().sum().item()
    const traces = a.covariance.trace().add(b.covariance.trace()).item()
    const expected = a.mean.sub(b.mean).square().sum().item() + traces - 2 * roots
    expect(frechetDistance(a, b)).toBeCloseTo(expected, 6)
    expect(frechetDistance(b, a)).toBeCloseTo(expected, 6)
  })

  it('of equal images, whose covariance is 0, is the distance of the means', () => {
    const [a, b] = [gaussianOf(zeros([3, 4])), gaussianOf(zeros([5, 4]).add(2))]
    expect(frechetDistance(a, b)).toBe(16)
  })
})

describe('statistics in batches', () => {
  it('are those of all features at once: mean, and covariance with divisor N − 1', () => {
    const x = normal(37, 5, 7).mul(3).add(100)
    const whole = new FeatureStatistics(5)
    for (const [from, n] of [
      [0, 1],
      [1, 20],
      [21, 0],
      [21, 16],
    ] as const)
      whole.add(x.narrow(0, from, n))
    const { mean, covariance, count } = whole.gaussian()
    const centred = x.sub(x.mean([0]))
    expect(count).toBe(37)
    expect(
      mean
        .sub(x.mean([0]))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-12)
    expect(covariance.sub(centred.t().matmul(centred).div(36)).abs().max().item()).toBeLessThan(1e-12)
  })

  it('take float32 features without losing what lies far from 0', () => {
    const x = normal(500, 3, 8).add(1e4).float()
    const exact = gaussianOf(x.double())
    expect(gaussianOf(x).covariance.sub(exact.covariance).abs().max().item()).toBe(0)
  })

  it('refuse NaN, too few images and other widths in one line', () => {
    const statistics = new FeatureStatistics(2)
    expect(() => statistics.gaussian()).toThrow(
      /^A covariance needs at least 2 images; there are none\. Give more images\.$/,
    )
    statistics.add(zeros([1, 2]))
    expect(() => statistics.gaussian()).toThrow(/there is 1\. Give/)
    const broken = tensor([[0, Number.NaN]])
    expect(() => statistics.add(broken)).toThrow(/^The features are not all finite numbers\. Look for damaged images/)
    expect(statistics.count).toBe(1)
    expect(() => statistics.add(zeros([1, 3]))).toThrow(/\[n, 2\] are expected, not \[1, 3\]/)
    const g = gaussianOf(cat([zeros([1, 2]), zeros([1, 2]).add(1)]))
    expect(() => frechetDistance(g, gaussianOf(zeros([2, 3])))).toThrow(/^Features of 2 and of 3 dimensions cannot be/)
    expect(() =>
      frechetDistance(
        g,
        gaussian(
          [0, Number.NaN],
          [
            [1, 0],
            [0, 1],
          ],
        ),
      ),
    ).toThrow(/^The means are not all finite/)
    expect(() =>
      frechetDistance(
        gaussian(
          [0, 0],
          [
            [1, 0],
            [0, -1],
          ],
        ),
        gaussian(
          [0, 0],
          [
            [1, 0],
            [0, 1],
          ],
        ),
      ),
    ).toThrow(/^A covariance has a negative eigenvalue/)
  })
})
