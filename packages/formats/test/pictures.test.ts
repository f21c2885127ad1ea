import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canvas,
  drawText,
  filmStrip,
  GLYPH_HEIGHT,
  glyph,
  grid,
  type ImageBatch,
  type Rgb,
  textWidth,
  titled,
} from '../src/index.ts'

/** Images of one colour each: image n is (n, 100 + n, 200 + n) all over. */
function flat(N: number, H: number, W: number, first = 0): ImageBatch {
  const data = new Uint8Array(N * 3 * H * W)
  for (let i = 0; i < data.length; i++) {
    const [n, c] = [Math.floor(i / (3 * H * W)), Math.floor(i / (H * W)) % 3]
    data[i] = first + n + 100 * c
  }
  return { data, shape: [N, 3, H, W] }
}

const pixel = ({ width, data }: Rgb, x: number, y: number) => [...data.subarray(3 * (y * width + x)).subarray(0, 3)]
const inkInside = (image: Rgb, left: number, top: number, width: number, height: number, ink = 0) => {
  let count = 0
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) if (pixel(image, x, y)[0] === ink) count++
  }
  return count
}

describe('a grid', () => {
  it('puts every pixel of every image where row, column, padding and scale say, and background elsewhere', () => {
    const size = fc.integer({ min: 1, max: 4 })
    fc.assert(
      fc.property(size, size, size, size, fc.integer({ min: 0, max: 3 }), size, (N, H, W, columns, padding, scale) => {
        const data = Uint8Array.from({ length: N * 3 * H * W }, (_, i) => i % 251)
        const picture = grid({ data, shape: [N, 3, H, W] }, { columns, padding, scale, background: 255 })
        const across = Math.min(columns, N)
        expect(picture.width).toBe(across * (scale * W + padding) + padding)
        expect(picture.height).toBe(Math.ceil(N / across) * (scale * H + padding) + padding)
        const expected = new Uint8Array(picture.data.length).fill(255)
        for (let i = 0; i < data.length * scale * scale; i++) {
          const [sx, sy, at] = [i % scale, Math.floor(i / scale) % scale, Math.floor(i / scale / scale)]
          const [w, h, c, n] = [at % W, Math.floor(at / W) % H, Math.floor(at / W / H) % 3, Math.floor(at / W / H / 3)]
          const x = padding + (n % across) * (scale * W + padding) + w * scale + sx
          const y = padding + Math.floor(n / across) * (scale * H + padding) + h * scale + sy
          expected[3 * (y * picture.width + x) + c] = data[at]!
        }
        expect([...picture.data]).toEqual([...expected])
      }),
    )
  })

  it.each([
    ['no images', () => grid({ data: new Uint8Array(0), shape: [0, 3, 2, 2] }, { columns: 1 }), 'at least one image'],
    ['grey images', () => grid({ data: new Uint8Array(4), shape: [1, 1, 2, 2] }, { columns: 1 }), '[1,1,2,2]'],
    ['data of another size', () => grid({ data: new Uint8Array(5), shape: [1, 3, 2, 2] }, { columns: 1 }), '5 bytes'],
    ['no columns', () => grid(flat(1, 2, 2), { columns: 0 }), 'of at least 1'],
    ['half a pixel', () => grid(flat(1, 2, 2), { columns: 1, scale: 1.5 }), 'scale of 1.5'],
    ['a lighter white', () => grid(flat(1, 2, 2), { columns: 1, background: 256 }), 'from 0 to 255'],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message)
  })
})

describe('a film strip', () => {
  it('has a row an image and a column a step', () => {
    const film = filmStrip([flat(2, 3, 3, 0), flat(2, 3, 3, 10), flat(2, 3, 3, 20)], { padding: 1 })
    expect([film.width, film.height]).toEqual([3 * 4 + 1, 2 * 4 + 1])
    expect([0, 1, 2].map((step) => pixel(film, 1 + 4 * step, 1)[0])).toEqual([0, 10, 20])
    expect([0, 1, 2].map((step) => pixel(film, 1 + 4 * step, 5)[0])).toEqual([1, 11, 21])
  })

  it('refuses no steps, and steps of different images', () => {
    expect(() => filmStrip([])).toThrow('Record at least one step.')
    expect(() => filmStrip([flat(2, 3, 3), flat(1, 3, 3)])).toThrow('Step 1 of the film has shape [1,3,3,3]')
  })
})

describe('the font', () => {
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))

  it('draws every printable ASCII character in 5 × 7, no two alike and only the space empty', () => {
    const pictures = ascii.map((character) => glyph(character))
    for (const rows of pictures) {
      expect(rows).toHaveLength(GLYPH_HEIGHT)
      for (const row of rows) expect(row).toMatch(/^[#.]{5}$/)
    }
    expect(new Set(pictures.map(String)).size).toBe(95)
    expect(ascii.filter((character) => !String(glyph(character)).includes('#'))).toEqual([' '])
  })

  it('lets g, p, q and y hang two pixels below the line', () => {
    for (const letter of ascii.slice(1)) {
      const picture = canvas(5, 9)
      drawText(picture, letter, 0, 0)
      expect(inkInside(picture, 0, GLYPH_HEIGHT, 5, 2) > 0, letter).toBe('gpqy'.includes(letter))
    }
  })

  it('is cut at the borders of the picture', () => {
    const picture = canvas(4, 3)
    drawText(picture, 'HH', -1, -5)
    expect(inkInside(picture, 0, 0, 4, 3)).toBe(2)
  })

  it('frames what it lacks, once a character', () => {
    expect(glyph('é')).toEqual(glyph('∞'))
    expect(String(glyph('∞'))).toContain('#####')
    expect(textWidth('∞😀')).toBe(11)
  })
})

describe('titled pictures', () => {
  const image = grid(flat(4, 8, 8, 100), { columns: 2 })
  const [gap, titleHeight] = [8, 11]

  it('stand side by side, each under its own title', () => {
    const picture = titled([
      { title: 'A', image },
      { title: 'a long title', image },
    ])
    expect(picture.width).toBe(3 * gap + image.width + textWidth('a long title'))
    expect(picture.height).toBe(2 * gap + titleHeight + image.height)
    for (const left of [gap, 2 * gap + image.width]) {
      expect(pixel(picture, left + 2, gap + titleHeight + 2)).toEqual(pixel(image, 2, 2))
      expect(inkInside(picture, left, gap, 5, 7)).toBeGreaterThan(0)
    }
  })

  it('stacked, line up beside their row names', () => {
    const picture = titled(
      [
        { title: 'A', image, rowNames: ['cat', 'dog'] },
        { title: 'B', image },
      ],
      {
        direction: 'stack',
      },
    )
    const left = gap + textWidth('cat') + 4
    expect(picture.width).toBe(left + image.width + gap)
    expect(picture.height).toBe(3 * gap + 2 * (titleHeight + image.height))
    for (const top of [gap, 2 * gap + titleHeight + image.height]) {
      expect(pixel(picture, left + 2, top + titleHeight + 2)).toEqual(pixel(image, 2, 2))
    }
  })

  it('centre each row name on its row', () => {
    const picture = titled([{ title: '', image, rowNames: ['H', 'H'] }])
    for (const row of [0, 1]) {
      const middle = gap + titleHeight + 2 + row * 10 + 4
      expect(inkInside(picture, gap, middle - 4, 5, 8)).toBe(17)
    }
  })

  it('write white on black, and larger when asked', () => {
    const picture = titled([{ title: 'H', image }], { background: 0, textScale: 2, gap })
    expect(inkInside(picture, gap, gap, 10, 14, 255)).toBe(4 * 17)
  })

  it('need a panel', () => {
    expect(() => titled([])).toThrow('Give at least one titled image.')
  })
})
