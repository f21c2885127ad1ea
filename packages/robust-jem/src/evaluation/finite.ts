import { scope, type Tensor } from '@robust-jem/torch'
import { UserError } from '../errors.ts'

/** Throws a UserError where features [n, d] hold a NaN or an infinity: no figure of them would mean anything. */
export function expectFinite(features: Tensor, what = 'The features'): void {
  const finite = scope(() => features.isfinite().all().item())
  if (!finite) {
    throw new UserError(
      'features-not-finite',
      `${what} are not all finite numbers. Look for damaged images or weights, or compute in float32.`,
    )
  }
}
