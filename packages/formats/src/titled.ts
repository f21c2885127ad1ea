/** Several pictures in one, each under its title: how samplers are shown side by side. */

import { drawText, GLYPH_HEIGHT, textWidth } from './font.ts'
import { canvas, paste } from './grid.ts'
import type { Rgb } from './png.ts'

export type Panel = {
  title: string
  image: Rgb
  /** Written to the left of the image, spread evenly over its height: the class names of a grid with one class a row. */
  rowNames?: readonly string[]
}

export type TitledLook = {
  /** Panels from left to right, or from top to bottom. */
  direction?: 'side' | 'stack'
  /** Pixels between panels and around the picture; 8 · textScale unless given. */
  gap?: number
  /** Magnification of the 5×7 letters; 2 reads well beside 32×32 images shown at scale 2. */
  textScale?: number
  /** Grey level of the background, 0 to 255; the letters are black on light and white on dark. */
  background?: number
}

/**
 * One picture of all panels. A panel is as wide as its row names and its image, or its title where that is wider;
 * stacked panels line their images up. Characters outside ASCII are drawn as a frame. Throws on no panels.
 */
export function titled(panels: readonly Panel[], look: TitledLook = {}): Rgb {
  const { direction = 'side', textScale = 1, gap = 8 * textScale, background = 255 } = look
  if (panels.length === 0) throw new Error('A picture of no panels is empty. Give at least one titled image.')
  const ink = background < 128 ? 255 : 0
  const textHeight = GLYPH_HEIGHT * textScale
  const titleHeight = textHeight + 4 * textScale

  const ownNames = panels.map(({ rowNames = [] }) => {
    const widest = Math.max(0, ...rowNames.map((name) => textWidth(name, textScale)))
    return widest === 0 ? 0 : widest + 4 * textScale
  })
  const namesWidth = direction === 'stack' ? ownNames.map(() => Math.max(...ownNames)) : ownNames
  const sizes = panels.map(({ title, image }, i) => ({
    width: namesWidth[i]! + Math.max(image.width, textWidth(title, textScale)),
    height: titleHeight + image.height,
  }))
  const total = (side: 'width' | 'height') => sizes.reduce((sum, size) => sum + size[side] + gap, gap)
  const largest = (side: 'width' | 'height') => Math.max(...sizes.map((size) => size[side])) + 2 * gap
  const picture =
    direction === 'side'
      ? canvas(total('width'), largest('height'), background)
      : canvas(largest('width'), total('height'), background)

  let [x, y] = [gap, gap]
  for (const [i, { title, image, rowNames = [] }] of panels.entries()) {
    const left = x + namesWidth[i]!
    drawText(picture, title, left, y, { scale: textScale, ink })
    paste(picture, image, left, y + titleHeight)
    for (const [row, name] of rowNames.entries()) {
      const middle = ((row + 0.5) * image.height) / rowNames.length
      drawText(picture, name, x, y + titleHeight + Math.round(middle - textHeight / 2), { scale: textScale, ink })
    }
    if (direction === 'side') x += sizes[i]!.width + gap
    else y += sizes[i]!.height + gap
  }
  return picture
}
