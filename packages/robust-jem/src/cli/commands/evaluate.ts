/** evaluate: every figure of a model, with all that it rests on. */
import { wrap } from '../../config/columns.ts'
import { UserError } from '../../errors.ts'
import { defineCommand } from '../command.ts'
import { groupCosts, groupsIn } from '../evaluation/names.ts'
import { fetchInception, inceptionOptions, judgeOption } from '../judging-options.ts'
import { modelArgument, modelOptions, openModel } from '../model-options.ts'

const costs = Object.entries(groupCosts)
  .map(([name, cost]) => `${name}: ${cost}`)
  .join('. ')

export const evaluate = defineCommand({
  description:
    'Measures a model on test images (never used to choose anything) and measures what it draws. Samples and figures are kept in the ' +
    "run's folder evaluation (for a model file by itself: in the user's cache) by the hash of the weights and of all settings, so that asking " +
    `for one figure more computes only that. ${costs}.`,
  arguments: { model: modelArgument },
  options: {
    ...modelOptions,
    metrics: {
      kind: 'string',
      value: 'LIST',
      description:
        'Groups of figures by commas, as above, or all. Default: accuracy,pgd,calibration,ood, which need no further files.',
    },
    testImages: { kind: 'integer', value: 'N', minimum: 1, default: 1000, description: 'The first N test images.' },
    norm: { kind: 'string', choices: ['linf', 'l2'], default: 'linf', description: 'Of pgd and autoattack.' },
    epsilon: {
      kind: 'string',
      value: 'E',
      description: 'Radius of the attacks in pixel units [0, 1]. Default: 8/255, for l2 0.5.',
    },
    count: { kind: 'integer', value: 'N', minimum: 2, default: 1000, description: 'Samples.' },
    protocol: {
      kind: 'string',
      choices: ['fresh', 'buffer'],
      default: 'fresh',
      description:
        "fresh: new chains with running statistics. buffer: the training's replay buffer, as the JEM++ code measures. Nothing is ever filtered out.",
    },
    sampler: {
      kind: 'string',
      choices: ['energy', 'attack', 'robust-jem', 'ascent'],
      description: "How samples are drawn. Default: as the model's settings say.",
    },
    reference: {
      kind: 'integer',
      value: 'N',
      minimum: 2,
      description:
        'Compare samples with the first N training images. Default: all of them; their features are computed once and kept.',
    },
    ...inceptionOptions,
    ...judgeOption,
    oodDir: {
      kind: 'string',
      value: 'DIR',
      repeated: true,
      description:
        "Images unlike the training set: a folder with CIFAR-100's test.bin, with SVHN's test_32x32.mat, or of PNG files.",
    },
    dataDir: {
      kind: 'string',
      value: 'DIR',
      description: 'The images that the model was trained on. Default: where its run found them.',
    },
    robustbench: {
      kind: 'string',
      value: 'FILE',
      description: "Write AutoAttack's result as RobustBench's JSON; needs autoattack in --metrics.",
    },
  },
  examples: [
    ['robust-jem evaluate runs/my-run', 'Accuracy, robust accuracy, calibration and OOD detection.'],
    [
      'robust-jem evaluate runs/my-run --metrics samples,judge,diversity --count 1000 --judge resnet56.safetensors',
      'What it draws.',
    ],
    [
      'robust-jem evaluate runs/my-run --metrics autoattack --epsilon 8/255 --test-images 200 --robustbench result.json',
      'AutoAttack on 200 images.',
    ],
  ],
  async run({ arguments: { model: path }, options, terminal }) {
    const groups = groupsIn(options.metrics)
    if (options.robustbench !== undefined && !groups.includes('autoattack'))
      throw new UserError('usage', '--robustbench needs the result of AutoAttack. Add autoattack to --metrics.', {
        exitCode: 2,
      })
    const { parseEpsilon } = await import('../../config/units.ts')
    const epsilon = options.epsilon ?? (options.norm === 'l2' ? '0.5' : '8/255')
    if (!(parseEpsilon(epsilon) > 0))
      throw new UserError('usage', `--epsilon ${epsilon} leaves nothing to attack. Give a radius above 0.`, {
        exitCode: 2,
      })

    const open = await openModel(path, options, terminal)
    if (groups.includes('samples') || groups.includes('diversity')) await fetchInception(options, terminal)
    const { openEvaluation } = await import('../evaluation/context.ts')
    const { evaluate, expectAtHand } = await import('../evaluation/groups.ts')
    const { sampling } = open.model.config
    const request = {
      testImages: options.testImages,
      norm: options.norm,
      epsilon,
      protocol: options.protocol,
      sampler: options.sampler ?? sampling.sampler,
      settings: sampling,
      count: options.count,
      reference: options.reference ?? Infinity,
      inception: options.inception,
      judge: options.judge,
      oodDirs: options.oodDir,
      seed: options.seed ?? 0,
    }
    const evaluation = await openEvaluation(path, open, { ...request, dataDir: options.dataDir }, terminal)
    await expectAtHand(evaluation, groups)
    const result = await evaluate(evaluation, groups)
    const { shownFigures, robustBench } = await import('../evaluation/report.ts')
    if (options.robustbench !== undefined) {
      const { writeAtomically } = await import('../../report/write.ts')
      const content = robustBench(result, { name: path, dataset: evaluation.data.test.name, config: open.model.config })
      writeAtomically(options.robustbench, `${JSON.stringify(content, null, 2)}\n`)
    }
    const { figures, refused, flags, files, folder } = result
    terminal.result(
      {
        model: open.model.path,
        weights: open.model.weights,
        weights_sha256: open.model.sha256,
        folder,
        figures,
        refused,
        flags,
        files,
      },
      [
        ...shownFigures(figures, terminal.width),
        ...Object.entries(refused).flatMap(([name, reason]) => wrap(`No ${name}: ${reason}`, terminal.width)),
        ...flags.flatMap((flag) => wrap(`Flag: ${flag}`, terminal.width)),
        `Kept in ${folder}${files.length > 0 ? `: ${files.join(', ')}` : ''}`,
      ].join('\n'),
    )
    return 0
  },
})
