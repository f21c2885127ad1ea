import { type DataSets, type ImageSet, imageSet } from './image-set.ts'
import {
  bars,
  checker,
  crescent,
  cross,
  disc,
  type Outline,
  polygon,
  ring,
  square,
  star,
  stripes,
  triangle,
} from './shape-outlines.ts'

// Ten drawn classes that stand in for CIFAR-10 where there is no network. Each has a layout and colours of its own, and
// varies in place, size, angle, hue, light and grain, so that class Gaussians say something and a network can draw them.
// Only + − × ÷ and √ are used: sines and powers differ between processors, and equal seeds must give equal bytes.

/** Uniform on [0, 1). */
export type Random = () => number

type Colour = readonly [red: number, green: number, blue: number]

export interface ShapeLayout {
  name: string
  /** Hue [0, 6), saturation and value [0, 1], each a range; red 0, yellow 1, green 2, cyan 3, blue 4, magenta 5. */
  ink: Palette
  ground: Palette
  /** Pixels from the centre to the rim; the period for stripes. */
  size: readonly [number, number]
  /** Half-angle tangent of the largest turn either way: 0.2 turns 23°, 0.41 turns 45°. */
  turn: number
  /** Largest shift of the centre, in pixels. */
  shift: number
  outline: (size: number, random: Random) => Outline
}

interface Palette {
  hue: readonly [number, number]
  saturation: readonly [number, number]
  value: readonly [number, number]
}

const side = 32
const between = (random: Random, [low, high]: readonly [number, number]) => low + (high - low) * random()
const clamp01 = (v: number) => Math.min(Math.max(v, 0), 1)

export const shapeLayouts: readonly ShapeLayout[] = [
  {
    name: 'disc',
    ink: { hue: [-0.15, 0.3], saturation: [0.75, 0.95], value: [0.8, 1] },
    ground: { hue: [3.1, 3.6], saturation: [0.15, 0.35], value: [0.8, 0.98] },
    size: [8, 11.5],
    turn: 0,
    shift: 3.5,
    outline: (r) => disc(r),
  },
  {
    name: 'ring',
    ink: { hue: [4.6, 5.2], saturation: [0.6, 0.85], value: [0.65, 0.9] },
    ground: { hue: [0.8, 1.1], saturation: [0.12, 0.3], value: [0.88, 1] },
    size: [8, 10.5],
    turn: 0,
    shift: 3,
    outline: (r, random) => ring(r, between(random, [1.9, 2.8])),
  },
  {
    name: 'square',
    ink: { hue: [3.6, 4], saturation: [0.7, 0.95], value: [0.6, 0.9] },
    ground: { hue: [0.45, 0.75], saturation: [0.3, 0.5], value: [0.82, 0.98] },
    size: [7.5, 10],
    turn: 0.15,
    shift: 3.5,
    outline: (r) => polygon(square, r),
  },
  {
    name: 'triangle',
    ink: { hue: [1.9, 2.4], saturation: [0.65, 0.9], value: [0.45, 0.7] },
    ground: { hue: [5.6, 6], saturation: [0.15, 0.32], value: [0.86, 1] },
    size: [9.5, 12.5],
    turn: 0.15,
    shift: 3,
    outline: (r) => polygon(triangle, r),
  },
  {
    name: 'cross',
    ink: { hue: [0, 6], saturation: [0, 0.06], value: [0.92, 1] },
    ground: { hue: [-0.1, 0.15], saturation: [0.75, 0.95], value: [0.6, 0.85] },
    size: [9, 12],
    turn: 0.15,
    shift: 2.5,
    outline: (r) => polygon(cross, r),
  },
  {
    name: 'stripes',
    ink: { hue: [3, 3.35], saturation: [0.45, 0.75], value: [0.85, 1] },
    ground: { hue: [3.6, 4], saturation: [0.7, 0.9], value: [0.3, 0.5] },
    size: [7, 11],
    turn: 0.1,
    shift: 0,
    outline: (period, random) => stripes(period, random()),
  },
  {
    name: 'bars',
    ink: { hue: [0.5, 0.75], saturation: [0.75, 0.95], value: [0.88, 1] },
    ground: { hue: [0.3, 0.55], saturation: [0.6, 0.8], value: [0.28, 0.45] },
    size: [7, 11],
    turn: 0.1,
    shift: 0,
    outline: (period, random) => bars(period, random()),
  },
  {
    name: 'checker',
    ink: { hue: [0, 6], saturation: [0, 0.08], value: [0.88, 1] },
    ground: { hue: [0, 6], saturation: [0, 0.15], value: [0.06, 0.2] },
    size: [12, 17],
    turn: 0.12,
    shift: 0,
    outline: (period, random) => checker(period, random(), random()),
  },
  {
    name: 'star',
    ink: { hue: [0.8, 1.02], saturation: [0.7, 0.95], value: [0.92, 1] },
    ground: { hue: [2.5, 3], saturation: [0.6, 0.85], value: [0.3, 0.48] },
    size: [11, 14],
    turn: 0.16,
    shift: 2.5,
    outline: (r) => polygon(star, r),
  },
  {
    name: 'crescent',
    ink: { hue: [0.8, 1.1], saturation: [0.05, 0.22], value: [0.9, 1] },
    ground: { hue: [4.3, 4.7], saturation: [0.6, 0.85], value: [0.16, 0.34] },
    size: [10, 12.5],
    turn: 0.25,
    shift: 2.5,
    outline: (r, random) => crescent(r, between(random, [0.8, 0.9]), between(random, [0.4, 0.6])),
  },
]

/** Ten balanced classes of [3, 32, 32] images; image i is the same whatever the counts, so fewer are a prefix of more. */
export function shapes({ train = 10_000, test = 2_000, seed = 0 } = {}): DataSets {
  return { train: drawPart('train', train, seed), test: drawPart('test', test, seed), notes: [] }
}

function drawPart(part: 'train' | 'test', count: number, seed: number): ImageSet {
  const images = new Uint8Array(count * 3 * side * side) // [count, 3, 32, 32]
  const labels = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    labels[i] = i % shapeLayouts.length
    const random = smallFastCounter(seed, part === 'train' ? 0 : 1, i)
    drawShape(shapeLayouts[labels[i]!]!, random, images.subarray(i * 3 * side * side, (i + 1) * 3 * side * side))
  }
  const origin = `shapes ${part}, ${count.toLocaleString('en-US')} images drawn from seed ${seed}`
  const classNames = shapeLayouts.map((layout) => layout.name)
  return imageSet({ name: 'shapes', images, labels, size: [side, side], classNames, origin })
}

/** Draws one image of a class into `planes`, [3, 32, 32]. */
export function drawShape(layout: ShapeLayout, random: Random, planes: Uint8Array): void {
  const area = side * side
  const ink = colour(layout.ink, random)
  const ground = colour(layout.ground, random)
  const inside = layout.outline(between(random, layout.size), random)
  const t = layout.turn * (2 * random() - 1) // tan(angle / 2) gives cosine and sine without either
  const cos = (1 - t * t) / (1 + t * t)
  const sin = (2 * t) / (1 + t * t)
  const cx = side / 2 + layout.shift * (2 * random() - 1)
  const cy = side / 2 + layout.shift * (2 * random() - 1)
  const gx = 0.3 * (2 * random() - 1) // light falls across the ground by up to ±15 %, from above as a rule
  const gy = -0.3 * random()
  const shine = 0.1 + 0.15 * random()
  const grain = 0.008 + 0.012 * random()

  for (let row = 0, i = 0; row < side; row++) {
    for (let column = 0; column < side; column++, i++) {
      const x = column + 0.5 - cx
      const y = row + 0.5 - cy
      const cover = clamp01(0.5 - inside(cos * x + sin * y, cos * y - sin * x))
      const groundLight = 1 + gx * (column / (side - 1) - 0.5) + gy * (row / (side - 1) - 0.5)
      const inkLight = 1 - (shine * (x + 2 * y)) / side
      const inkShare = cover * inkLight
      const groundShare = (1 - cover) * groundLight
      for (let c = 0; c < 3; c++) {
        const noise = grain * (random() + random() - 1) * 2.45 // a triangle's density, standard deviation `grain`
        planes[c * area + i] = 255 * clamp01(inkShare * ink[c]! + groundShare * ground[c]! + noise) + 0.5 // truncation rounds
      }
    }
  }
}

function colour({ hue, saturation, value }: Palette, random: Random): Colour {
  const h = between(random, hue) + 6
  const s = between(random, saturation)
  const v = between(random, value)
  const channel = (n: number) => {
    const k = (n + h) % 6
    return v * (1 - s * clamp01(Math.min(k, 4 - k)))
  }
  return [channel(5), channel(3), channel(1)]
}

/** sfc32 (Doty-Humphrey, PractRand): 128 bits of state, so every (seed, part, image) has a stream of its own. */
function smallFastCounter(seed: number, part: number, index: number): Random {
  let a = seed | 0
  let b = Math.floor(seed / 2 ** 32) * 2 + part
  let c = index | 0
  let counter = 1
  const next = () => {
    const out = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + out) | 0
    return (out >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 15; i++) next()
  return next
}
