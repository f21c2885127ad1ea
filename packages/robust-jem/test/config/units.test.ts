import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEpsilon, parseEpsilon, toModelUnits } from '../../src/config/units.ts'
import { UserError } from '../../src/errors.ts'

describe('distances between images', () => {
  it('are read from numbers and fractions, in pixel units', () => {
    expect(parseEpsilon('8/255')).toBeCloseTo(8 / 255, 15)
    expect(parseEpsilon(' 12.75 / 255 ')).toBeCloseTo(0.05, 15)
    expect(parseEpsilon('0.03')).toBe(0.03)
    expect(parseEpsilon('.5')).toBe(0.5)
    expect(parseEpsilon('1e-3')).toBe(0.001)
    expect(parseEpsilon(0.25)).toBe(0.25)
    expect(parseEpsilon(0)).toBe(0)
  })

  it('are refused where they are anything else', () => {
    const wrong = [
      '',
      'x',
      '8/',
      '/255',
      '8/0',
      '0/0',
      '-1/255',
      '1/2/3',
      '8/255px',
      'Infinity',
      '1e999',
      '2+2',
      -0.1,
      Number.NaN,
      Infinity,
    ]
    for (const text of wrong) expect(() => parseEpsilon(text), String(text)).toThrow(UserError)
    expect(() => parseEpsilon('eight')).toThrow('"eight" is no distance. Write a number or a fraction, 0.03 or 8/255')
  })

  it('double in model units, as x = 2·pixel − 1 stretches them', () => {
    const toModel = (pixel: number) => 2 * pixel - 1
    const pixel = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(pixel, pixel, (a, b) => {
        expect(toModelUnits(Math.abs(a - b))).toBeCloseTo(Math.abs(toModel(a) - toModel(b)), 12)
      }),
    )
  })

  it("the paper's 0.1 in model units is 12.75/255 in pixel units", () => {
    expect(toModelUnits(parseEpsilon('12.75/255'))).toBeCloseTo(0.1, 12)
  })

  it('are printed in both units', () => {
    expect(formatEpsilon('8/255')).toBe('8/255 pixel = 0.0627 model units')
    expect(formatEpsilon(8 / 255)).toBe('8/255 pixel = 0.0627 model units')
    expect(formatEpsilon('12.75/255')).toBe('12.75/255 pixel = 0.1 model units')
    expect(formatEpsilon(0.03)).toBe('0.03 pixel = 0.06 model units')
    expect(formatEpsilon(0)).toBe('0 pixel = 0 model units')
  })
})
