/** How well a model tells test images from others, by three scores. */
import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { scope } from '@robust-jem/torch'
import { cifar100Files, readCifar100 } from '../../data/cifar100.ts'
import type { ClassGaussians } from '../../data/class-gaussian.ts'
import { readSvhn, svhnFile, svhnSource } from '../../data/svhn.ts'
import { UserError } from '../../errors.ts'
import { firstImages } from '../../evaluation/byte-images.ts'
import { figureOf } from '../../evaluation/figure-record.ts'
import { type ImageSource, openImages } from '../../evaluation/image-source.ts'
import { aurocWithInterval, oodScoreNames, oodScores } from '../../evaluation/ood.ts'
import { gaussianNoise, interpolations, uniformNoise } from '../../evaluation/ood-sets.ts'
import { writeAtomically } from '../../report/write.ts'
import { progressLines } from '../progress-lines.ts'
import { type Evaluation, onTestImages, testedLogits } from './context.ts'
import { histograms } from './diagrams.ts'
import type { GroupResult } from './store.ts'

export interface OodSets {
  sets: { name: string; images: ImageSource }[]
  /** Why a set is not there, by its name. */
  absent: Record<string, string>
}

/**
 * What there is: CIFAR-100 and SVHN in the folders given, images of the user's in those that hold neither, and sets that need no
 * files. No more images of each than `limit`. Throws a UserError where a folder or file is none of them.
 */
export function oodSetsOf(
  dirs: readonly string[],
  test: ImageSource,
  gaussians: ClassGaussians | undefined,
  { limit, seed, torch }: { limit: number; seed: number; torch: Evaluation['open']['torch'] },
): OodSets {
  const sets = dirs.flatMap((dir) => setsIn(dir, limit))
  for (const { name, images } of sets) {
    if (images.size.join() === test.size.join()) continue
    throw new UserError(
      'image-size',
      `The images of ${images.path} are ${images.size.join('×')}, but the model sees ${test.size.join('×')}. Resize them; nothing is resized silently.`,
      { path: name, expected: test.size, received: images.size },
    )
  }
  const absent: Record<string, string> = {}
  const lacks = (name: string) => !sets.some((set) => set.name === name)
  if (lacks('cifar100')) absent.cifar100 = "CIFAR-100's test.bin is not there. Name its folder with --ood-dir."
  if (lacks('svhn'))
    absent.svhn = `SVHN's ${svhnFile} is not there. Fetch it from ${svhnSource} and name its folder with --ood-dir.`
  const rng = (name: string) => new torch.Generator(seed).split(`ood/${name}`)
  if (gaussians) sets.push({ name: 'class-gaussians', images: gaussianNoise(test.count, gaussians, rng('gaussians')) })
  else
    absent['class-gaussians'] =
      'The class Gaussians are not beside the model. Copy class-gaussians.safetensors of its run there.'
  sets.push({ name: 'interpolations', images: interpolations(test, rng('interpolations')) })
  sets.push({ name: 'uniform-noise', images: uniformNoise(test.count, test.size, rng('uniform')) })
  return { sets, absent }
}

function setsIn(dir: string, limit: number): OodSets['sets'] {
  const found = statSync(dir, { throwIfNoEntry: false })
  if (!found)
    throw new UserError('images-missing', `There is nothing at ${dir}. Name a folder with --ood-dir.`, { path: dir })
  const inside = (names: readonly string[]) =>
    names
      .map((name) => (found.isDirectory() ? join(dir, name) : dir))
      .find((path, i) => existsSync(path) && path.endsWith(names[i]!))
  const sets: OodSets['sets'] = []
  const cifar100 = inside(cifar100Files)
  const svhn = inside([svhnFile])
  if (cifar100 !== undefined) sets.push({ name: 'cifar100', images: firstImages(readCifar100(cifar100), limit) })
  if (svhn !== undefined) sets.push({ name: 'svhn', images: firstImages(readSvhn(svhn), limit) })
  if (sets.length > 0) return sets
  const images = openImages(dir, { limit })
  if (images.kind !== 'statistics') return [{ name: basename(dir).replace(/\.\w+$/, ''), images }]
  throw new UserError('images-kind', `${dir} holds statistics, not images. Name a folder of images with --ood-dir.`, {
    path: dir,
  })
}

/** AUROC of each score against each set, test images being the positive ones. */
export function oodGroup(e: Evaluation, { sets, absent }: OodSets, key: string): GroupResult {
  const { open, data, seed, terminal, testImages } = e
  const f = testedLogits(e)
  const progress = progressLines(terminal, 'images')
  const scoresOf = (name: string, images: ImageSource) =>
    scope(() =>
      oodScores(f, images, { device: open.device, onProgress: (done, total) => progress.update(name, done, total) }),
    )
  const inside = scoresOf('test', firstImages(data.test, testImages))
  const outside = sets.map(({ name, images }) => ({ name, images, scores: scoresOf(name, images) }))
  progress.end()
  const rng = new open.torch.Generator(seed).split('ood')
  const figures = oodScoreNames.flatMap((score) =>
    outside.map(({ name, images, scores }) => {
      const { value, interval } = aurocWithInterval(inside[score], scores[score], rng.split(`${score}/${name}`))
      const reference = { name, count: images.count, sha256: images.sha256 }
      return figureOf(onTestImages(e), `auroc/${score}/${name}`, value, { interval, reference, settings: { sigma: 0 } })
    }),
  )
  const files = oodScoreNames.map((score) => {
    const file = `ood-${score}-${key}.svg`
    const all = [
      { name: 'test', scores: inside[score] },
      ...outside.map(({ name, scores }) => ({ name, scores: scores[score] })),
    ]
    writeAtomically(join(e.folder, file), histograms(score, all))
    return file
  })
  const refused = Object.fromEntries(Object.entries(absent).map(([name, reason]) => [`auroc/${name}`, reason]))
  return { figures, refused, flags: [], files }
}
