/**
 * TensorFlow's frozen graphs: constants and attributes of a GraphDef (tensorflow/core/framework/*.proto), plain or inside a
 * gzipped tar archive. Only what holds weights is decoded.
 */
import { gunzipSync } from 'node:zlib'
import { fromBytes, noGrad, scope, type Tensor, tensor } from '@robust-jem/torch'
import { Root, type Type } from 'protobufjs/light.js'
import { inceptionLayers } from './inception-layers.ts'
import type { FoldedConvolution, InceptionWeights } from './inception-v3.ts'

/** Field numbers of graph.proto, node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto. */
const descriptor = {
  nested: {
    GraphDef: { fields: { node: { rule: 'repeated', type: 'NodeDef', id: 1 } } },
    NodeDef: {
      fields: {
        name: { type: 'string', id: 1 },
        op: { type: 'string', id: 2 },
        attr: { keyType: 'string', type: 'AttrValue', id: 5 },
      },
    },
    AttrValue: {
      fields: { f: { type: 'float', id: 4 }, b: { type: 'bool', id: 5 }, tensor: { type: 'TensorProto', id: 8 } },
    },
    TensorProto: {
      fields: {
        dtype: { type: 'int32', id: 1 },
        tensorShape: { type: 'TensorShapeProto', id: 2 },
        tensorContent: { type: 'bytes', id: 4 },
        floatVal: { rule: 'repeated', type: 'float', id: 5 },
      },
    },
    TensorShapeProto: { fields: { dim: { rule: 'repeated', type: 'Dim', id: 2 } } },
    Dim: { fields: { size: { type: 'int64', id: 1 } } },
  },
}

interface TensorProto {
  dtype: number
  tensorShape?: { dim: { size: number | { toString(): string } }[] }
  tensorContent: Uint8Array
  floatVal: number[]
}
interface NodeDef {
  name: string
  op: string
  attr: Record<string, { f: number; b: boolean; tensor?: TensorProto } | undefined>
}
export type FrozenGraph = ReadonlyMap<string, NodeDef>

const graphDef = (): Type => Root.fromJSON(descriptor).lookupType('GraphDef')

/** The nodes of a GraphDef by name. Throws an Error where the bytes are none or are cut off. */
export function readFrozenGraph(bytes: Uint8Array): FrozenGraph {
  const { node } = graphDef().decode(bytes) as unknown as { node: NodeDef[] }
  return new Map(node.map((n) => [n.name, n]))
}

/** DT_FLOAT of types.proto. */
const float32 = 1

/** A float32 constant of the graph. Throws an Error where it is of another type, or has not the elements of its shape. */
function constant(graph: FrozenGraph, name: string): Tensor | undefined {
  const proto = graph.get(name)?.attr.value?.tensor
  if (!proto) return undefined
  if (proto.dtype !== float32) throw new Error(`${name} is not float32.`)
  const shape = (proto.tensorShape?.dim ?? []).map(({ size }) => Number(size))
  const count = shape.reduce((product, size) => product * size, 1)
  if (proto.tensorContent.length === 4 * count) return fromBytes(proto.tensorContent, { shape, dtype: 'float32' })
  // One value stands for all, as TensorFlow shortens constants of equal elements.
  const values = proto.floatVal.length === 1 ? new Float32Array(count).fill(proto.floatVal[0]!) : proto.floatVal
  if (proto.tensorContent.length > 0 || values.length !== count)
    throw new Error(`${name} does not have the ${count} elements of its shape.`)
  return tensor(Float32Array.from(values), { shape })
}

/** Inception's weights out of its graph, batch norm folded in; layers that the graph lacks are left out. */
export function weightsOfGraph(graph: FrozenGraph): InceptionWeights {
  const convolutions = new Map<string, FoldedConvolution>()
  for (const { name, tensorflow } of inceptionLayers) {
    const folded = noGrad(() =>
      scope(() => {
        const kernel = constant(graph, `${tensorflow}/conv2d_params`) // [kH, kW, in, out]
        const norm = graph.get(`${tensorflow}/batchnorm`)
        const [beta, gamma, mean, variance] = ['beta', 'gamma', 'moving_mean', 'moving_variance'].map((part) =>
          constant(graph, `${tensorflow}/batchnorm/${part}`),
        )
        if (!kernel || !beta || !mean || !variance) return undefined
        if (kernel.shape.length !== 4) throw new Error(`${tensorflow}/conv2d_params has not four dimensions.`)
        return foldBatchNorm(kernel.permute([3, 2, 0, 1]), {
          beta,
          gamma: norm?.attr.scale_after_normalization?.b === false ? undefined : gamma,
          mean,
          variance,
          epsilon: norm?.attr.variance_epsilon?.f ?? 0.001,
        })
      }),
    )
    if (folded) convolutions.set(name, folded)
  }
  const classes = constant(graph, 'softmax/weights') // [2048, 1008]
  return { convolutions, classes: classes?.t().contiguous() }
}

/** γ·(conv(x, W) − mean)/√(variance + ε) + β as one convolution with a bias, folded in float64. */
export const foldBatchNorm = (
  weight: Tensor, // [out, in, kH, kW]
  norm: { beta: Tensor; gamma?: Tensor | undefined; mean: Tensor; variance: Tensor; epsilon: number },
): FoldedConvolution =>
  noGrad(() =>
    scope(() => {
      const deviation = norm.variance.double().add(norm.epsilon).sqrt()
      const scale = norm.gamma ? norm.gamma.double().div(deviation) : deviation.reciprocal() // [out]
      return {
        weight: weight
          .double()
          .mul(scale.reshape([-1, 1, 1, 1]))
          .float()
          .contiguous(),
        bias: norm.beta.double().sub(norm.mean.double().mul(scale)).float(),
      }
    }),
  )

/** The graph is 96 MB; nothing in its archive is larger. */
const mostBytes = 2 ** 28

/** The first `.pb` file in a gzipped tar archive. Throws an Error where the archive is damaged or holds none. */
export function graphInArchive(archive: Uint8Array): Uint8Array {
  const tar = gunzipSync(archive, { maxOutputLength: mostBytes })
  const text = (from: number, length: number) => tar.toString('latin1', from, from + length).split('\0', 1)[0]!
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8)
    if (!(size >= 0) || at + 512 + size > tar.length) throw new Error('The archive breaks off early.')
    if (text(at, 100).endsWith('.pb')) return tar.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  throw new Error('The archive holds no .pb file.')
}
