/** Opening a model for a command that draws or classifies. */
import { basename } from 'node:path'
import type { Dtype } from '@robust-jem/torch'
import { nearest } from '../config/nearest.ts'
import type { ClassGaussians } from '../data/class-gaussian.ts'
import type { Logits } from '../energy.ts'
import { UserError } from '../errors.ts'
import type { Model, Weights } from '../models/model-file.ts'
import type { GlobalValues } from './command.ts'
import { loadEngine, type OpenDevice, openDevice } from './device.ts'
import type { OptionDeclarations } from './options.ts'
import type { Terminal } from './terminal.ts'

export const modelArgument = {
  description:
    'A run directory, a checkpoint in it, a .safetensors model file, or cifar10, the model that travels with the project.',
} as const

export const modelOptions = {
  weights: {
    kind: 'string',
    choices: ['ema', 'raw'],
    description: "Averaged or last weights. Default: as the model's settings say, averaged where they are kept.",
  },
} as const satisfies OptionDeclarations

export interface OpenModel extends OpenDevice {
  model: Model
  /** f(x) with running or batch statistics, constant weights; convolutions in the model's precision or another. */
  f: (statistics: 'running' | 'batch', dtype?: Dtype) => Logits
}

export async function openModel(
  path: string,
  options: Pick<GlobalValues, 'device' | 'threads'> & { weights: Weights | undefined },
  terminal: Terminal,
): Promise<OpenModel> {
  await loadEngine()
  const { loadModel } = await import('../models/model-file.ts')
  const { frozen } = await import('../models/precision.ts')
  const model = loadModel(path, { weights: options.weights })
  const opened = await openDevice(options, { terminal, precision: model.config.precision })
  const network = model.network.to({ device: opened.device })
  const f: OpenModel['f'] = (statistics, dtype = opened.precision) => {
    const constant = frozen(network, dtype)
    return (x) => constant.forward(x, statistics === 'batch' ? 'batch-frozen' : statistics)
  }
  terminal.note(
    `${model.path}: ${model.weights} weights ${model.sha256.slice(0, 12)}, ${model.provenance.step ?? '?'} steps on ${model.provenance.data ?? 'unknown data'}`,
  )
  return { ...opened, model, f }
}

/** The class Gaussians beside a model; undefined where there are none. Throws a UserError where they are damaged or of other classes. */
export async function gaussiansOf({
  model,
  device,
}: Pick<OpenModel, 'model' | 'device'>): Promise<ClassGaussians | undefined> {
  const { loadClassGaussians } = await import('../data/class-gaussian.ts')
  const path = model.gaussians
  if (path === undefined) return undefined
  const remedy = `Copy ${basename(path)} of the model's run there.`
  return loadClassGaussians(path, remedy, { name: 'the model', classes: model.classNames.length }).to({ device })
}

/** The same for those who cannot do without: throws a UserError where there are none. */
export async function requiredGaussians(open: Pick<OpenModel, 'model' | 'device'>): Promise<ClassGaussians> {
  const gaussians = await gaussiansOf(open)
  if (gaussians) return gaussians
  const { path } = open.model
  throw new UserError(
    'gaussians-missing',
    `The class Gaussians are not beside ${path}. Copy class-gaussians.safetensors of its run there.`,
    { path },
  )
}

/** The index of a class that the user names, or by its number. */
export function classIndex(name: string, classNames: readonly string[]): number {
  const found = classNames.indexOf(name)
  if (found >= 0) return found
  if (/^\d+$/.test(name) && Number(name) < classNames.length) return Number(name)
  const meant = nearest(name, classNames)
  throw new UserError(
    'class-unknown',
    `The model knows no class '${name}'${meant ? `; did you mean '${meant}'?` : '.'} Its classes are ${classNames.join(', ')}.`,
    {
      exitCode: 2,
      expected: classNames,
      received: name,
    },
  )
}
