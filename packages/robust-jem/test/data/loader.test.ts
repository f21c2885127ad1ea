import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Generator, loadSafetensors, saveSafetensors, setThreads } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { Loader } from '../../src/data/loader.ts'

setThreads(1)
const take = (loader: Loader, batches: number) => Array.from({ length: batches }, () => [...loader.next()])
const sorted = (values: number[]) => values.toSorted((a, b) => a - b)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('the loader', () => {
  it('goes through a permutation of all images each epoch, another one each time', () => {
    const loader = new Loader(12, 4, new Generator(1))
    const epochs = upTo(5).map(() => take(loader, 3).flat())
    for (const epoch of epochs) expect(sorted(epoch)).toEqual(upTo(12))
    expect(new Set(epochs.map(String)).size).toBe(5)
    expect(loader.epoch).toBe(4)
  })
  it('drops an incomplete batch at the end of an epoch, and no image twice within one', () => {
    const loader = new Loader(11, 4, new Generator(2))
    for (const _ of upTo(6)) {
      const epoch = take(loader, 2).flat()
      expect(epoch).toHaveLength(8)
      expect(new Set(epoch).size).toBe(8)
    }
    expect(loader.epoch).toBe(5)
  })
  it('leaves out no image for good', () => {
    const loader = new Loader(11, 4, new Generator(3))
    expect(new Set(take(loader, 40).flat()).size).toBe(11)
  })
  it('follows from its generator', () => {
    const batches = (seed: number) => take(new Loader(20, 5, new Generator(seed)), 8)
    expect(batches(7)).toEqual(batches(7))
    expect(batches(7)).not.toEqual(batches(8))
  })
  it('two loaders of one seed, split by name, go different ways', () => {
    const root = new Generator(7)
    const batches = (name: string) => take(new Loader(20, 5, root.split(name)), 4)
    expect(batches('positives')).not.toEqual(batches('labelled'))
  })

  it.each([0, 1, 3, 4, 7])('goes on identically from its state after %d batches, through a file', (before) => {
    const folder = mkdtempSync(join(tmpdir(), 'robust-jem-loader-'))
    const rng = new Generator(5)
    const loader = new Loader(10, 3, rng)
    take(loader, before)
    const { order, ...rest } = loader.state()
    saveSafetensors(join(folder, 'loader.safetensors'), { order })
    const random = rng.state()
    const expected = take(loader, 8)

    const otherRng = new Generator(99)
    const other = new Loader(10, 3, otherRng)
    other.setState({ ...rest, order: loadSafetensors(join(folder, 'loader.safetensors')).tensors.order! })
    otherRng.setState(random)
    expect(take(other, 8)).toEqual(expected)
    expect(other.epoch).toBe(loader.epoch)
    rmSync(folder, { recursive: true })
  })
  it("refuses another training set's state, and fewer images than a batch", () => {
    const { ...state } = new Loader(10, 3, new Generator(1)).state()
    expect(() => new Loader(11, 3, new Generator(1)).setState(state)).toThrow(/10 images, the training set 11/)
    expect(() => new Loader(2, 3, new Generator(1))).toThrow(/2 training images are fewer than one batch of 3/)
  })
})
