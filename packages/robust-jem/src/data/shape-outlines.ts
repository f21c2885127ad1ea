// Outlines of the drawn shapes as signed distance functions: the sign tells inside from outside, and the distance,
// in pixels, makes edges without stairs. y points down, as rows do.

/** Signed distance to the edge, negative inside, of a point about the shape's own centre and axes. */
export type Outline = (x: number, y: number) => number

// Corners x₀, y₀, x₁, y₁, … clockwise from the top.
export const square: readonly number[] = [-1, -1, 1, -1, 1, 1, -1, 1]
export const triangle: readonly number[] = [0, -1.1, 0.95, 0.7, -0.95, 0.7]
export const cross: readonly number[] = [
  -0.32, -1, 0.32, -1, 0.32, -0.32, 1, -0.32, 1, 0.32, 0.32, 0.32, 0.32, 1, -0.32, 1, -0.32, 0.32, -1, 0.32, -1, -0.32,
  -0.32, -0.32,
]
export const star: readonly number[] = [
  0, -1, 0.2586, -0.356, 0.9511, -0.309, 0.4185, 0.136, 0.5878, 0.809, 0, 0.44, -0.5878, 0.809, -0.4185, 0.136, -0.9511,
  -0.309, -0.2586, -0.356,
]

const length = (x: number, y: number) => Math.sqrt(x * x + y * y)

export const disc =
  (radius: number): Outline =>
  (x, y) =>
    length(x, y) - radius

/** A circle's line, `half` pixels to either side. */
export const ring =
  (radius: number, half: number): Outline =>
  (x, y) =>
    Math.abs(length(x, y) - radius) - half

/** A disc less another one of `inner` times its radius, moved to the right by `bite` times its radius. */
export const crescent =
  (radius: number, inner: number, bite: number): Outline =>
  (x, y) => {
    const u = x - 0.3 * radius // so that what is left stands in the middle
    return Math.max(length(u, y) - radius, inner * radius - length(u - bite * radius, y))
  }

/** Horizontal bands; half of each period is inside. */
export const stripes =
  (period: number, phase: number): Outline =>
  (_x, y) => {
    const u = y / period + phase
    return (Math.abs(u - Math.floor(u) - 0.5) - 0.25) * period
  }

/** Vertical bands. */
export const bars = (period: number, phase: number): Outline => {
  const band = stripes(period, phase)
  return (x, y) => band(y, x)
}

/** Inside where stripes and bars agree. */
export const checker = (period: number, rowPhase: number, columnPhase: number): Outline => {
  const rows = stripes(period, rowPhase)
  const columns = bars(period, columnPhase)
  return (x, y) => {
    const row = rows(x, y)
    const column = columns(x, y)
    const depth = Math.min(Math.abs(row), Math.abs(column))
    return row < 0 === column < 0 ? -depth : depth
  }
}

/** Distance to the nearest edge; inside where a ray to the right crosses an odd number of edges. */
export function polygon(corners: readonly number[], size: number): Outline {
  const corner = (i: number) => corners[i % corners.length]! * size
  const edges = Array.from({ length: corners.length / 2 }, (_, i) => {
    const [x, y, x2, y2] = [corner(2 * i), corner(2 * i + 1), corner(2 * i + 2), corner(2 * i + 3)]
    return { x, y, y2, dx: x2 - x, dy: y2 - y }
  })
  return (px, py) => {
    let nearest = Number.POSITIVE_INFINITY
    let sign = 1
    for (const { x, y, y2, dx, dy } of edges) {
      const along = Math.max(0, Math.min(1, ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy)))
      const ex = px - x - along * dx
      const ey = py - y - along * dy
      nearest = Math.min(nearest, ex * ex + ey * ey)
      if (y > py !== y2 > py && px - x < (dx * (py - y)) / dy) sign = -sign
    }
    return sign * Math.sqrt(nearest)
  }
}
