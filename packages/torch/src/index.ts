export { backward, enableGrad, type GradOptions, grad, noGrad } from './autograd.ts'
export {
  arange,
  empty,
  eye,
  fromBytes,
  full,
  linspace,
  ones,
  type RandomOptions,
  rand,
  randint,
  randn,
  randperm,
  type TensorOptions,
  tensor,
  toBytes,
  zeros,
} from './create.ts'
export { op, operators, schemaOf } from './dispatch.ts'
export * as nn from './nn/index.ts'
export { useOneDnn, usesOneDnn } from './onednn.ts'
export * from './ops.ts'
export * as optim from './optim/index.ts'
export { Generator } from './random.ts'
export * from './runtime.ts'
export { loadSafetensors, readSafetensorsMetadata, type SafetensorsFile, saveSafetensors } from './safetensors.ts'
export { scope } from './scope.ts'
export { type Device, type Dtype, type MemoryFormat, type NestedArray, type Shape, Tensor } from './tensor.ts'
