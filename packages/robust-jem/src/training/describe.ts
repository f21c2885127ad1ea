import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadSafetensors, scope } from '@robust-jem/torch'
import {
  describeModel,
  hashTensors,
  loadModel,
  MODEL_FILES,
  type ModelDescription,
  modelPath,
  type Weights,
} from '../models/model-file.ts'
import { TRAINING_FILE } from './checkpoint.ts'

export interface RunDescription {
  path: string
  step: number | null
  description: ModelDescription
  /** null where there is no such part. */
  hashes: { weights_sha256: string | null; ema_sha256: string | null; buffer_sha256: string | null }
}

/** Of a run's newest checkpoint, a checkpoint, or a model file. Throws a UserError as `loadModel` does. */
export function describeRun(path: string): RunDescription {
  return scope(() => {
    const model = loadModel(path)
    const folder = statSync(modelPath(path)).isDirectory() ? dirname(model.path) : undefined
    const beside = (name: string) =>
      folder && existsSync(join(folder, name)) ? loadSafetensors(join(folder, name)).tensors : undefined
    const hashOf = (weights: Weights) => {
      if (model.weights === weights) return model.sha256
      const tensors = beside(MODEL_FILES[weights])
      return tensors ? hashTensors(tensors) : null
    }
    const images = beside(TRAINING_FILE)?.['buffer.images']
    const { step } = model.provenance
    return {
      path: folder ?? model.path,
      step: typeof step === 'number' ? step : null,
      description: describeModel(model.path),
      hashes: {
        weights_sha256: hashOf('raw'),
        ema_sha256: hashOf('ema'),
        buffer_sha256: images ? hashTensors({ images }) : null,
      },
    }
  })
}
