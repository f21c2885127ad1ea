/** AutoAttack, standard version (Croce & Hein 2020): APGD-CE, APGD-T, FAB-T and Square, each on what the ones before it left. */
import { type Generator, noGrad, scope, type Tensor, tensor } from '@robust-jem/torch'
import type { Logits } from '../energy.ts'
import { UserError } from '../errors.ts'
import { type AttackName, type AutoAttackSettings, attackBy, type BatchAttack } from './autoattack-members.ts'
import { lieWithin, slack } from './ball-in-box.ts'
import { checkLogits, checkUnchanged, type DefenceFlag, squareBreaksMore, zeroGradients } from './defence-checks.ts'

export type { AttackName, AutoAttackSettings } from './autoattack-members.ts'
export { attackNames, standard } from './autoattack-members.ts'

export interface AutoAttackResult {
  norm: 'linf' | 'l2'
  /** In the units of the images given. */
  epsilon: number
  /** Images in all, those classified rightly, and those still so after every attack. */
  count: number
  clean: number
  robust: number
  /** In the order run: images that the attack was given, those it broke, and those of all images still right after it. */
  attacks: { name: AttackName; tried: number; broken: number; robust: number }[]
  flags: DefenceFlag[]
  robustMask: boolean[]
  /** What broke each image: an attack, 'clean' where it was wrong from the start, null where it stood. */
  brokenBy: (AttackName | 'clean' | null)[]
}

export interface AutoAttackListeners {
  /** Images done in an attack; fractions within a batch. */
  onProgress?(done: number, total: number, attack: AttackName): void
  /** Broken images as they are found, with their places among all. The tensor lives during the call only. */
  onBroken?(found: { attack: AttackName; indices: number[]; images: Tensor }): void
}

/**
 * Attacks images x [N, C, H, W] of the box with labels y [N] int64, batch by batch on the device of `rng`; x may stay on the
 * CPU. f has to be deterministic and to treat images one by one. An image counts as broken only where f misclassifies an image
 * in the ball and in the box, but for 1e-6. Throws a UserError for images outside of the box, for too few labels and for
 * fewer classes than an attack needs.
 */
export function autoAttack(
  f: Logits,
  x: Tensor,
  y: Tensor,
  s: AutoAttackSettings,
  rng: Generator,
  { batchSize = 250, onProgress, onBroken }: { batchSize?: number } & AutoAttackListeners = {},
): AutoAttackResult {
  const count = x.shape[0]!
  checkInputs(x, y, s)
  const brokenBy: AutoAttackResult['brokenBy'] = Array.from({ length: count }, () => null)
  const left = () => brokenBy.flatMap((by, i) => (by === null ? [i] : []))
  const batchOf = (indices: readonly number[]) => {
    const rows = tensor(BigInt64Array.from(indices, BigInt), { device: x.device })
    return {
      x: x.indexSelect(0, rows).to({ device: rng.device }),
      y: y.to({ device: x.device }).indexSelect(0, rows).to({ device: rng.device }),
    }
  }
  const logitsOf = (images: Tensor) => noGrad(() => f(images))

  return scope(() => {
    const flags: DefenceFlag[] = []
    const some = Array.from({ length: Math.min(batchSize, count) }, (_, i) => i)
    const before = scope(() => {
      const images = batchOf(some).x
      const z = logitsOf(images)
      checkClasses(z.shape[1]!, s)
      flags.push(...checkLogits(f, images))
      return z
    })

    for (const indices of batches(left(), batchSize)) {
      const wrong = scope(() => {
        const batch = batchOf(indices)
        return truths(logitsOf(batch.x).argmax({ dim: 1 }).ne(batch.y))
      })
      for (const i of wrong) brokenBy[indices[i]!] = 'clean'
    }
    const clean = left().length

    const attacks = s.attacks.map((name) => {
      const open = left()
      const attack = attackBy(name, s, rng.split(`autoattack/${name}`))
      let done = 0
      let withoutGradient = 0
      onProgress?.(0, open.length, name)
      for (const indices of batches(open, batchSize)) {
        scope(() => {
          const batch = batchOf(indices)
          const onStep = (share: number) => onProgress?.(done + share * indices.length, open.length, name)
          const found = attack(f, batch.x, batch.y, {
            onStep,
            onZeroGradients: (images) => (withoutGradient += images),
          })
          const rows = brokenRows(f, batch, found, s)
          const broken = rows.map((i) => indices[i]!)
          for (const i of broken) brokenBy[i] = name
          if (rows.length && onBroken) {
            const places = tensor(BigInt64Array.from(rows, BigInt), { device: batch.x.device })
            onBroken({ attack: name, indices: broken, images: found.adversarial.indexSelect(0, places) })
          }
        })
        done += indices.length
        onProgress?.(done, open.length, name)
      }
      flags.push(...zeroGradients(name, withoutGradient, open.length))
      const robust = left().length
      return { name, tried: open.length, broken: open.length - robust, robust }
    })

    const [last] = attacks.slice(-1)
    if (last?.name === 'square' && attacks.length > 1) flags.push(...squareBreaksMore(last.broken, count))
    if (!flags.some(({ kind }) => kind === 'randomized')) {
      flags.push(...checkUnchanged(before, logitsOf(batchOf(some).x)))
    }
    const robustMask = brokenBy.map((by) => by === null)
    const { norm, epsilon } = s
    return { norm, epsilon, count, clean, robust: left().length, attacks, flags, robustMask, brokenBy }
  })
}

const batches = (indices: readonly number[], size: number): number[][] =>
  Array.from({ length: Math.ceil(indices.length / size) }, (_, i) => indices.slice(i * size, (i + 1) * size))

/** The places of what is true in a mask [N]. */
const truths = (mask: Tensor): number[] =>
  [...(mask.toTypedArray() as Uint8Array)].flatMap((value, i) => (value ? [i] : []))

/** What an attack reports is believed only where f says so of an image that lies where it may. */
function brokenRows(
  f: Logits,
  { x, y }: { x: Tensor; y: Tensor },
  { broken, adversarial }: ReturnType<BatchAttack>,
  { norm, epsilon, box }: AutoAttackSettings,
): number[] {
  const rows = truths(broken)
  if (rows.length === 0) return []
  const places = tensor(BigInt64Array.from(rows, BigInt), { device: x.device })
  const pick = (values: Tensor) => values.indexSelect(0, places)
  const wrong = noGrad(() => f(pick(adversarial)))
    .argmax({ dim: 1 })
    .ne(pick(y))
  const allowed = lieWithin(pick(adversarial), pick(x), norm, epsilon, box)
  return truths(wrong.logicalAnd(allowed)).map((i) => rows[i]!)
}

function checkInputs(x: Tensor, y: Tensor, { box: [low, high], epsilon }: AutoAttackSettings): void {
  const [images, labels] = [x.shape[0]!, y.shape[0]!]
  if (images === 0 || images !== labels) {
    const message = `AutoAttack got ${images} images and ${labels} labels. Give one label for each image, and at least one image.`
    throw new UserError('attack-input', message, { images, labels })
  }
  if (!(epsilon > 0)) {
    throw new UserError('attack-epsilon', `ε = ${epsilon} leaves nothing to attack. Give a radius above 0.`, {
      epsilon,
    })
  }
  const [least, most] = scope(() => [x.min().item(), x.max().item()] as const)
  if (!(least >= low - slack && most <= high + slack)) {
    const message = `The images reach from ${least} to ${most}, outside of the box [${low}, ${high}]. Give images in model units, or name their box.`
    throw new UserError('attack-box', message, { least, most, low, high })
  }
}

function checkClasses(classes: number, { attacks }: AutoAttackSettings): void {
  if (classes >= 4 || !attacks.includes('apgd-t')) return
  const message = `The targeted DLR loss of apgd-t needs 4 classes or more, and this network has ${classes}. Leave apgd-t out, or evaluate with PGD.`
  throw new UserError('attack-classes', message, { classes })
}
