/** The library: what the `robust-jem` command is made of. */
export {
  type AttackName,
  type AutoAttackListeners,
  type AutoAttackResult,
  type AutoAttackSettings,
  attackNames,
  autoAttack,
  standard,
} from './attacks/autoattack.ts'
export type { DefenceFlag } from './attacks/defence-checks.ts'
export { defaultStepSize, type PgdObserver, type PgdSettings, pgd } from './attacks/pgd.ts'
export { l2, linf, type ThreatModel, threatModel } from './attacks/threat-model.ts'
export { resolveConfig } from './config/overrides.ts'
export { presets } from './config/presets/index.ts'
export { type Config, configSchema } from './config/schema.ts'
export { formatEpsilon, parseEpsilon, toModelUnits } from './config/units.ts'
export { augmentedAt, imagesAt, labelsAt, withNoise } from './data/augment.ts'
export { ClassGaussians } from './data/class-gaussian.ts'
export { type DataSets, type ImageSet, split } from './data/image-set.ts'
export { Loader } from './data/loader.ts'
export { loadData } from './data/locate.ts'
export { joint, type LogDensity, type Logits, marginal, withInputGradient } from './energy.ts'
export { UserError } from './errors.ts'
export { auroc } from './evaluation/auroc.ts'
export { type Calibration, calibration } from './evaluation/calibration.ts'
export { compareDistributions, type Distribution } from './evaluation/distribution.ts'
export { extractFeatures, type Features } from './evaluation/features.ts'
export { type FigureRecord, figureRecord } from './evaluation/figure-record.ts'
export { FeatureStatistics, frechetDistance } from './evaluation/frechet.ts'
export { type ImageSource, openImages } from './evaluation/image-source.ts'
export { inceptionScore } from './evaluation/inception-score.ts'
export { bootstrap, wilson } from './evaluation/intervals.ts'
export { type Judge, type Judgement, judge, judgeDistance, loadJudge } from './evaluation/judge.ts'
export { drawSubsets, kid, kidOverSubsets } from './evaluation/kid.ts'
export { oodScores } from './evaluation/ood.ts'
export { type Prdc, prdc } from './evaluation/prdc.ts'
export { type Robustness, robustness } from './evaluation/robustness.ts'
export { loadInception, locateInception } from './models/inception-weights.ts'
export { loadModel, type Model, saveModel } from './models/model-file.ts'
export { frozen, inPrecision } from './models/precision.ts'
export { readTorchCheckpoint, type TorchCheckpoint } from './models/torch-checkpoint.ts'
export { WideResNet, type WideResNetSettings } from './models/wide-resnet.ts'
export { type AscentSettings, ascent } from './samplers/ascent.ts'
export type { ChainObserver, ChainRecord } from './samplers/chain.ts'
export { draw, type SamplerName, samplerNames } from './samplers/draw.ts'
export { type PyldSettings, pyld } from './samplers/pyld.ts'
export { ReplayBuffer, type ReplayBufferSettings } from './samplers/replay-buffer.ts'
export { type RobustJemSamplerSettings, robustJem } from './samplers/robust-jem.ts'
export { type SgldSettings, sgld } from './samplers/sgld.ts'
export { type Starts, startsOf } from './samplers/starts.ts'
export { type TargetedPgdSettings, targetedPgd } from './samplers/targeted-pgd.ts'
export { systems } from './systems/index.ts'
export {
  type Batch,
  type Classifier,
  type Step,
  type StepContext,
  type StepSettings,
  type System,
  stepOf,
} from './systems/system.ts'
export { loadCheckpoint, saveCheckpoint } from './training/checkpoint.ts'
export { type Outcome, type Training, type TrainingListeners, train } from './training/loop.ts'
export { rescue } from './training/rescue.ts'
export { pgdSettings, stepSettings } from './training/settings.ts'
export { initialState, type TrainState } from './training/state.ts'
