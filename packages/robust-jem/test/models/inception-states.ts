/** Random weights of Inception-v3 by the names of PyTorch's ports, batch norm apart; and small files of TensorFlow's graphs. */
import { gzipSync } from 'node:zlib'
import { Generator, rand, randn, type Tensor, toBytes } from '@robust-jem/torch'
import { Writer } from 'protobufjs/light.js'
import { type FeatureDim, inceptionLayers } from '../../src/models/inception-layers.ts'

export type State = Record<string, Tensor>

/** Layers of the depths up to `depth`, scaled so that activations neither vanish nor explode; classes with 2048. */
export function randomState(depth: FeatureDim, seed: number): State {
  const generator = new Generator(seed)
  const state: State = {}
  for (const { name, shape, depth: needed } of inceptionLayers) {
    if (needed > depth) continue
    const [outputs, inputs, height, width] = shape
    state[`${name}.conv.weight`] = randn(shape, { generator }).mul(Math.sqrt(2 / (inputs * height * width)))
    state[`${name}.bn.weight`] = rand([outputs], { generator }).add(0.5)
    state[`${name}.bn.bias`] = randn([outputs], { generator }).mul(0.1)
    state[`${name}.bn.running_mean`] = randn([outputs], { generator }).mul(0.1)
    state[`${name}.bn.running_var`] = rand([outputs], { generator }).add(0.5)
  }
  if (depth === 2048) {
    state['fc.weight'] = randn([1008, 2048], { generator }).mul(0.02)
    state['fc.bias'] = randn([1008], { generator })
  }
  return state
}

interface GraphNode {
  name: string
  value?: Tensor
  /** Written as one value that stands for all. */
  shared?: boolean
  scaled?: boolean
  epsilon?: number
}

/** A GraphDef of these constants and batch norms, field by field. */
export function graphFile(nodes: readonly GraphNode[]): Uint8Array {
  const graph = Writer.create()
  for (const { name, value, shared, scaled, epsilon } of nodes) {
    const node = graph
      .uint32(10)
      .fork()
      .uint32(10)
      .string(name)
      .uint32(18)
      .string(value ? 'Const' : 'BatchNorm')
    const attribute = (key: string, write: (w: Writer) => Writer) =>
      write(node.uint32(42).fork().uint32(10).string(key).uint32(18).fork()).ldelim().ldelim()
    if (value) {
      attribute('dtype', (w) => w.uint32(48).int32(1))
      attribute('value', (w) => {
        const proto = w.uint32(66).fork().uint32(8).int32(1)
        const shape = proto.uint32(18).fork()
        for (const size of value.shape) shape.uint32(18).fork().uint32(8).int64(size).ldelim()
        shape.ldelim()
        if (shared) proto.uint32(42).fork().float(value.max().item()).ldelim()
        else proto.uint32(34).bytes(toBytes(value))
        return proto.ldelim()
      })
    }
    if (epsilon !== undefined) attribute('variance_epsilon', (w) => w.uint32(37).float(epsilon))
    if (scaled !== undefined) attribute('scale_after_normalization', (w) => w.uint32(40).bool(scaled))
    node.ldelim()
  }
  return graph.finish()
}

/** The same weights as TensorFlow's graph has them. */
export function graphOf(state: State, { scaled = true, epsilon = 0.001 } = {}): Uint8Array {
  const nodes = inceptionLayers.flatMap(({ name, tensorflow }): GraphNode[] => {
    const of = (part: string) => state[`${name}.${part}`]!
    if (!state[`${name}.conv.weight`]) return []
    return [
      { name: `${tensorflow}/conv2d_params`, value: of('conv.weight').permute([2, 3, 1, 0]).contiguous() },
      { name: `${tensorflow}/batchnorm`, scaled, epsilon },
      { name: `${tensorflow}/batchnorm/beta`, value: of('bn.bias') },
      { name: `${tensorflow}/batchnorm/gamma`, value: of('bn.weight') },
      { name: `${tensorflow}/batchnorm/moving_mean`, value: of('bn.running_mean') },
      { name: `${tensorflow}/batchnorm/moving_variance`, value: of('bn.running_var') },
    ]
  })
  const classes = state['fc.weight']
  return graphFile(classes ? [...nodes, { name: 'softmax/weights', value: classes.t().contiguous() }] : nodes)
}

/** A gzipped tar archive (ustar). */
export function archiveOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const parts: Buffer[] = []
  for (const [name, bytes] of Object.entries(files)) {
    const header = Buffer.alloc(512)
    header.write(name)
    header.write(bytes.length.toString(8).padStart(11, '0'), 124)
    header.write('ustar\0', 257)
    parts.push(header, Buffer.from(bytes), Buffer.alloc(-bytes.length & 511))
  }
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]), { level: 1 })
}
