/**
 * Auto-PGD (Croce & Hein 2020, algorithm 1): PGD with momentum whose step is halved, image by image, where progress stalls.
 * x: [N, C, H, W], losses and flags [N].
 */
import { enableGrad, full, type Generator, grad, noGrad, rand, randn, scope, type Tensor } from '@robust-jem/torch'
import type { Logits } from '../energy.ts'
import { type Box, ballInBox, type Norm, normalized, perImage } from './ball-in-box.ts'

export interface ApgdSettings {
  norm: Norm
  /** In the images' units. */
  epsilon: number
  steps: number
  /** What is raised: logits [N, K] and labels [N] to losses [N]. */
  loss: (z: Tensor, y: Tensor) => Tensor
  /** The share of a window's steps that must raise the loss, or the step is halved. Default 0.75. */
  rho?: number
  /** Where images live. Default [-1, 1]. */
  box?: Box
  /** End as soon as every image is broken. Which images get broken does not depend on it. Default false. */
  stopWhenBroken?: boolean
}

/** Iterates 0 (the start) to `steps`. The tensors hold what they say during the call only: clone what is to stay. */
export interface ApgdRecord {
  step: number
  x: Tensor
  loss: Tensor
  /** ∇ₓ loss at x. */
  gradient: Tensor
  /** The step size that led here, [N, 1, 1, 1]. */
  stepSize: Tensor
  /** Which images are classified as y here. */
  right: Tensor
}

export interface ApgdResult {
  /** Which images were classified as another class than y at any iterate. */
  broken: Tensor
  /** Their last such iterate; the start where there is none. */
  adversarial: Tensor
  /** The iterate of the highest loss, and that loss. */
  best: Tensor
  loss: Tensor
}

/** After how many steps progress is looked at: windows of 22 % of all steps, each 3 % shorter, down to 6 %. */
export function checkpoints(steps: number): number[] {
  const share = (fraction: number) => Math.max(Math.floor(fraction * steps), 1)
  const found: number[] = []
  let window = share(0.22)
  for (let at = window; at <= steps; at += window) {
    found.push(at)
    window = Math.max(window - share(0.03), share(0.06))
  }
  return found
}

/** AutoAttack's start on the surface of the ball: x₀ + ε·u/‖u‖, u uniform on [-1, 1] for L∞ and normal for L2. */
export function apgdStart(x0: Tensor, norm: Norm, epsilon: number, rng: Generator): Tensor {
  const options = { generator: rng, dtype: x0.dtype }
  return scope(() => {
    const u = norm === 'linf' ? rand(x0.shape, options).mul(2).sub(1) : randn(x0.shape, options)
    return x0.add(normalized(u, norm), { alpha: epsilon })
  })
}

/** Attacks images x₀ of the box with labels y [N] int64, from `start` (default: x₀ itself) clamped to the box. */
export function apgd(
  f: Logits,
  x0: Tensor,
  y: Tensor,
  s: ApgdSettings,
  { start = x0, observe }: { start?: Tensor; observe?: (record: ApgdRecord) => void } = {},
): ApgdResult {
  const { norm, epsilon, steps, loss, rho = 0.75, box = [-1, 1], stopWhenBroken = false } = s
  const lossAt = (x: Tensor) =>
    scope(() =>
      enableGrad(() => {
        const input = x.detach().requiresGrad_()
        const z = f(input)
        const value = loss(z, y) // [N]
        const [gradient] = grad(value.sum(), input) as [Tensor]
        return { loss: value.detach(), gradient, right: z.detach().argmax({ dim: 1 }).eq(y) }
      }),
    )
  const direction = (g: Tensor) => (norm === 'linf' ? g.sign() : normalized(g, norm))

  return scope(() => {
    const { project } = ballInBox(norm, epsilon, x0, box)
    const x = start.clamp({ min: box[0], max: box[1] })
    const before = x.clone()
    const first = lossAt(x)
    const g = first.gradient.clone() // a gradient may be an expanded view, which cannot be written to
    const best = { x: x.clone(), gradient: g.clone(), loss: first.loss.clone() }
    const adversarial = x.clone()
    const broken = first.right.logicalNot()
    const eta = full([x.shape[0]!, 1, 1, 1], 2 * epsilon, { dtype: x.dtype, device: x.device })
    observe?.({ step: 0, x, stepSize: eta, ...first })

    // The released code compares the very first loss with 0, not with the loss at the start: kept, so that runs are the same.
    const lastLoss = first.loss.zerosLike()
    const rises = first.loss.zerosLike()
    const halved = first.right.onesLike()
    const bestAtCheck = best.loss.clone()
    const checks = checkpoints(steps)

    /** Halves η and goes back to the best image where the loss rose too rarely, or where a whole step brought nothing. */
    const check = (window: number) => {
      const stalled = halved.logicalNot().logicalAnd(bestAtCheck.ge(best.loss))
      const halve = rises.le(rho * window).logicalOr(stalled)
      halved.copy_(halve)
      bestAtCheck.copy_(best.loss)
      rises.zero_()
      eta.copy_(perImage(halve).where(eta.div(2), eta))
      x.copy_(perImage(halve).where(best.x, x))
      g.copy_(perImage(halve).where(best.gradient, g))
    }

    for (let step = 1; step <= steps; step++) {
      if (stopWhenBroken && broken.all().item()) break
      scope(() => {
        const a = step === 1 ? 1 : 0.75
        noGrad(() => {
          const momentum = x.sub(before)
          before.copy_(x)
          const z = project(x.add(direction(g).mul(eta)))
          x.copy_(project(x.add(z.sub(x).mul(a)).add(momentum.mul(1 - a))))
        })
        const here = lossAt(x)
        observe?.({ step, x, stepSize: eta, ...here })
        g.copy_(here.gradient)
        const wrong = here.right.logicalNot()
        broken.copy_(broken.logicalOr(wrong))
        adversarial.copy_(perImage(wrong).where(x, adversarial))
        const better = here.loss.gt(best.loss)
        best.x.copy_(perImage(better).where(x, best.x))
        best.gradient.copy_(perImage(better).where(g, best.gradient))
        best.loss.copy_(better.where(here.loss, best.loss))
        rises.add_(here.loss.gt(lastLoss))
        lastLoss.copy_(here.loss)
        const at = checks.indexOf(step)
        if (at >= 0) check(step - (checks[at - 1] ?? 0))
      })
    }
    return { broken, adversarial, best: best.x, loss: best.loss }
  })
}
