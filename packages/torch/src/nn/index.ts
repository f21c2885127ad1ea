export { type BatchNormState, type BatchStatistics, batchNorm, batchNormLeakyRelu, crossEntropy } from './functional.ts'
export { BatchNorm2d, Conv2d, type Conv2dOptions, Linear } from './layers.ts'
export { Module } from './module.ts'
