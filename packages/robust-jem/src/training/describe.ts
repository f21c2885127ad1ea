import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadSafetensors, scope } from '@robust-jem/torch'
import { describeModel, hashTensors, loadModel, MODEL_FILES, type ModelDescription } from '../models/model-file.ts'
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
    const model = loadModel(path, { weights: 'raw' })
    const folder = statSync(path).isDirectory() ? dirname(model.path) : undefined
    const beside = (name: string) => (folder && existsSync(join(folder, name)) ? join(folder, name) : undefined)
    const ema = beside(MODEL_FILES.ema)
    const training = beside(TRAINING_FILE)
    const images = training && loadSafetensors(training).tensors['buffer.images']
    const { step } = model.provenance
    return {
      path: model.path,
      step: typeof step === 'number' ? step : null,
      description: describeModel(model.path),
      hashes: {
        weights_sha256: model.sha256,
        ema_sha256: ema ? hashTensors(loadSafetensors(ema).tensors) : null,
        buffer_sha256: images ? hashTensors({ images }) : null,
      },
    }
  })
}
