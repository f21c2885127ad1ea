/** Which network a public checkpoint holds: the Wide ResNets of JEM and JEM++, told by the names and shapes of their tensors. */
import { Generator, type Tensor } from '@robust-jem/torch'
import type { Config } from '../config/schema.ts'
import { cifar10ClassNames } from '../data/cifar10.ts'
import { UserError } from '../errors.ts'
import { buildNetwork } from './model-file.ts'
import { unusedInCheckpoints, type WideResNet } from './wide-resnet.ts'

type State = Readonly<Record<string, Tensor>>

export interface RecognisedNetwork {
  depth: number
  width: number
  norm: Config['model']['norm']
  classes: number
}

const foreign = (fact: string) =>
  new UserError(
    'model-foreign',
    `The checkpoint holds no network that is known: ${fact}. Import a Wide ResNet of JEM or JEM++ (f.conv1, f.layer1, …, class_output).`,
  )

/**
 * Depth 6n + 4, width k, norm and classes of a state dict. Throws a UserError where the convolutions are not those of such a
 * network; what else differs is found when the state is loaded.
 */
export function recogniseWideResNet(state: State): RecognisedNetwork {
  const expectShape = (name: string, shape: readonly number[]) => {
    const found = Object.hasOwn(state, name) ? state[name]!.shape : undefined
    if (!found) throw foreign(`it has no ${name}`)
    if (found.join() !== shape.join()) throw foreign(`${name} is [${found.join(', ')}], expected [${shape.join(', ')}]`)
  }
  const outputsOf = (name: string) => (Object.hasOwn(state, name) ? (state[name]!.shape[0] ?? 0) : 0)
  const width = outputsOf('f.layer1.0.conv1.weight') / 16
  const blocks = Object.keys(state).filter((name) => /^f\.layer1\.\d+\.conv1\.weight$/.test(name)).length
  const classes = outputsOf('class_output.weight')
  expectShape('f.conv1.weight', [16, 3, 3, 3])
  // All of it, before a network of that size is built.
  for (const [group, channels] of [16 * width, 32 * width, 64 * width].entries()) {
    for (let block = 0; block < Math.max(1, blocks); block++) {
      const inputs = block > 0 ? channels : group === 0 ? 16 : channels / 2
      expectShape(`f.layer${group + 1}.${block}.conv1.weight`, [channels, inputs, 3, 3])
      expectShape(`f.layer${group + 1}.${block}.conv2.weight`, [channels, channels, 3, 3])
    }
  }
  expectShape('class_output.weight', [classes, 64 * width])
  expectShape('class_output.bias', [classes])
  if (!Number.isInteger(width) || width < 1)
    throw foreign(`its groups begin with ${16 * width} channels, no multiple of 16`)
  if (classes < 2) throw foreign(`it has ${classes} class`)
  return { depth: 6 * blocks + 4, width, norm: Object.hasOwn(state, 'f.bn1.weight') ? 'batch' : 'none', classes }
}

/** `preset` with that network's architecture. */
export const configOf = (preset: Config, { depth, width, norm }: RecognisedNetwork): Config => ({
  ...preset,
  model: { ...preset.model, depth, width, norm },
})

/** CIFAR-10's names for ten classes, else numbers. */
export const classNamesOf = (classes: number): string[] =>
  classes === cifar10ClassNames.length ? [...cifar10ClassNames] : Array.from({ length: classes }, (_, c) => String(c))

/** The network with the state's values, in float32. Throws a UserError that names what does not fit. */
export function networkOfState(state: State, config: Config, classes: number): WideResNet {
  const network = buildNetwork(config, classes, new Generator(0))
  try {
    network.loadStateDict(state, { ignore: unusedInCheckpoints })
  } catch (error) {
    const { depth, width, norm } = config.model
    throw new UserError(
      'model-mismatch',
      `The checkpoint looks like a WRN-${depth}-${width}, norm ${norm}, but is none. ${(error as Error).message}`,
    )
  }
  return network
}
