/** Everything that decides how a training goes on, as one value. */
import { type Device, Generator, optim, type Tensor } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'
import type { ClassGaussians } from '../data/class-gaussian.ts'
import type { ImageSet } from '../data/image-set.ts'
import { Loader } from '../data/loader.ts'
import { buildNetwork } from '../models/model-file.ts'
import type { WideResNet } from '../models/wide-resnet.ts'
import { ReplayBuffer } from '../samplers/replay-buffer.ts'
import { startsOf } from '../samplers/starts.ts'
import type { Memory } from '../systems/system.ts'
import type { Position } from './schedule.ts'

export interface TrainState extends Position {
  network: WideResNet
  /** Average of parameters and running statistics, by state-dict name; null where none is kept. */
  average: optim.Ema | null
  optimizer: optim.Optimizer
  /** Chains that persist; null until the joint phase begins. */
  buffer: ReplayBuffer | null
  /** x⁺ and labelled images come from two independent shuffles. */
  loaders: { positives: Loader; labelled: Loader }
  /** One stream of random numbers per purpose, all split from the seed. */
  streams: { positives: Generator; labelled: Generator; chain: Generator; attack: Generator }
  /** What the system carries from step to step: a curriculum's position. */
  memory: Memory | null
  /** How often the training diverged and went back, to which step the last time, and the factor on the learning rate since. */
  rescues: number
  returnedTo: number | null
  gentleness: number
}

/** What is averaged: parameters and floating-point buffers. */
export const averaged = (network: WideResNet): Map<string, Tensor> =>
  new Map(Object.entries(network.stateDict()).filter(([, tensor]) => tensor.dtype === 'float32'))

/** The state dict with averages in place of the raw values. */
export const averagedStateDict = ({ network, average }: TrainState): Record<string, Tensor> => ({
  ...network.stateDict(),
  ...Object.fromEntries(average?.average ?? []),
})

export function initialState(config: Config, train: ImageSet, device: Device): TrainState {
  const seed = new Generator(config.seed)
  const streams = {
    positives: seed.split('positives'),
    labelled: seed.split('labelled'),
    chain: seed.split('chain', device),
    attack: seed.split('attack', device),
  }
  const network = buildNetwork(config, train.classNames.length, seed.split('init')).to({ device })
  const { name, learningRate: lr, momentum, nesterov, weightDecay, batchSize, labelledBatchSize } = config.optimizer
  const parameters = network.namedParameters()
  const count = train.labels.length
  return {
    network,
    average: config.ema.decay > 0 ? new optim.Ema(averaged(network), config.ema.decay) : null,
    optimizer:
      name === 'sgd'
        ? new optim.SGD(parameters, { lr, momentum, nesterov, weightDecay })
        : new optim.Adam(parameters, { lr, weightDecay }),
    buffer: null,
    loaders: {
      positives: new Loader(count, batchSize, streams.positives),
      labelled: new Loader(count, labelledBatchSize ?? batchSize, streams.labelled),
    },
    streams,
    memory: null,
    rescues: 0,
    returnedTo: null,
    gentleness: 1,
    step: 0,
    seconds: 0,
    begunAt: 0,
  }
}

/** The buffer that the joint phase begins with: every chain a fresh start. */
export const freshBuffer = (config: Config, gaussians: ClassGaussians, state: TrainState): ReplayBuffer =>
  ReplayBuffer.fill(
    config.buffer,
    gaussians.mean.shape[0]!,
    startsOf(config.buffer.start, gaussians),
    gaussians.shape,
    state.streams.chain,
  )
