/** What samplers show to those who watch them. */
import type { Tensor } from '@robust-jem/torch'

export interface ChainRecord {
  step: number
  /** The images after the step, [N, 3, H, W]. */
  x: Tensor
  /** E of the images *before* the step, [N]; null where a step uses none. */
  energy: Tensor | null
  /** Mean over images of ‖∇ₓ‖₂ before the step; null where a step uses none. */
  gradNorm: () => number | null
}
/** Called after every step. Tensors in the record are freed afterwards: clone what should stay. */
export type ChainObserver = (record: ChainRecord) => void

export const meanNorm = (gradient: Tensor): number => gradient.square().sum([1, 2, 3]).sqrt().mean().item()
