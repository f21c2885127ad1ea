import { describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { Generator, type Tensor } from '../src/index.ts'
import { expectClose } from './close.ts'

const generator = new Generator(5)
const normal = (...shape: number[]) => torch.randn(shape, { generator, dtype: 'float64' })
const identity = (n: number) => torch.eye(n, { dtype: 'float64' })
const definite = (n: number) => {
  const a = normal(n, n)
  return a.matmul(a.t()).add(identity(n))
}
const tolerance = 1e-12

describe('in float64', () => {
  it('Cholesky: A = LLᵀ, L lower with a positive diagonal', () => {
    const a = definite(20)
    const l = torch.linalgCholesky(a)
    expectClose(l.matmul(l.t()), a, tolerance)
    expect(l.triu({ diagonal: 1 }).abs().sum().item()).toBe(0)
    expect(l.diagonal().amin().item()).toBeGreaterThan(0)
  })
  it('Cholesky refuses what is not positive definite, Cholesky-ex tells by its info', () => {
    const a = torch.tensor([
      [1, 2],
      [2, 1],
    ])
    expect(() => torch.linalgCholesky(a)).toThrow(/aten::linalg_cholesky: .*not positive-definite.*float32 \[2, 2\]/)
    expect(torch.linalgCholeskyEx(a)[1].item()).toBe(2)
    expect(() => torch.linalgCholesky(torch.ones([2, 3]))).toThrow(/aten::linalg_cholesky/)
  })
  it('eigh: AQ = QΛ, QᵀQ = 1, eigenvalues in order', () => {
    const a = definite(12)
    const [λ, q] = torch.linalgEigh(a)
    expectClose(a.matmul(q), q.mul(λ), tolerance)
    expectClose(q.t().matmul(q), identity(12), tolerance)
    expect(torch.sort(λ)[0].equal(λ)).toBe(true)
    expectClose(torch.linalgEigvalsh(a), λ, tolerance)
  })
  it('slogdet: sign·exp(log|det|) of a product is the product', () => {
    const [a, b] = [normal(6, 6), normal(6, 6)]
    const [sa, la] = torch.linalgSlogdet(a)
    const [sb, lb] = torch.linalgSlogdet(b)
    const [sab, lab] = torch.linalgSlogdet(a.matmul(b))
    expect(sab.item()).toBe(sa.item() * sb.item())
    expectClose(lab, la.add(lb), tolerance)
    expect(torch.linalgSlogdet(torch.zeros([2, 2]))[1].item()).toBe(Number.NEGATIVE_INFINITY)
    expect(
      torch
        .linalgDet(
          torch.tensor(
            [
              [1, 2],
              [3, 4],
            ],
            { dtype: 'float64' },
          ),
        )
        .item(),
    ).toBeCloseTo(-2, 12)
  })
  it('a triangular solve inverts the product, from either side', () => {
    const l = torch.linalgCholesky(definite(8))
    const b = normal(8, 3)
    expectClose(torch.linalgSolveTriangular(l, l.matmul(b), false), b, tolerance)
    expectClose(torch.linalgSolveTriangular(l.t(), l.t().matmul(b), true), b, tolerance)
    expectClose(torch.linalgSolveTriangular(l, b.t().matmul(l), false, { left: false }), b.t(), tolerance)
  })
  it('solve and inverse agree', () => {
    const [a, b] = [definite(7), normal(7, 2)]
    expectClose(torch.linalgSolve(a, b), torch.linalgInv(a).matmul(b), tolerance)
    expectClose(torch.choleskySolve(b, torch.linalgCholesky(a)), torch.linalgSolve(a, b), tolerance)
    expect(() => torch.linalgInv(torch.zeros([2, 2]))).toThrow(/singular/)
  })
  it('SVD: A = U diag(S) V, orthonormal factors, in order', () => {
    const a = normal(7, 4)
    const [u, s, vh] = torch.linalgSvd(a, { fullMatrices: false })
    expectClose(u.mul(s).matmul(vh), a, tolerance)
    expectClose(u.t().matmul(u), identity(4), tolerance)
    expectClose(vh.matmul(vh.t()), identity(4), tolerance)
    expect(torch.sort(s, { descending: true })[0].equal(s)).toBe(true)
    expectClose(torch.linalgSvdvals(a), s, tolerance)
    expect(torch.linalgMatrixNorm(a, 2).item()).toBeCloseTo(s.amax().item(), 10)
  })
  it('QR: A = QR, QᵀQ = 1, R upper', () => {
    const a = normal(6, 4)
    const [q, r] = torch.linalgQr(a)
    expectClose(q.matmul(r), a, tolerance)
    expectClose(q.t().matmul(q), identity(4), tolerance)
    expect(r.tril({ diagonal: -1 }).abs().sum().item()).toBe(0)
  })
  it('LU: A = PLU', () => {
    const a = normal(5, 5)
    const [p, l, u] = torch.linalgLu(a)
    expectClose(p.matmul(l).matmul(u), a, tolerance)
  })
  it('the exponential of a rotation is a rotation', () => {
    const θ = 0.7
    const rotation = torch.linalgMatrixExp(
      torch.tensor(
        [
          [0, -θ],
          [θ, 0],
        ],
        { dtype: 'float64' },
      ),
    )
    expectClose(
      rotation,
      [
        [Math.cos(θ), -Math.sin(θ)],
        [Math.sin(θ), Math.cos(θ)],
      ],
      tolerance,
    )
  })
  it('does each matrix of a batch by itself', () => {
    const batch = torch.stack([definite(3), definite(3)])
    const each = (f: (a: Tensor) => Tensor) => torch.stack([f(batch.select(0, 0)), f(batch.select(0, 1))])
    expectClose(
      torch.linalgCholesky(batch),
      each((a) => torch.linalgCholesky(a)),
      tolerance,
    )
    expectClose(torch.linalgInv(batch), each(torch.linalgInv), tolerance)
  })
  it('takes matrices without elements', () => {
    const none = torch.zeros([0, 0], { dtype: 'float64' })
    expect(torch.linalgCholesky(none).shape).toEqual([0, 0])
    expect(torch.linalgDet(none).item()).toBe(1)
    expect(torch.linalgSvd(torch.zeros([0, 3]))[1].shape).toEqual([0])
  })
})
