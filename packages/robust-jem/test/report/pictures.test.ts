import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodePng } from '@robust-jem/formats'
import { tensor, zeros } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { toBytes255 } from '../../src/data/pixels.ts'
import { imagesGrid, npyImages, sideBySide, writePng } from '../../src/report/pictures.ts'

describe('images in [-1, 1] as bytes', () => {
  it('round(255·(x + 1)/2), clamped: −1 is 0, 0 is 128, 1 is 255', () => {
    const x = tensor([[[[-1, 0, 1, -3, 3, 2 / 255 - 1]]]])
    expect([...toBytes255(x)]).toEqual([0, 128, 255, 0, 255, 1])
  })

  it('every byte comes back from its model value', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const x = tensor(bytes)
      .float()
      .mul(2 / 255)
      .sub(1)
    expect(toBytes255(x)).toEqual(bytes)
  })

  it('as an array of a file they keep their shape', () => {
    expect(npyImages(zeros([2, 3, 4, 5]))).toMatchObject({ dtype: 'uint8', shape: [2, 3, 4, 5] })
  })
})

describe('pictures', () => {
  const panel = (images: number, title = 'a') => ({ title, images: zeros([images, 3, 32, 32]), columns: 2 })

  it('are as wide as their panels and have a row of images for each name', () => {
    const one = imagesGrid(panel(4))
    const three = sideBySide([panel(4), panel(4), panel(4)])
    const gap = 8
    expect(three.width - gap).toBe(3 * (one.width - gap))
    expect(three.height).toBe(one.height)
    expect(imagesGrid(panel(6)).height - one.height).toBe(2 * 32 + 2) // scale 2, padding 2
    expect(imagesGrid(panel(4), ['cat', 'dog']).width).toBeGreaterThan(one.width)
  })

  it('are written as PNG', () => {
    const folder = mkdtempSync(join(tmpdir(), 'robust-jem-pictures-'))
    const picture = imagesGrid(panel(4))
    writePng(join(folder, 'x.png'), picture)
    expect(decodePng(readFileSync(join(folder, 'x.png')))).toEqual(picture)
    rmSync(folder, { recursive: true })
  })
})
