/**
 * The seam between networks and samplers: a log-density is a function of images, and its input gradient is all that a
 * sampler or an attack needs.
 *
 *     −E(x) = logsumexp_y f(x)[y]     −E(x, y) = f(x)[y]     (JEM, Grathwohl et al. 2020, eqs. 6 and 8)
 */
import { enableGrad, grad, logsumexp, scope, type Tensor } from '@robust-jem/torch'

/** f: images [N, 3, H, W] in model units [-1, 1] to logits [N, K]. */
export type Logits = (x: Tensor) => Tensor
/** Images [N, 3, H, W] to unnormalised log-densities [N]: minus an energy. */
export type LogDensity = (x: Tensor) => Tensor

/** log p(x) + log Z = −E(x) = logsumexp_y f(x)[y]. */
export const marginal =
  (f: Logits): LogDensity =>
  (x) =>
    logsumexp(f(x), 1)

/** log p(x, y) + log Z = −E(x, y) = f(x)[y]; y: [N] int64. */
export const joint =
  (f: Logits, y: Tensor): LogDensity =>
  (x) =>
    f(x).gather(1, y.unsqueeze(1)).squeeze(1)

/** The value [N] of a function of images and the gradient of its sum with respect to them, [N, 3, H, W]. */
export function withInputGradient(of: LogDensity, x: Tensor): { value: Tensor; gradient: Tensor } {
  return scope(() =>
    enableGrad(() => {
      const input = x.detach().requiresGrad_()
      const value = of(input)
      const [gradient] = grad(value.sum(), input) as [Tensor]
      return { value: value.detach(), gradient }
    }),
  )
}
