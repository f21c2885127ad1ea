/** sample: images that a trained network draws. */
import { UserError } from '../../errors.ts'
import type { SamplerName } from '../../samplers/draw.ts'
import { defineCommand } from '../command.ts'
import { classIndex, modelArgument, modelOptions, openModel, requiredGaussians } from '../model-options.ts'
import { targetOf } from '../sampling/target.ts'

export const sample = defineCommand({
  description:
    'Draws images with a trained network. The samplers start from class Gaussians, which travel with the model (jem: from uniform noise): robust-jem attacks them ' +
    'towards the class, lowers the contrast and lets Langevin steps finish; attack and energy are its two halves alone, and ascent takes steps of one length along the class. Same seed, same images.',
  arguments: { model: modelArgument },
  options: {
    ...modelOptions,
    sampler: {
      kind: 'string',
      choices: ['energy', 'attack', 'robust-jem', 'ascent'],
      description: "How images are drawn. Default: as the model's settings say.",
    },
    class: {
      kind: 'string',
      value: 'NAME',
      repeated: true,
      description: 'A class to draw, by name; several may be given. Default: all.',
    },
    count: {
      kind: 'integer',
      value: 'N',
      minimum: 1,
      description: 'Images in all, spread evenly over the classes. Default: 8 of each class.',
    },
    steps: {
      kind: 'integer',
      value: 'N',
      minimum: 0,
      description: "Steps of energy, ascent, or of robust-jem after its attack. Default: as the model's settings say.",
    },
    statistics: {
      kind: 'string',
      choices: ['running', 'batch'],
      description: 'Batch-norm statistics; running ones make images independent of each other.',
    },
    start: {
      kind: 'string',
      value: 'FILE',
      description:
        'Start from these images, an .npz with an array [N, 3, H, W], uint8 or float in [-1, 1]; or from the chains of training: buffer.',
    },
    unconditional: { kind: 'flag', description: 'Langevin steps of energy climb log p(x), whatever the class.' },
    out: {
      kind: 'string',
      value: 'PATH',
      description:
        'A .png (one picture, a row per class), an .npz (uint8 [N, 3, H, W] and labels), or a new folder for PNG files.',
    },
    film: { kind: 'flag', description: 'A .png of every image on its way from start to end, a row each.' },
  },
  examples: [
    ['robust-jem sample runs/my-run --out cats.png --class cat --count 16', 'Sixteen cats.'],
    [
      'robust-jem sample runs/my-run --out film.png --film --count 10',
      'One image of each class, from its start to its end.',
    ],
    [
      'robust-jem sample runs/my-run --start buffer --sampler energy --out further.png',
      'Go on with the chains of training.',
    ],
    ['robust-jem sample runs/my-run --out samples.npz --count 1000 --seed 1', 'For metrics.'],
  ],
  async run({ arguments: { model: path }, options, terminal }) {
    const out = options.out ?? 'samples.png'
    const target = targetOf(out, options.film)
    const opened = await openModel(path, options, terminal)
    const { startsFrom, startsFromBuffer, writeSamples } = await import('../sampling/output.ts')
    const { model, f, torch, device } = opened
    const { drawImages } = await import('../sampling/draw.ts')
    const { expectFinite } = await import('../../evaluation/finite.ts')
    const { classNames, config } = model
    const named = options.class.map((name) => classIndex(name, classNames))
    const wanted = named.length > 0 ? [...new Set(named)] : classNames.map((_, c) => c)
    const gaussians = await requiredGaussians(opened)
    const given =
      options.start === undefined || options.start === 'buffer' ? undefined : startsFrom(options.start, gaussians.shape)
    const count = given?.shape[0] ?? options.count ?? 8 * wanted.length
    if (options.count !== undefined && options.count !== count) {
      throw new UserError(
        'usage',
        `--start ${options.start} holds ${count} images, so --count cannot be ${options.count}. Leave it out.`,
        { exitCode: 2, expected: count, received: options.count },
      )
    }
    // Class by class, so that a picture has a row for each.
    const classes = wanted.flatMap((c, i) =>
      Array.from({ length: Math.floor(count / wanted.length) + (i < count % wanted.length ? 1 : 0) }, () => c),
    )
    const starts = options.start === 'buffer' ? startsFromBuffer(model.path, classes) : given
    const { steps } = options
    const sampler = options.sampler ?? config.sampling.sampler
    refuseUnheard(sampler, options)
    const { energy, robustJem, ascent } = config.sampling
    const taken = steps === undefined ? {} : { steps }
    const settings = {
      ...config.sampling,
      energy: {
        ...energy,
        ...(steps !== undefined && { steps, marginalSteps: steps }),
        ...(options.unconditional && { conditional: false }),
      },
      robustJem: { ...robustJem, ...taken },
      ascent: { ...ascent, ...taken },
    }
    const seed = options.seed ?? 0
    const progress = terminal.progress({ label: 'sample', unit: 'image steps' })
    const drawn = torch.noGrad(() =>
      drawImages(
        {
          sampler,
          f: f(options.statistics ?? settings.statistics),
          settings,
          gaussians,
          rng: new torch.Generator(seed, device).split('sample'),
          classes,
          starts,
          onProgress: (done, total) => progress.update(done, total),
        },
        { film: options.film },
      ),
    )
    progress.clear()
    expectFinite(drawn.images, `The images that ${model.path} drew`)
    const title = `${sampler}, seed ${seed}, weights ${model.sha256.slice(0, 8)}`
    const files = writeSamples(target, drawn, { classes, classNames, title })
    terminal.result(
      {
        out,
        files: files.length,
        count: classes.length,
        sampler,
        seed,
        weights: model.weights,
        weights_sha256: model.sha256,
        classes: wanted.map((c) => classNames[c]),
      },
      `${classes.length} images (${sampler}, seed ${seed}, ${model.weights} weights) → ${out}`,
    )
    return 0
  },
})

/** Throws a UserError for options that the sampler does not look at. */
function refuseUnheard(
  sampler: SamplerName,
  { steps, unconditional }: { steps: number | undefined; unconditional: boolean },
) {
  const unheard =
    sampler === 'attack' && steps !== undefined
      ? '--steps'
      : sampler !== 'energy' && unconditional
        ? '--unconditional'
        : undefined
  if (!unheard) return
  const message = `${unheard} says nothing to the sampler ${sampler}. Leave it out, or name another with --sampler.`
  throw new UserError('usage', message, { exitCode: 2, received: sampler })
}
