/** The groups of figures that an evaluation knows, and what each needs and costs; read before the engine is loaded. */
import { nearest } from '../../config/nearest.ts'
import { UserError } from '../../errors.ts'

export const groupCosts = {
  accuracy: 'share of test images classified rightly; a forward pass an image',
  pgd: 'the same under PGD of 20 steps; 20 forward and backward passes an image',
  autoattack:
    'the same under AutoAttack, standard version; some thousand passes an image: hours on a CPU for 1,000 images',
  calibration: 'ECE of 15 and 20 bins, NLL, Brier score, reliability diagram; a forward pass an image',
  ood: 'AUROC of three scores against other images, histograms; two passes an image of each set',
  samples:
    "FID, KID, precision, recall, density, coverage, Inception score, as far as Inception's weights allow; draws --count images once, half a second an image on a CPU core for their features",
  judge:
    "a second classifier's verdict on samples: class accuracy, its own Fréchet distance and score; milliseconds an image",
  diversity: 'class balance, recall, coverage, nearest training images as a picture; as samples',
} as const
export type GroupName = keyof typeof groupCosts
export const groupNames = Object.keys(groupCosts) as GroupName[]

/** What needs little and takes minutes. */
export const cheapGroups: readonly GroupName[] = ['accuracy', 'pgd', 'calibration', 'ood']

/** The groups in a list such as 'accuracy,judge', in the order of the table; 'all' for all. Throws a UserError (exit code 2). */
export function groupsIn(list: string | undefined): readonly GroupName[] {
  if (list === undefined) return cheapGroups
  if (list === 'all') return groupNames
  const words = list.split(',').map((word) => word.trim())
  const stranger = words.find((word) => !(groupNames as string[]).includes(word))
  if (stranger !== undefined) {
    const meant = nearest(stranger, groupNames)
    throw new UserError(
      'usage',
      `--metrics: unknown ${JSON.stringify(stranger)}${meant ? `; did you mean ${meant}?` : '.'} They are ${groupNames.join(', ')}, or all.`,
      { exitCode: 2, expected: groupNames, received: stranger },
    )
  }
  return groupNames.filter((name) => words.includes(name))
}
