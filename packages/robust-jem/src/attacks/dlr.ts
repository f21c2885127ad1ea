/**
 * Difference of logits ratio (Croce & Hein 2020, eqs. 6 and 7): losses that neither a shift nor a scaling of the logits changes,
 * so that overconfidence cannot make their gradient vanish. z(1) ≥ z(2) ≥ … are the logits in descending order.
 */
import { type Tensor, topk } from '@robust-jem/torch'

const at = (z: Tensor, classes: Tensor): Tensor => z.gather(1, classes.unsqueeze(1)).squeeze(1)

/** z_y − max_{i≠y} z_i, [N] of logits [N, K]: positive where y is the prediction. */
export function margin(z: Tensor, y: Tensor): Tensor {
  const [values, classes] = topk(z, 2, { dim: 1 })
  const others = classes.select(1, 0).eq(y).where(values.select(1, 1), values.select(1, 0))
  return at(z, y).sub(others)
}

/** DLR(z, y) = −(z_y − max_{i≠y} z_i) / (z(1) − z(3) + 1e-12), [N] of logits [N, K ≥ 3]. */
export function dlr(z: Tensor, y: Tensor): Tensor {
  const [values] = topk(z, 3, { dim: 1 })
  const spread = values.select(1, 0).sub(values.select(1, 2)).add(1e-12)
  return margin(z, y).neg().div(spread)
}

/** Targeted DLR(z, y, t) = −(z_y − z_t) / (z(1) − ½(z(3) + z(4)) + 1e-12), [N] of logits [N, K ≥ 4]. */
export function targetedDlr(z: Tensor, y: Tensor, t: Tensor): Tensor {
  const [values] = topk(z, 4, { dim: 1 })
  const reference = values.narrow(1, 2, 2).mean(1)
  const spread = values.select(1, 0).sub(reference).add(1e-12)
  return at(z, y).sub(at(z, t)).neg().div(spread)
}

/** The classes other than y by descending logit, [N, K − 1]: the targets of the targeted attacks, in their order. */
export function rankedTargets(z: Tensor, y: Tensor): Tensor {
  const withoutY = z.scatter(1, y.unsqueeze(1), z.fullLike(Number.NEGATIVE_INFINITY))
  return withoutY.argsort({ dim: 1, descending: true }).narrow(1, 0, z.shape[1]! - 1)
}
