/** The one place where pixel units become model units: x = 2·pixel − 1, so that distances double. */
import { UserError } from '../errors.ts'

/** A distance between images as people write it: '8/255' or 0.031, in pixel units [0, 1]. */
export type Distance = number | string

const number = String.raw`(\d+\.?\d*|\.\d+)(e[+-]?\d+)?`
const fraction = new RegExp(`^\\s*(?<above>${number})\\s*(/\\s*(?<below>${number})\\s*)?$`, 'i')

/** The distance as a number, still in pixel units. Throws a UserError for what is no finite number of at least 0. */
export function parseEpsilon(text: Distance): number {
  const { above, below = '1' } = fraction.exec(String(text))?.groups ?? {}
  const value = Number(above) / Number(below)
  if (Number.isFinite(value)) return value
  throw new UserError(
    'epsilon',
    `${JSON.stringify(text)} is no distance. Write a number or a fraction, 0.03 or 8/255, in pixel units [0, 1].`,
    { exitCode: 2, expected: 'a number of at least 0, or a fraction such as 8/255', received: text },
  )
}

/** A distance in pixel units [0, 1] as one in model units [-1, 1]. */
export const toModelUnits = (distance: number): number => 2 * distance

const short = (value: number): string => String(Number(value.toPrecision(3)))

/** Both units, for logs: '8/255 pixel = 0.0627 model units'. Numbers that are quarters of 1/255 are written as fractions. */
export function formatEpsilon(text: Distance): string {
  const epsilon = parseEpsilon(text)
  const quarters = epsilon * 255 * 4
  const whole = Math.round(quarters)
  const isFraction = whole > 0 && Math.abs(quarters - whole) < 1e-6
  const pixel =
    typeof text === 'string' && text.includes('/')
      ? text.replace(/\s/g, '')
      : isFraction
        ? `${whole / 4}/255`
        : short(epsilon)
  return `${pixel} pixel = ${short(toModelUnits(epsilon))} model units`
}
