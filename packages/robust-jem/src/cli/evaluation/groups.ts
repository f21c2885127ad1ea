/** The groups of figures by name, and an evaluation that takes each from where it is kept or computes it. */
import { UserError } from '../../errors.ts'
import { firstImages } from '../../evaluation/byte-images.ts'
import type { FigureRecord } from '../../evaluation/figure-record.ts'
import type { ImageSource } from '../../evaluation/image-source.ts'
import { gaussiansOf, requiredGaussians } from '../model-options.ts'
import { type Evaluation, testPrecision } from './context.ts'
import { diversityGroup } from './diversity.ts'
import { judgeFor, judgeGroup, samplesGroup } from './drawn.ts'
import type { GroupName } from './names.ts'
import { oodGroup, oodSetsOf } from './ood.ts'
import { sampleCircumstances, samplesOf } from './samples.ts'
import { type Circumstances, type GroupResult, kept } from './store.ts'
import { accuracyGroup, autoAttackGroup, calibrationGroup, pgdGroup } from './test-set.ts'

export interface EvaluationResult extends GroupResult {
  figures: FigureRecord[]
  /** Files of figures and pictures lie here. */
  folder: string
}

/** Throws a UserError where something that a group needs is not there, so that it is said before hours are spent on the others. */
export async function expectAtHand(e: Evaluation, groups: readonly GroupName[]): Promise<void> {
  const [samples, judged, diversity] = (['samples', 'judge', 'diversity'] as const).map((name) => groups.includes(name))
  if (samples || (diversity && e.inception !== undefined)) e.network()
  if (judged || (diversity && e.judge !== undefined)) judgeFor(e)
  if (groups.includes('ood')) {
    const { seed, open, oodDirs, data } = e
    oodSetsOf(oodDirs, firstImages(data.test, 1), undefined, { limit: 1, seed, torch: open.torch })
  }
  if (!samples && !judged && !diversity) return
  if (e.protocol === 'buffer') await samplesOf(e)
  else await requiredGaussians(e.open)
}

/**
 * All groups, one after the other. Throws a UserError where one cannot be had at all; with `lenient` it is refused instead, and
 * the others come.
 */
export async function evaluate(
  e: Evaluation,
  groups: readonly GroupName[],
  { lenient = false } = {},
): Promise<EvaluationResult> {
  const result: EvaluationResult = { figures: [], refused: {}, flags: [], files: [], folder: e.folder }
  for (const name of groups) {
    try {
      const { figures, refused, flags, files } = await groupOf(e, name)
      const known = new Set(result.figures.map((figure) => figure.name)) // recall and coverage come with two groups
      result.figures.push(...figures.filter((figure) => !known.has(figure.name)))
      Object.assign(result.refused, refused)
      result.flags.push(...flags)
      result.files.push(...files)
    } catch (error) {
      if (!lenient || !(error instanceof UserError)) throw error
      result.refused[name] = error.message
    }
  }
  return result
}

async function groupOf(e: Evaluation, name: GroupName): Promise<GroupResult> {
  const onTest = testCircumstances(e)
  const attack = { ...onTest, norm: e.norm, epsilon: e.epsilon }
  switch (name) {
    case 'accuracy':
      return kept(e.folder, name, onTest, () => accuracyGroup(e))
    case 'pgd':
      return kept(e.folder, name, attack, () => pgdGroup(e))
    case 'autoattack':
      return kept(e.folder, name, attack, () => autoAttackGroup(e))
    case 'calibration':
      return kept(e.folder, name, onTest, (key) => calibrationGroup(e, key))
    case 'ood':
      return ood(e, onTest)
    case 'samples':
      return withSamples(e, name, { extractor: e.network().sha256 }, (images) => samplesGroup(e, images))
    case 'judge':
      return withSamples(e, name, { judge: e.judgeNetwork().sha256 }, (images) => judgeGroup(e, images))
    case 'diversity': {
      const found = { extractor: hashOf(e.network), judge: hashOf(e.judgeNetwork) }
      return withSamples(e, name, found, (images, key) => diversityGroup(e, images, key))
    }
  }
}

const testCircumstances = ({ open, data, testImages, seed }: Evaluation): Circumstances => ({
  weights_sha256: open.model.sha256,
  test_sha256: data.test.sha256,
  test_images: testImages,
  seed,
  precision: testPrecision,
  device: open.device,
})

/** Of a file that may be missing. */
function hashOf(read: () => { sha256: string }): string | null {
  try {
    return read().sha256
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}

async function ood(e: Evaluation, onTest: Circumstances): Promise<GroupResult> {
  const gaussians = await gaussiansOf(e.open)
  const test = firstImages(e.data.test, e.testImages)
  const { torch } = e.open
  const found = oodSetsOf(e.oodDirs, test, gaussians, { limit: e.testImages, seed: e.seed, torch })
  const sets = found.sets.map(({ name, images }) => [name, images.sha256])
  return kept(e.folder, 'ood', { ...onTest, sets }, (key) => oodGroup(e, found, key))
}

/** Samples are drawn when a group that has not been kept asks for them first. */
async function withSamples(
  e: Evaluation,
  name: GroupName,
  extractors: Circumstances,
  compute: (images: ImageSource, key: string) => GroupResult,
): Promise<GroupResult> {
  const images = await samplesOf(e)
  const circumstances = {
    ...sampleCircumstances(e),
    ...extractors,
    samples: images.sha256,
    reference: e.referenceImages().sha256,
  }
  return kept(e.folder, name, circumstances, (key) => compute(images, key))
}
