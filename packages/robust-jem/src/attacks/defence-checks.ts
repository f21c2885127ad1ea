/**
 * Signs that AutoAttack's figure may be too high, as the released code looks for them (its flags_doc). Only logits are seen
 * here, so an optimisation inside the network (a dynamic defence) shows by its symptoms: other logits for the same image when
 * it is asked again, when it stands in another batch, or after the attacks.
 */
import { noGrad, scope, type Tensor } from '@robust-jem/torch'
import type { Logits } from '../energy.ts'

export type FlagKind =
  | 'randomized'
  | 'probabilities'
  | 'batch-dependent'
  | 'changing'
  | 'zero-gradients'
  | 'square-breaks-more'
export interface DefenceFlag {
  kind: FlagKind
  /** What was seen and what it means, one or two sentences. */
  message: string
}

/** Logits are divided by their length, so that thresholds need no scale. */
const sameLogits = 1e-4
/** Another batch size may take other kernels, whose rounding in bfloat16 is far above float32's. */
const sameAcrossBatches = 1e-2

const directionOf = (z: Tensor): Tensor => z.div(z.square().sum(1, { keepdim: true }).sqrt().add(1e-10))
/** The largest distance between rows. */
const apart = (a: Tensor, b: Tensor): number => a.sub(b).square().sum(1).sqrt().max().item()

/** Asks for the logits of images x [N, C, H, W] several times, and of the first image by itself. */
export const checkLogits = (f: Logits, x: Tensor): DefenceFlag[] =>
  scope(() =>
    noGrad(() => {
      const first = f(x)
      const flags = looksLikeProbabilities(first) ? [probabilities] : []
      const classes = first.argmax({ dim: 1 })
      const differs = (z: Tensor) =>
        !z.argmax({ dim: 1 }).equal(classes) || !(apart(directionOf(z), directionOf(first)) <= sameLogits)
      if ([1, 2, 3, 4].some(() => differs(f(x)))) return [...flags, randomized]
      if (x.shape[0]! < 2) return flags
      const alone = directionOf(f(x.narrow(0, 0, 1)))
      const together = directionOf(first).narrow(0, 0, 1)
      return apart(alone, together) <= sameAcrossBatches ? flags : [...flags, batchDependent]
    }),
  )

function looksLikeProbabilities(z: Tensor): boolean {
  const sums = z.sum(1).sub(1).abs().max().item()
  return z.min().item() > -1e-5 && z.max().item() < 1 + 1e-5 && sums < 1e-5
}

/** Compares logits [N, K] of the same images from before and after the attacks. */
export const checkUnchanged = (before: Tensor, after: Tensor): DefenceFlag[] =>
  scope(() => (apart(directionOf(before), directionOf(after)) <= sameLogits ? [] : [changing]))

const randomized: DefenceFlag = {
  kind: 'randomized',
  message:
    'The same images got different logits when asked again. Robust accuracy against a random network is overestimated here: attack its expectation (EOT).',
}
const probabilities: DefenceFlag = {
  kind: 'probabilities',
  message:
    'The outputs look like probabilities, whose gradients vanish for confident predictions. Give the logits to the attacks.',
}
const batchDependent: DefenceFlag = {
  kind: 'batch-dependent',
  message:
    'An image got other logits alone than in a batch, as with batch statistics. Evaluate with running statistics: else images are not attacked one by one.',
}
const changing: DefenceFlag = {
  kind: 'changing',
  message:
    'The logits of the same images changed in the course of the attacks. A network that adapts while it is queried needs an attack of its own.',
}

/** Images whose very first gradient is exactly 0 in an attack that needs it. */
export const zeroGradients = (attack: string, images: number, tried: number): DefenceFlag[] =>
  images === 0
    ? []
    : [
        {
          kind: 'zero-gradients',
          message: `${attack}: the gradient was exactly 0 at the start for ${images} of ${tried} images. Attacks by gradients say little about these.`,
        },
      ]

/**
 * Square sees no gradients; where it breaks clearly more than what they had left, they were masked. Released rule: more than
 * 0.2 % of all images; here also more than one image, which is chance in a small set.
 */
export const squareBreaksMore = (broken: number, count: number): DefenceFlag[] =>
  broken <= Math.max(1, 0.002 * count)
    ? []
    : [
        {
          kind: 'square-breaks-more',
          message: `Square, which sees no gradients, broke ${broken} of ${count} images that attacks by gradients had left. The gradients may be masked: run it with more queries or attack adaptively.`,
        },
      ]
