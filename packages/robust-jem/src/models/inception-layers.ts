/**
 * The 94 convolutions of Inception-v3 as released on 2015-12-05 (Szegedy et al. 2015, classify_image_graph_def.pb), by the
 * names of its PyTorch ports and of its TensorFlow graph. Each is followed by batch norm (γ = 1, ε = 0.001) and ReLU.
 */

/** Widths of the features that are in use; each is the mean over the map at one depth. */
export const featureDims = [64, 192, 768, 2048] as const
export type FeatureDim = (typeof featureDims)[number]

export interface InceptionLayer {
  /** 'Mixed_5b.branch5x5_1'. */
  name: string
  /** 'mixed/tower/conv'. */
  tensorflow: string
  /** [out, in, height, width]. */
  shape: readonly [number, number, number, number]
  stride: 1 | 2
  padding: readonly [number, number]
  /** The first feature that needs it. */
  depth: FeatureDim
}

/** Name, TensorFlow's name, inputs, outputs, kernel, and 'valid' (no padding) or 'halved' (no padding, stride 2). */
type Row = readonly [string, string, number, number, readonly [number, number], ('valid' | 'halved')?]

const one = [1, 1] as const
const three = [3, 3] as const
const five = [5, 5] as const
const wide = (n: number) => [1, n] as const
const tall = (n: number) => [n, 1] as const

/** 35 × 35: 1×1, 5×5, two 3×3 and a pooled branch. */
const blockA = (inputs: number, pooled: number): Row[] => [
  ['branch1x1', 'conv', inputs, 64, one],
  ['branch5x5_1', 'tower/conv', inputs, 48, one],
  ['branch5x5_2', 'tower/conv_1', 48, 64, five],
  ['branch3x3dbl_1', 'tower_1/conv', inputs, 64, one],
  ['branch3x3dbl_2', 'tower_1/conv_1', 64, 96, three],
  ['branch3x3dbl_3', 'tower_1/conv_2', 96, 96, three],
  ['branch_pool', 'tower_2/conv', inputs, pooled, one],
]
/** 35 × 35 to 17 × 17. */
const blockB: Row[] = [
  ['branch3x3', 'conv', 288, 384, three, 'halved'],
  ['branch3x3dbl_1', 'tower/conv', 288, 64, one],
  ['branch3x3dbl_2', 'tower/conv_1', 64, 96, three],
  ['branch3x3dbl_3', 'tower/conv_2', 96, 96, three, 'halved'],
]
/** 17 × 17: 7×7 as 1×7 and 7×1, once and twice. */
const blockC = (c: number): Row[] => [
  ['branch1x1', 'conv', 768, 192, one],
  ['branch7x7_1', 'tower/conv', 768, c, one],
  ['branch7x7_2', 'tower/conv_1', c, c, wide(7)],
  ['branch7x7_3', 'tower/conv_2', c, 192, tall(7)],
  ['branch7x7dbl_1', 'tower_1/conv', 768, c, one],
  ['branch7x7dbl_2', 'tower_1/conv_1', c, c, tall(7)],
  ['branch7x7dbl_3', 'tower_1/conv_2', c, c, wide(7)],
  ['branch7x7dbl_4', 'tower_1/conv_3', c, c, tall(7)],
  ['branch7x7dbl_5', 'tower_1/conv_4', c, 192, wide(7)],
  ['branch_pool', 'tower_2/conv', 768, 192, one],
]
/** 17 × 17 to 8 × 8. */
const blockD: Row[] = [
  ['branch3x3_1', 'tower/conv', 768, 192, one],
  ['branch3x3_2', 'tower/conv_1', 192, 320, three, 'halved'],
  ['branch7x7x3_1', 'tower_1/conv', 768, 192, one],
  ['branch7x7x3_2', 'tower_1/conv_1', 192, 192, wide(7)],
  ['branch7x7x3_3', 'tower_1/conv_2', 192, 192, tall(7)],
  ['branch7x7x3_4', 'tower_1/conv_3', 192, 192, three, 'halved'],
]
/** 8 × 8: 3×3 split into 1×3 and 3×1 side by side. */
const blockE = (inputs: number): Row[] => [
  ['branch1x1', 'conv', inputs, 320, one],
  ['branch3x3_1', 'tower/conv', inputs, 384, one],
  ['branch3x3_2a', 'tower/mixed/conv', 384, 384, wide(3)],
  ['branch3x3_2b', 'tower/mixed/conv_1', 384, 384, tall(3)],
  ['branch3x3dbl_1', 'tower_1/conv', inputs, 448, one],
  ['branch3x3dbl_2', 'tower_1/conv_1', 448, 384, three],
  ['branch3x3dbl_3a', 'tower_1/mixed/conv', 384, 384, wide(3)],
  ['branch3x3dbl_3b', 'tower_1/mixed/conv_1', 384, 384, tall(3)],
  ['branch_pool', 'tower_2/conv', inputs, 192, one],
]

const layer = (depth: FeatureDim, [name, tensorflow, inputs, outputs, kernel, size]: Row): InceptionLayer => ({
  name,
  tensorflow,
  shape: [outputs, inputs, ...kernel],
  stride: size === 'halved' ? 2 : 1,
  padding: size ? [0, 0] : [(kernel[0] - 1) / 2, (kernel[1] - 1) / 2],
  depth,
})
const block = (depth: FeatureDim, name: string, tensorflow: string, rows: readonly Row[]): InceptionLayer[] =>
  rows.map(([branch, tower, ...rest]) => layer(depth, [`${name}.${branch}`, `${tensorflow}/${tower}`, ...rest]))

/** From the image on. */
export const inceptionLayers: readonly InceptionLayer[] = [
  layer(64, ['Conv2d_1a_3x3', 'conv', 3, 32, three, 'halved']),
  layer(64, ['Conv2d_2a_3x3', 'conv_1', 32, 32, three, 'valid']),
  layer(64, ['Conv2d_2b_3x3', 'conv_2', 32, 64, three]),
  layer(192, ['Conv2d_3b_1x1', 'conv_3', 64, 80, one]),
  layer(192, ['Conv2d_4a_3x3', 'conv_4', 80, 192, three, 'valid']),
  ...block(768, 'Mixed_5b', 'mixed', blockA(192, 32)),
  ...block(768, 'Mixed_5c', 'mixed_1', blockA(256, 64)),
  ...block(768, 'Mixed_5d', 'mixed_2', blockA(288, 64)),
  ...block(768, 'Mixed_6a', 'mixed_3', blockB),
  ...block(768, 'Mixed_6b', 'mixed_4', blockC(128)),
  ...block(768, 'Mixed_6c', 'mixed_5', blockC(160)),
  ...block(768, 'Mixed_6d', 'mixed_6', blockC(160)),
  ...block(768, 'Mixed_6e', 'mixed_7', blockC(192)),
  ...block(2048, 'Mixed_7a', 'mixed_8', blockD),
  ...block(2048, 'Mixed_7b', 'mixed_9', blockE(1280)),
  ...block(2048, 'Mixed_7c', 'mixed_10', blockE(2048)),
]

/** Classes of its last layer: ImageNet's 1,000 and eight that go unused. */
export const inceptionClasses = 1008
