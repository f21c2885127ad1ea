/** Every setting, declared once: type, default (the `paper` preset), unit and meaning. Help, files and checks derive from it. */
import { z } from 'zod'
import { systemNames } from './system-names.ts'
import { parseEpsilon } from './units.ts'

/** What `schema.meta()` says about a setting. */
export interface SettingMeta {
  description: string
  /** What the number counts or measures. */
  unit?: string
}

const setting = <T extends z.ZodType>(type: T, byDefault: z.output<T>, description: string, unit?: string) =>
  type.default(byDefault as z.util.NoUndefined<z.output<T>>).meta({ description, ...(unit && { unit }) })

/** A section of settings; one that is left out takes its defaults. */
const section = <T extends z.ZodObject>(type: T, description: string) =>
  type.prefault({} as z.input<T>).meta({ description })

const count = z.int().min(1)
const countOrNone = z.int().min(0)
const positive = z.number().positive()
const notNegative = z.number().min(0)
const fraction = z.number().min(0).max(1)
const belowOne = z.number().min(0).lt(1)
const statistics = z.enum(['batch', 'running'])
const norm = z.enum(['linf', 'l2'])
const starts = z.enum(['class-gaussian', 'uniform'])
const distance = z.union([z.number(), z.string()]).refine((value) => {
  try {
    return parseEpsilon(value) >= 0
  } catch {
    return false
  }
}, 'number ≥ 0 or a fraction such as 8/255')

const data = z.strictObject({
  set: setting(
    z.enum(['auto', 'cifar10', 'shapes', 'folder']),
    'auto',
    'The images: auto takes what lies on this machine, else downloads CIFAR-10, else draws shapes.',
  ),
  validation: setting(
    countOrNone,
    5000,
    'Training images held back for measuring; never more than a tenth of them.',
    'images',
  ),
  noise: setting(
    notNegative,
    0.03,
    'Standard deviation of the Gaussian noise added to training images.',
    'model units',
  ),
  pad: setting(countOrNone.max(31), 4, 'Reflected border before the random crop.', 'pixels'),
  flip: setting(z.boolean(), true, 'Mirror half of the training images left to right.'),
  positives: setting(
    z.enum(['augmented', 'plain']),
    'augmented',
    'x⁺ shifted, mirrored and noisy like the labelled images, or as they are (SADA-JEM).',
  ),
})

const model = z.strictObject({
  depth: setting(
    z.int().refine((depth) => depth >= 10 && depth % 6 === 4, '6n + 4 (10, 16, 22, 28, 34, …)'),
    28,
    'd of the Wide ResNet WRN-d-k, 6n + 4.',
    'layers',
  ),
  width: setting(count, 10, 'k of the Wide ResNet WRN-d-k: its groups have 16k, 32k and 64k channels.'),
  norm: setting(z.enum(['batch', 'none']), 'batch', 'Batch normalisation, or none as in the first JEM.'),
  activation: setting(z.enum(['leaky-relu', 'relu']), 'leaky-relu', 'The nonlinearity.'),
  negativeSlope: setting(notNegative, 0.2, 'Slope of the leaky ReLU below zero.'),
  batchNormMomentum: setting(
    fraction,
    0.9,
    "PyTorch's sense: running = (1 − momentum)·old + momentum·new.",
    'share of the new batch',
  ),
})

const chain = z.strictObject({
  outerSteps: setting(
    count,
    10,
    'M of PYLD, or the steps of SGLD: passes of the network per step of the training.',
    'steps',
  ),
  innerSteps: setting(count, 5, 'n of PYLD: n inner steps are computed as one step of n·α.', 'steps'),
  stepSize: setting(positive, 0.2, 'α of PYLD and SGLD.', 'model units per unit of gradient'),
  gradientClip: setting(
    positive.nullable(),
    1,
    'Each coordinate of the image gradient is clipped to ± this; null for no clip.',
  ),
  noise: setting(notNegative, 0, 'σ of the noise after each outer step.', 'model units'),
  statistics: setting(statistics, 'batch', 'Batch-norm statistics in the chain: of the batch, or running averages.'),
  density: setting(
    z.enum(['marginal', 'class']),
    'marginal',
    'What the chains climb: log p(x), or log p(x, y) of a class.',
  ),
})

const buffer = z.strictObject({
  size: setting(count, 10_000, 'Chains that persist, equally many per class.', 'images'),
  restart: setting(fraction, 0.05, 'Probability that a drawn chain starts anew.'),
  start: setting(
    starts,
    'class-gaussian',
    'Where chains start: a draw of their class Gaussian, or uniform noise (JEM).',
  ),
  dtype: setting(
    z.enum(['float32', 'float16', 'uint8']),
    'float32',
    'How chains are stored; less than float32 rounds them.',
  ),
})

const attack = z.strictObject({
  norm: setting(norm, 'linf', 'Norm of the ball in which training images are attacked.'),
  epsilon: setting(distance, '12.75/255', "The ball's radius, a number or a fraction (8/255).", 'pixel units'),
  steps: setting(countOrNone, 15, 'K of PGD: passes of the network per attack.', 'steps'),
  stepSize: setting(distance.nullable(), null, 'Length of a PGD step; null for 2.5·ε/steps.', 'pixel units'),
  start: setting(z.enum(['random', 'clean']), 'random', 'Start at a random point of the ball, or at the image.'),
  iterate: setting(z.enum(['last', 'best']), 'last', 'Train on the last iterate, or on the one of highest loss.'),
  statistics: setting(statistics, 'running', 'Batch-norm statistics while attacking.'),
  noiseBefore: setting(
    z.boolean(),
    true,
    "Add the data's noise before the attack; otherwise attacked images have none.",
  ),
})

const loss = z.strictObject({
  classifier: setting(
    z.enum(['adversarial', 'both', 'trades']),
    'adversarial',
    "The classifier's term: cross-entropy of attacked images, of both kinds half each, or TRADES.",
  ),
  tradesBeta: setting(notNegative, 6, 'β of TRADES: weight of KL(f(x) ‖ f(x_adv)).'),
  generative: setting(notNegative, 1, 'Weight of the log-density terms; 0 leaves the classifier alone.'),
  statistics: setting(statistics, 'batch', 'Batch-norm statistics in the loss.'),
  jointStatistics: setting(
    statistics.nullable(),
    null,
    'The same once the other terms are trained too; null for no change. Running ones then stay as they are.',
  ),
})

const sharpness = z.strictObject({
  rho: setting(
    notNegative,
    2,
    'ρ: how far the weights move to where the gradient is taken, in units of their own size.',
  ),
})

const contrastive = z.strictObject({
  stepSize: setting(distance, 0.1, 'L2 length of an ascent step from a class Gaussian to x̃.', 'pixel units'),
  firstSteps: setting(countOrNone, 0, 'T, the ascent steps to x̃, at the beginning.', 'steps'),
  maxSteps: setting(countOrNone, 50, 'T at the end.', 'steps'),
  auc: setting(fraction, 0.8, 'T grows by one where the mean AUC of x⁺ against x̃ has reached this.'),
  window: setting(count, 8, 'Steps over which that mean is taken.', 'steps'),
})

const optimizer = z
  .strictObject({
    name: setting(z.enum(['sgd', 'adam']), 'sgd', 'The rule that moves the weights.'),
    learningRate: setting(positive, 0.1, 'The rate that the schedule multiplies.'),
    momentum: setting(belowOne, 0.9, "SGD's momentum; Adam uses its own."),
    nesterov: setting(z.boolean(), false, "Nesterov's form of the momentum."),
    weightDecay: setting(notNegative, 4e-4, 'Weight of the L2 penalty on all weights.'),
    batchSize: setting(count, 64, 'Images per step, of each of the three kinds.', 'images'),
    labelledBatchSize: setting(count.nullable(), null, 'Labelled images per step; null for as many.', 'images'),
  })
  .refine((s) => !s.nesterov || s.momentum > 0, { path: ['nesterov'], error: 'false where the momentum is 0' })

const ascending = (list: number[]) => list.every((value, i) => i === 0 || value > list[i - 1]!)

const schedule = z.strictObject({
  steps: setting(count, 105_450, 'Length of the training; the default is 150 epochs of 703 batches.', 'steps'),
  warmUpSteps: setting(countOrNone, 1000, 'The rate rises linearly from 0 over these.', 'steps'),
  decay: setting(
    z.enum(['milestones', 'cosine']),
    'milestones',
    'How the rate falls: in jumps, or along a cosine to 0.',
  ),
  milestones: setting(
    z.array(fraction).refine(ascending, 'fractions in rising order'),
    [1 / 3, 2 / 3, 5 / 6],
    'Where the rate jumps, for decay: milestones.',
    'fractions of the training',
  ),
  factor: setting(positive.max(1), 0.2, 'What each milestone multiplies the rate by.'),
  classifierWarmUp: setting(
    fraction,
    0,
    "The training begins with the classifier's term alone for this part of it.",
    'fraction of the training',
  ),
  jointLearningRate: setting(positive, 1, 'Factor on the rate once the other terms are trained too.'),
})

const ema = z.strictObject({
  decay: setting(belowOne, 0.999, 'Decay per step of the running average of the weights; 0 keeps none.'),
})

const guard = z.strictObject({
  loss: setting(positive, 1000, 'Diverged where |L| is larger, in the mean over the window.', 'nats'),
  gap: setting(positive, 5, 'Diverged where |f(x⁺) − f(x⁻)| is larger, in the mean over the window.', 'nats'),
  saturation: setting(fraction, 0.95, "Diverged where more of the chains' pixels lie on or outside ±1, in that mean."),
  window: setting(count, 20, 'Steps over which these means are taken; NaN and infinity count at once.', 'steps'),
  retries: setting(countOrNone, 3, 'How often a training goes back to its last good checkpoint before it gives up.'),
  gentler: setting(positive.max(1), 0.5, 'Factor on the learning rate after going back.'),
})

const energySampler = z.strictObject({
  steps: setting(countOrNone, 50, 'M where log p(x, y) of a class is climbed.', 'steps'),
  marginalSteps: setting(countOrNone, 300, 'M where log p(x) is.', 'steps'),
  conditional: setting(z.boolean(), true, 'Climb log p(x, y) of the class asked for; otherwise log p(x).'),
  stepSize: setting(positive, 1, 'n·α, the length of one collapsed step.', 'model units per unit of gradient'),
  gradientClip: setting(positive.nullable(), 1, 'Clip of each coordinate of the gradient; null for none.'),
  noise: setting(notNegative, 0, 'σ of the noise after each step.', 'model units'),
  clamp: setting(z.boolean(), true, 'Keep every step in [-1, 1], as PYLD does and SGLD does not.'),
})

const attackSampler = z.strictObject({
  norm: setting(norm, 'linf', 'Norm of the ball around the start.'),
  epsilon: setting(positive, 0.5, "The ball's radius.", 'model units'),
  steps: setting(count, 15, 'Steps of the targeted PGD.', 'steps'),
  stepSize: setting(positive.nullable(), null, 'Length of a step; null for 2.5·ε/steps.', 'model units'),
  loss: setting(z.enum(['cross-entropy', 'logit']), 'cross-entropy', 'What is climbed: log p(y | x), or f(x)[y].'),
})

const robustJemSampler = z.strictObject({
  contrast: setting(
    z.union([z.enum(['auto', 'per-image']), positive.max(1)]),
    'auto',
    'c, the factor on attacked images: auto is 1/(1 + ε), per-image min(1, 1/max|x|), or a number.',
  ),
  steps: setting(countOrNone, 50, 'M, the steps on log p(x, y) after the attack.', 'steps'),
  stepSize: setting(positive, 1, 'n·α, the length of one collapsed step.', 'model units per unit of gradient'),
  gradientClip: setting(positive.nullable(), 1, 'Clip of each coordinate of the gradient; null for none.'),
  noise: setting(notNegative, 0, 'σ of the noise after each step.', 'model units'),
})

const ascentSampler = z.strictObject({
  steps: setting(countOrNone, 40, 'Steps of the ascent of f(x)[y].', 'steps'),
  stepSize: setting(positive, 0.4, 'L2 length of a step.', 'model units'),
})

const sampling = z.strictObject({
  sampler: setting(
    z.enum(['energy', 'attack', 'robust-jem', 'ascent']),
    'robust-jem',
    'How images are drawn unless said otherwise.',
  ),
  start: setting(starts, 'class-gaussian', 'Where images start.'),
  weights: setting(
    z.enum(['ema', 'raw']),
    'ema',
    'Draw with the averaged weights where they are kept, or with the last ones.',
  ),
  statistics: setting(
    statistics,
    'running',
    'Batch-norm statistics while sampling; running ones make images independent.',
  ),
  energy: section(energySampler, 'Langevin steps on the energy alone.'),
  attack: section(attackSampler, 'Targeted attack on the classifier alone; it is also the first part of robustJem.'),
  robustJem: section(robustJemSampler, 'The combined sampler: attack, lower contrast, Langevin steps.'),
  ascent: section(ascentSampler, 'Steps of one length along the gradient of f(x)[y] (DAT).'),
})

const record = z.strictObject({
  logEvery: setting(count, 10, 'A line of metrics after so many steps.', 'steps'),
  gridEvery: setting(count, 500, 'A picture of samples after so many steps.', 'steps'),
  evaluateEvery: setting(count, 1000, 'Accuracy on held-back images after so many steps.', 'steps'),
  checkpointEvery: setting(count, 1000, 'The whole state saved after so many steps.', 'steps'),
})

export const configSchema = z
  .strictObject({
    system: setting(z.enum(systemNames), 'robust-jem', 'Which objective is trained.'),
    seed: setting(z.int().min(0), 0, 'All random numbers follow from it.'),
    data: section(data, 'Training images and their augmentation.'),
    model: section(model, 'The network.'),
    chain: section(chain, 'How negatives x⁻ are drawn in training.'),
    buffer: section(buffer, 'Where the chains of training persist.'),
    attack: section(attack, 'How training images are attacked (PGD).'),
    loss: section(loss, 'What is minimised.'),
    sharpness: section(sharpness, 'The adaptive sharpness-aware step of sada-jem.'),
    contrastive: section(contrastive, 'The contrastive images x̃ of dat.'),
    optimizer: section(optimizer, 'How the weights move.'),
    schedule: section(schedule, 'How long, and how the learning rate changes.'),
    ema: section(ema, 'Average of the weights.'),
    guard: section(guard, 'When a training counts as diverged, and what is done then.'),
    precision: setting(
      z.enum(['auto', 'float32', 'bfloat16']),
      'auto',
      'Dtype of the convolutions; auto takes bfloat16 where the device has units for it.',
    ),
    sampling: section(sampling, 'How images are drawn from the trained network.'),
    record: section(record, 'How often a training writes something.'),
  })
  .refine((s) => s.loss.jointStatistics !== 'running' || s.schedule.classifierWarmUp > 0, {
    path: ['loss', 'jointStatistics'],
    error: 'batch or null where no warm-up of the classifier estimates running ones',
  })

export type Config = z.output<typeof configSchema>
