/** The two sets that `fid` compares. */
import { Generator } from '@robust-jem/torch'
import { loadClassGaussians } from '../../data/class-gaussian.ts'
import { UserError } from '../../errors.ts'
import type { Comparand } from '../../evaluation/distribution.ts'
import { openImages } from '../../evaluation/image-source.ts'
import { gaussianNoise, uniformNoise } from '../../evaluation/ood-sets.ts'

const remedy = 'Name class-gaussians.safetensors of a run.'

/**
 * The first `limit` images of each; A may also be uniform-noise, or a file of class Gaussians: then as many are drawn as B has.
 * Throws a UserError where a set is missing or damaged, or is to be drawn beside statistics.
 */
export function openComparands(
  pathA: string,
  pathB: string,
  { limit, seed }: { limit: number; seed: number },
): { a: Comparand; b: Comparand } {
  const drawn = pathA === 'uniform-noise' || pathA.endsWith('.safetensors')
  if (!drawn) return { a: openImages(pathA, { limit }), b: openImages(pathB, { limit }) }
  const gaussians = pathA === 'uniform-noise' ? undefined : loadClassGaussians(pathA, remedy)
  const b = openImages(pathB, { limit })
  if (b.kind === 'statistics')
    throw new UserError(
      'images-kind',
      `As many of A are drawn as B has images, and ${pathB} holds statistics. Name images.`,
    )
  const rng = new Generator(seed).split(pathA === 'uniform-noise' ? pathA : 'class-gaussians')
  return { a: gaussians ? gaussianNoise(b.count, gaussians, rng) : uniformNoise(b.count, b.size, rng), b }
}
