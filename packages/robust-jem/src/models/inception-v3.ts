/**
 * Inception-v3 of 2015-12-05, the network of FID, KID and the Inception score. It differs from later Inception-v3s: average
 * pools leave the border out of their means, and the last block pools by the maximum.
 */
import { cat, conv2d, type Device, type Dtype, noGrad, scope, type Tensor } from '@robust-jem/torch'
import {
  type FeatureDim,
  featureDims,
  type InceptionLayer,
  inceptionClasses,
  inceptionLayers,
} from './inception-layers.ts'

/** Batch norm folded in: y = ReLU(conv(x, weight) + bias). */
export interface FoldedConvolution {
  weight: Tensor // [out, in, kH, kW]
  bias: Tensor // [out]
}

export interface InceptionWeights {
  /** By the names of `inceptionLayers`. */
  convolutions: ReadonlyMap<string, FoldedConvolution>
  /** [1008, 2048], without a bias: the Inception score takes none. */
  classes?: Tensor | undefined
}

export interface InceptionOutput {
  /** float32 [N, d] of each width asked for. */
  features: Map<FeatureDim, Tensor>
  /** float32 [N, 1008], where asked for. */
  logits?: Tensor
}

type Layer = (x: Tensor) => Tensor

export class InceptionV3 {
  /** Widths that the weights suffice for. */
  readonly dims: readonly FeatureDim[]
  readonly device: Device
  readonly #layers = new Map<string, Layer>()
  readonly #classes: Tensor | undefined
  readonly #dtype: Dtype

  /**
   * A network as deep as the weights go: all that a width needs, or not that width. Throws an Error where a shape is wrong or
   * not even the least width is complete. `dtype` is that of the convolutions; features are float32.
   */
  constructor(
    { convolutions, classes }: InceptionWeights,
    { device = 'cpu', dtype = 'float32' }: { device?: Device; dtype?: Dtype } = {},
  ) {
    const lacking = inceptionLayers.find(({ name }) => !convolutions.has(name))
    this.dims = featureDims.filter((dim) => !lacking || dim < lacking.depth)
    if (this.dims.length === 0) throw new Error(`There is no ${lacking!.name}.`)
    this.device = device
    this.#dtype = dtype
    for (const layer of inceptionLayers) {
      if (!lacking || layer.depth < lacking.depth)
        this.#layers.set(layer.name, layerOf(layer, convolutions.get(layer.name)!, device, dtype))
    }
    if (classes && this.dims.includes(2048)) {
      expectShape('the class weights', classes, [inceptionClasses, 2048])
      this.#classes = classes.to({ device, dtype: 'float32' }).keep()
    }
  }

  /** Whether the Inception score can be computed. */
  get hasClasses(): boolean {
    return this.#classes !== undefined
  }

  /** x: float32 [N, 3, 299, 299], (u − 128)/128 of pixels u; other sizes from 75 on work too. Runs as deep as asked. */
  forward(x: Tensor, dims: readonly FeatureDim[], { logits = false } = {}): InceptionOutput {
    const missing = dims.find((dim) => !this.dims.includes(dim)) ?? (logits && !this.hasClasses ? 'logits' : undefined)
    if (missing) throw new RangeError(`These weights do not reach ${missing}; they give ${this.dims.join(', ')}.`)
    const deepest = logits ? 2048 : Math.max(...dims)
    return noGrad(() =>
      scope(() => {
        const output: InceptionOutput = { features: new Map() }
        let h = x.to({ dtype: this.#dtype, memoryFormat: 'channels_last' })
        for (const [dim, stage] of this.#stages()) {
          if (dim > deepest) break
          h = stage(h)
          const pooled = h.mean([2, 3], { dtype: 'float32' }) // [N, dim]
          if (dims.includes(dim)) output.features.set(dim, pooled)
          if (dim === 2048 && logits) output.logits = pooled.matmul(this.#classes!.t()) // [N, 1008]
        }
        return output
      }),
    )
  }

  /** What lies between one width and the next. Sizes are those of 299 × 299 images. */
  #stages(): [FeatureDim, Layer][] {
    const conv = (name: string): Layer => this.#layers.get(name)!
    const chain = (block: string, ...branches: string[]): Layer =>
      compose(...branches.map((branch) => conv(`${block}.${branch}`)))
    const dbl3 = ['branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3']
    const a = (b: string): Layer => {
      const pooled = compose(averagePool, chain(b, 'branch_pool'))
      return sideBySide(chain(b, 'branch1x1'), chain(b, 'branch5x5_1', 'branch5x5_2'), chain(b, ...dbl3), pooled)
    }
    const b = (b: string): Layer => sideBySide(chain(b, 'branch3x3'), chain(b, ...dbl3), halvingPool)
    const c = (b: string): Layer =>
      sideBySide(
        chain(b, 'branch1x1'),
        chain(b, ...[1, 2, 3].map((i) => `branch7x7_${i}`)),
        chain(b, ...[1, 2, 3, 4, 5].map((i) => `branch7x7dbl_${i}`)),
        compose(averagePool, chain(b, 'branch_pool')),
      )
    const d = (b: string): Layer =>
      sideBySide(
        chain(b, 'branch3x3_1', 'branch3x3_2'),
        chain(b, ...[1, 2, 3, 4].map((i) => `branch7x7x3_${i}`)),
        halvingPool,
      )
    const e = (b: string, pool: Layer): Layer =>
      sideBySide(
        chain(b, 'branch1x1'),
        compose(chain(b, 'branch3x3_1'), sideBySide(chain(b, 'branch3x3_2a'), chain(b, 'branch3x3_2b'))),
        compose(
          chain(b, 'branch3x3dbl_1', 'branch3x3dbl_2'),
          sideBySide(chain(b, 'branch3x3dbl_3a'), chain(b, 'branch3x3dbl_3b')),
        ),
        compose(pool, chain(b, 'branch_pool')),
      )
    // Built when it runs: a trunk lacks the later layers.
    return [
      [64, (x) => compose(...['1a', '2a', '2b'].map((i) => conv(`Conv2d_${i}_3x3`)), halvingPool)(x)], // 73 × 73
      [192, (x) => compose(conv('Conv2d_3b_1x1'), conv('Conv2d_4a_3x3'), halvingPool)(x)], // 35 × 35
      [
        768,
        (x) =>
          compose(
            ...'bcd'.split('').map((i) => a(`Mixed_5${i}`)),
            b('Mixed_6a'),
            ...'bcde'.split('').map((i) => c(`Mixed_6${i}`)),
          )(x),
      ], // 17 × 17
      [2048, (x) => compose(d('Mixed_7a'), e('Mixed_7b', averagePool), e('Mixed_7c', maximumPool))(x)], // 8 × 8
    ]
  }
}

/** One after another; what lies between is freed at once. */
const compose =
  (...layers: Layer[]): Layer =>
  (x) => {
    let h = x
    for (const layer of layers) {
      const next = layer(h)
      if (h !== x) h.dispose()
      h = next
    }
    return h
  }
/** Branches from the same input, their channels one after another. */
const sideBySide =
  (...branches: Layer[]): Layer =>
  (x) =>
    scope(() =>
      cat(
        branches.map((branch) => branch(x)),
        { dim: 1 },
      ),
    )
const halvingPool: Layer = (x) => x.maxPool2d(3, { stride: 2 })
const averagePool: Layer = (x) => x.avgPool2d(3, { stride: 1, padding: 1, countIncludePad: false })
const maximumPool: Layer = (x) => x.maxPool2d(3, { stride: 1, padding: 1 })

function layerOf(layer: InceptionLayer, given: FoldedConvolution, device: Device, dtype: Dtype): Layer {
  const { name, shape, stride, padding } = layer
  expectShape(name, given.weight, shape)
  expectShape(`the bias of ${name}`, given.bias, shape.slice(0, 1))
  const weight = given.weight.to({ device, dtype, memoryFormat: 'channels_last' }).keep()
  const bias = given.bias.to({ device, dtype }).keep()
  return (x) => scope(() => conv2d(x, weight, { bias, stride, padding }).relu())
}

function expectShape(what: string, { shape }: Tensor, expected: readonly number[]): void {
  if (shape.join() !== expected.join())
    throw new Error(`The shape of ${what} is [${shape.join(', ')}], not [${expected.join(', ')}].`)
}
