import { type Dtype, nn, noGrad, type Tensor } from '@robust-jem/torch'

const inComputeDtype = (parameter: Tensor, owner: nn.Module, dtype: Dtype): Tensor =>
  owner instanceof nn.Conv2d
    ? parameter.to({ dtype, memoryFormat: parameter.shape.length === 4 ? 'channels_last' : undefined })
    : parameter

/**
 * The network with its convolutions in `dtype` (activations follow them; norms, the last layer and all statistics stay in
 * float32), still differentiable to the parameters. Make it once per loss, so that weights are cast once.
 */
export const inPrecision = <N extends nn.Module>(network: N, dtype: Dtype): N =>
  network.map((parameter, _name, owner) => inComputeDtype(parameter, owner, dtype))

/**
 * As `inPrecision`, but constants: an input gradient through it computes no gradient of a weight. Buffers are shared with
 * the network. Make it once per optimiser step; it is stale after the next.
 */
export const frozen = <N extends nn.Module>(network: N, dtype: Dtype): N =>
  noGrad(() => network.map((parameter, _name, owner) => inComputeDtype(parameter.detach(), owner, dtype)))
