/**
 * Inception score (Salimans et al. 2016): exp E_x KL(p(y | x) ‖ p(y)), over consecutive splits. Published figures come from
 * Inception's 1,008 logits without the bias, 50,000 samples and 10 splits; other counts give other values.
 */
import { noGrad, scope, type Tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'
import { expectFinite } from './finite.ts'

/**
 * Mean and population standard deviation over the splits ⌊iN/S⌋ … ⌊(i+1)N/S⌋ of `probabilities` [N, K], in their order. Samples
 * sorted by class must be shuffled first. Throws a UserError for fewer samples than splits and for NaN.
 */
export function inceptionScore(probabilities: Tensor, { splits = 10 } = {}): { mean: number; std: number } {
  const [count = 0] = probabilities.shape
  if (count < splits) {
    throw new UserError(
      'samples-few',
      `An Inception score over ${splits} splits needs at least ${splits} images, not ${count}. Give more images.`,
      { expected: `≥ ${splits}`, received: count },
    )
  }
  expectFinite(probabilities, 'The probabilities')
  const scores = Array.from({ length: splits }, (_, i) => {
    const from = Math.floor((i * count) / splits)
    const to = Math.floor(((i + 1) * count) / splits)
    return noGrad(() =>
      scope(() => {
        const p = probabilities.narrow(0, from, to - from).double() // [n, K]
        const marginal = p.mean([0]) // [K]
        // 0·log 0 = 0, and where the marginal is 0 so is every p.
        const divergence = p.xlogy(p).sub(p.xlogy(marginal)).sum([1]) // [n]
        return Math.exp(divergence.mean().item())
      }),
    )
  })
  const mean = scores.reduce((sum, score) => sum + score, 0) / splits
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / splits
  return { mean, std: Math.sqrt(variance) }
}
