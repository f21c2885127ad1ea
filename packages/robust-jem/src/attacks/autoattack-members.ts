/** The four attacks of AutoAttack as functions of a batch, and their budgets. */
import { type Generator, nn, noGrad, scope, type Tensor, zeros } from '@robust-jem/torch'
import type { Logits } from '../energy.ts'
import { type ApgdRecord, apgd, apgdStart } from './apgd.ts'
import type { Box, Norm } from './ball-in-box.ts'
import { rankedTargets, targetedDlr } from './dlr.ts'
import { fab } from './fab.ts'
import { square } from './square.ts'

export const attackNames = ['apgd-ce', 'apgd-t', 'fab-t', 'square'] as const
export type AttackName = (typeof attackNames)[number]

export interface AutoAttackSettings {
  norm: Norm
  /** In the images' units: with images in [-1, 1], 8/255 in pixel units is 16/255 here. */
  epsilon: number
  /** Where images live: [-1, 1] in model units. */
  box: Box
  /** What is run, in this order. */
  attacks: readonly AttackName[]
  apgdCe: { steps: number }
  /** Steps for each target class; never more targets than there are other classes. */
  apgdT: { steps: number; targets: number }
  fabT: { steps: number; targets: number }
  square: { queries: number; pInit: number; rescaled: boolean }
}

/** The version that RobustBench reports; ε in model units. Smaller budgets: `{ ...standard(n, e), square: … }`. */
export const standard = (norm: Norm, epsilon: number): AutoAttackSettings => ({
  norm,
  epsilon,
  box: [-1, 1],
  attacks: attackNames,
  apgdCe: { steps: 100 },
  apgdT: { steps: 100, targets: 9 },
  fabT: { steps: 100, targets: 9 },
  square: { queries: 5000, pInit: 0.8, rescaled: false },
})

/** Which images of a batch are broken [N], and how they look then. */
export interface Found {
  broken: Tensor
  adversarial: Tensor
}
export interface BatchListeners {
  /** The share of the batch's work that is done. */
  onStep(share: number): void
  /** How many images have a gradient of exactly 0 at the start. */
  onZeroGradients(images: number): void
}
/** Attacks images x [N, C, H, W] of the box that f classifies as y [N]. */
export type BatchAttack = (f: Logits, x: Tensor, y: Tensor, listeners: BatchListeners) => Found

/** The attack of a name with the budget that the settings give it. */
export function attackBy(name: AttackName, s: AutoAttackSettings, rng: Generator): BatchAttack {
  const { norm, epsilon, box } = s
  const common = { norm, epsilon, box }
  const withApgd = (
    f: Logits,
    x: Tensor,
    y: Tensor,
    { steps, loss }: { steps: number; loss: (z: Tensor, y: Tensor) => Tensor },
    { onStep, onZeroGradients }: BatchListeners,
  ): Found => {
    const observe = ({ step, gradient }: ApgdRecord) => {
      onStep(step / steps)
      if (step === 0) onZeroGradients(zeroRows(gradient))
    }
    const start = apgdStart(x, norm, epsilon, rng)
    return apgd(f, x, y, { ...common, steps, loss, stopWhenBroken: true }, { start, observe })
  }

  if (name === 'apgd-ce') {
    const crossEntropy = (z: Tensor, y: Tensor) => nn.crossEntropy(z, y, { reduction: 'none' })
    return (f, x, y, listeners) => withApgd(f, x, y, { ...s.apgdCe, loss: crossEntropy }, listeners)
  }
  if (name === 'apgd-t') {
    return towardTargets(s.apgdT.targets, (f, x, y, target, listeners) =>
      withApgd(f, x, y, { ...s.apgdT, loss: (z, y) => targetedDlr(z, y, target) }, listeners),
    )
  }
  if (name === 'fab-t') {
    const settings = { norm, box, steps: s.fabT.steps, stopWithin: epsilon }
    return towardTargets(s.fabT.targets, (f, x, y, target, { onStep }) => {
      const observe = (step: number) => onStep(step / settings.steps)
      const { x: adversarial, distance } = fab(f, x, y, target, settings, { observe })
      return { adversarial, broken: distance.le(epsilon) }
    })
  }
  return (f, x, y, { onStep }) =>
    square(f, x, y, { ...common, ...s.square }, rng, { observe: (query) => onStep(query / s.square.queries) })
}

const zeroRows = (gradient: Tensor): number =>
  scope(() =>
    gradient
      .abs()
      .amax({ dim: [1, 2, 3] })
      .eq(0)
      .sum()
      .item(),
  )

type TargetedAttack = (f: Logits, x: Tensor, y: Tensor, target: Tensor, listeners: BatchListeners) => Found

/** One target after the other, by the logits of the clean images from the second largest down, each on what is left. */
const towardTargets =
  (most: number, attack: TargetedAttack): BatchAttack =>
  (f, x, y, { onStep, onZeroGradients }) =>
    scope(() => {
      const ranked = noGrad(() => scope(() => rankedTargets(f(x), y)))
      const targets = Math.min(most, ranked.shape[1]!)
      const broken = zeros([x.shape[0]!], { dtype: 'bool', device: x.device })
      const adversarial = x.clone()
      for (let rank = 0; rank < targets; rank++) {
        const goOn = scope(() => {
          const rows = broken.logicalNot().nonzero().squeeze(1)
          if (rows.shape[0] === 0) return false
          const pick = (values: Tensor) => values.indexSelect(0, rows)
          const found = attack(f, pick(x), pick(y), pick(ranked.select(1, rank)), {
            onStep: (share) => onStep((rank + share) / targets),
            onZeroGradients: (images) => rank === 0 && onZeroGradients(images),
          })
          broken.indexCopy_(0, rows, found.broken)
          adversarial.indexCopy_(0, rows, found.adversarial)
          return true
        })
        if (!goOn) break
      }
      return { broken, adversarial }
    })
