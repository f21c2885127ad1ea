import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodePng, filmStrip, type NpyArray, readNpz, titled, writeNpz } from '@robust-jem/formats'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { toBytes255 } from '../../src/data/pixels.ts'
import { newestCheckpoint } from '../../src/models/model-file.ts'
import { samplerNames } from '../../src/samplers/draw.ts'
import { savedBuffer } from '../../src/training/checkpoint.ts'
import { smallImages } from '../training/small-training.ts'
import { smallOptions, workshop, writeClassFolders, writeModel } from './workshop.ts'

vi.setConfig({ testTimeout: 120_000 }) // several commands in a test, on a busy machine too

const { folder, run, result } = workshop()
const at = (...names: string[]) => join(folder, ...names)
const sample = (out: string, ...words: string[]) => result('sample', 'model', '--out', out, ...words)
const imagesIn = (out: string): NpyArray => readNpz(readFileSync(at(out))).images!
const refused = async (...words: string[]) => {
  const { code, stdout, lines } = await run([...words, '--quiet'])
  expect([stdout, lines.length]).toEqual(['', 1])
  return [code, lines[0]]
}

beforeAll(() => writeModel(at('model')))

describe('the model that travels with the project', () => {
  it('draws by its name, from any folder, without images', async () => {
    const told = await result('sample', 'cifar10', '--out', 'shipped.npz', '--count', '10', '--steps', '1')
    expect(told).toMatchObject({ count: 10, sampler: 'robust-jem', weights: 'ema' })
    expect(imagesIn('shipped.npz')).toMatchObject({ dtype: 'uint8', shape: [10, 3, 32, 32] })
  })

  it('has the weights of its card', async () => {
    const card = readFileSync(new URL('../../../../models/cifar10/README.md', import.meta.url), 'utf8')
    const { ema_sha256, step } = await result('info', 'cifar10')
    expect(card).toContain(String(ema_sha256).slice(0, 12))
    expect(card).toContain(`${(step as number).toLocaleString('en')} steps`)
  })
})

describe('sample', () => {
  it.each(samplerNames)('%s: images of the classes, uint8 [N, 3, 32, 32], and their labels', async (sampler) => {
    const told = await sample(`${sampler}.npz`, '--sampler', sampler, '--count', '5')
    expect(told).toMatchObject({ count: 5, files: 1, sampler, seed: 0, weights: 'ema', classes: ['cat', 'dog'] })
    const { images, labels, ...rest } = readNpz(readFileSync(at(`${sampler}.npz`)))
    expect(rest).toEqual({})
    expect(images).toMatchObject({ dtype: 'uint8', shape: [5, 3, 32, 32] })
    expect(labels).toEqual({ dtype: 'int64', shape: [5], data: BigInt64Array.of(0n, 0n, 0n, 1n, 1n) })
    expect(new Set(images?.data).size).toBeGreaterThan(100)
  })

  it('the three samplers draw different images, from the same starts', () => {
    const [energy, attack, both] = samplerNames.map((name) => imagesIn(`${name}.npz`).data)
    expect(energy).not.toEqual(attack)
    expect(both).not.toEqual(attack)
  })

  it('a picture has a row for each class; the same seed gives the same bytes', async () => {
    await Promise.all([
      sample('a.png', '--class', 'cat', '--class', 'dog', '--count', '6'),
      sample('b.png', '--count', '6'),
    ])
    const picture = readFileSync(at('a.png'))
    const { width, height } = decodePng(picture)
    expect(width).toBeGreaterThan(3 * 66)
    expect(height).toBeGreaterThan(2 * 66)
    expect(readFileSync(at('b.png')).equals(picture)).toBe(true)
  })

  it('a folder has a file for each image, named by number and class', async () => {
    const told = await sample('images', '--class', 'dog', '--count', '2', '--steps', '0')
    expect(told).toMatchObject({ files: 2, out: 'images', classes: ['dog'] })
    expect(readdirSync(at('images')).sort()).toEqual(['000000-dog.png', '000001-dog.png'])
    const { width, height } = decodePng(readFileSync(at('images', '000001-dog.png')))
    expect([width, height]).toEqual([32, 32])
    expect(await refused('sample', 'model', '--out', 'images')).toEqual([
      1,
      'robust-jem: The folder images is not empty, and samples are not mixed with other files. Name another --out.',
    ])
  })

  it('a film has a row for each image and a column for each step that is shown, start and end included', async () => {
    const frame = { data: new Uint8Array(2 * 3 * 32 * 32), shape: [2, 3, 32, 32] }
    const sizeOf = (columns: number) => {
      const image = filmStrip(Array(columns).fill(frame), { scale: 2 })
      const { width, height } = titled([{ title: '', image, rowNames: ['cat', 'dog'] }])
      return [width, height]
    }
    // The attack of 2 steps and 3 more: the start and five; with 20 steps more, ten pictures in all.
    for (const [out, steps, columns] of [
      ['short.png', '3', 6],
      ['long.png', '20', 10],
    ] as const) {
      await sample(out, '--film', '--count', '2', '--steps', steps)
      const { width, height } = decodePng(readFileSync(at(out)))
      expect([width, height]).toEqual(sizeOf(columns))
    }
  })

  it('--weights, --statistics and --seed each give other images; what was taken is said', async () => {
    const [told] = await Promise.all([
      sample('raw.npz', '--weights', 'raw', '--count', '5'),
      sample('batch.npz', '--statistics', 'batch', '--count', '5'),
      sample('seed.npz', '--seed', '1', '--count', '5'),
    ])
    expect(told).toMatchObject({ weights: 'raw', weights_sha256: (await result('info', 'model')).weights_sha256 })
    const usual = imagesIn('robust-jem.npz').data
    for (const out of ['raw.npz', 'batch.npz', 'seed.npz']) expect(imagesIn(out).data).not.toEqual(usual)
  })
})

describe('sample --start', () => {
  const start = (path: string, arrays: Parameters<typeof writeNpz>[0]) => writeFileSync(at(path), writeNpz(arrays))
  const { images } = smallImages(3)
  const bytes = { dtype: 'uint8', shape: [3, 3, 32, 32], data: images } as const

  it('begins with the images that are given, as many, of bytes or of numbers in [-1, 1]', async () => {
    start('bytes.npz', { images: bytes, labels: { dtype: 'int64', shape: [3], data: BigInt64Array.of(0n, 1n, 0n) } })
    start('floats.npz', {
      x: { ...bytes, dtype: 'float32', data: Float32Array.from(images, (u) => (2 * u) / 255 - 1) },
    })
    for (const name of ['bytes', 'floats']) {
      const told = await sample(`from-${name}.npz`, '--start', `${name}.npz`, '--sampler', 'energy', '--steps', '0')
      expect(told).toMatchObject({ count: 3 })
      expect(imagesIn(`from-${name}.npz`)).toEqual(bytes)
    }
  })

  it('are the chains of training where asked, those of the classes that are drawn', async () => {
    writeClassFolders(at('images'))
    await result('train', 'robust-jem', ...smallOptions, '--data-dir', 'images', '--out', 'trained')
    const chains = savedBuffer(newestCheckpoint(at('trained'))!)!
    const words = ['sample', 'trained', '--start', 'buffer', '--class', 'dog', '--count', '2', '--steps', '0']
    await result(...words, '--sampler', 'energy', '--out', 'chains.npz')
    expect(Array.from(imagesIn('chains.npz').data)).toEqual(Array.from(toBytes255(chains.chainsAt([10, 11]))))
    const [code, line] = await refused('sample', 'model', '--start', 'buffer', '--out', 'none.npz')
    expect([code, line]).toEqual([1, expect.stringMatching(/^robust-jem: There is no replay buffer beside /)])
  })

  it('--unconditional climbs log p(x), whatever the class', async () => {
    const words = ['--sampler', 'energy', '--steps', '2', '--count', '4']
    await Promise.all([sample('with.npz', ...words), sample('without.npz', ...words, '--unconditional')])
    expect(imagesIn('without.npz')).not.toEqual(imagesIn('with.npz'))
  })

  it('what a sampler does not look at is refused', async () => {
    for (const words of [
      ['--sampler', 'attack', '--steps', '2'],
      ['--sampler', 'robust-jem', '--unconditional'],
    ])
      expect(await refused('sample', 'model', ...words, '--out', 'none.npz')).toEqual([
        2,
        expect.stringMatching(/says nothing to the sampler/),
      ])
  })

  it('of another shape, range or number is refused', async () => {
    start('small.npz', { x: { dtype: 'uint8', shape: [1, 3, 8, 8], data: new Uint8Array(192) } })
    start('two.npz', { a: bytes, b: bytes })
    start('pixels.npz', { x: { dtype: 'float32', shape: [3, 3, 32, 32], data: Float32Array.from(images) } })
    writeFileSync(at('cut.npz'), readFileSync(at('bytes.npz')).subarray(0, 4000))
    const expected = [
      [
        ['small.npz'],
        'small.npz does not hold exactly one array [N, 3, 32, 32]. Write uint8 or float32 of that shape.',
      ],
      [['two.npz'], 'two.npz does not hold exactly one array [N, 3, 32, 32]. Write uint8 or float32 of that shape.'],
      [['pixels.npz'], 'pixels.npz is neither uint8 nor float in [-1, 1]. Scale pixels: 2·pixel/255 − 1.'],
      [['cut.npz'], expect.stringMatching(/cut\.npz is no readable \.npz\. The npz archive is damaged/)],
      [['none.npz'], 'none.npz does not exist. Name an .npz of images with --start.'],
    ] as const
    const { startsFrom } = await import('../../src/cli/sampling/output.ts')
    for (const [[path], message] of expected) {
      const failing = () => {
        try {
          startsFrom(at(path), [3, 32, 32])
        } catch (error) {
          return (error as Error).message.replace(`${folder}/`, '')
        }
      }
      expect(failing()).toEqual(message)
    }
    expect(await refused('sample', 'model', '--start', 'small.npz', '--out', 'x.png')).toEqual([
      1,
      'robust-jem: small.npz does not hold exactly one array [N, 3, 32, 32]. Write uint8 or float32 of that shape.',
    ])
    expect(await refused('sample', 'model', '--start', 'bytes.npz', '--count', '4', '--out', 'x.png')).toEqual([
      2,
      'robust-jem: --start bytes.npz holds 3 images, so --count cannot be 4. Leave it out.',
    ])
    expect(existsSync(at('x.png'))).toBe(false)
  })
})

describe('a model that was moved', () => {
  it('draws where its class Gaussians lie beside it, without any images; elsewhere it says what is missing', async () => {
    mkdirSync(at('elsewhere'))
    const file = join('elsewhere', 'ema.safetensors')
    copyFileSync(at('model', 'ema.safetensors'), at(file))
    expect(await refused('sample', file, '--out', 'moved.npz')).toEqual([
      1,
      `robust-jem: The class Gaussians are not beside ${file}. Copy class-gaussians.safetensors of its run there.`,
    ])
    expect(existsSync(at('moved.npz'))).toBe(false)
    const beside = at('elsewhere', 'class-gaussians.safetensors')
    copyFileSync(at('model', 'class-gaussians.safetensors'), beside)
    await result('sample', file, '--count', '5', '--out', 'moved.npz')
    expect(imagesIn('moved.npz')).toEqual(imagesIn('robust-jem.npz'))
    writeFileSync(beside, readFileSync(beside).subarray(0, 500))
    const [code, line] = await refused('sample', file, '--out', 'moved.png')
    expect([code, line]).toEqual([1, expect.stringContaining(`${beside.slice(folder.length + 1)} is no readable file`)])
    expect(line).not.toContain('bug')
  })
})

describe('classify', () => {
  beforeAll(() => writeClassFolders(at('images-of')))
  const image = (name: string) => join('images-of', 'cat', name)

  it('gives for each image all probabilities, log p(x), and whether it is unlike the training set', async () => {
    const told = (await result('classify', 'model', image('00.png'), image('01.png'))) as unknown as {
      file: string
      class: string
      probabilities: { class: string; probability: number }[]
      log_density: number
      out_of_distribution: boolean
    }[]
    expect(told.map(({ file }) => file)).toEqual([image('00.png'), image('01.png')])
    for (const { probabilities, log_density, out_of_distribution, class: found } of told) {
      expect(probabilities.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5)
      expect(probabilities.map((p) => p.class).sort()).toEqual(['cat', 'dog'])
      expect(probabilities[0]?.class).toBe(found)
      expect(probabilities[0]?.probability).toBeGreaterThanOrEqual(0.5)
      expect(Number.isFinite(log_density)).toBe(true)
      expect(typeof out_of_distribution).toBe('boolean')
    }
  })

  it('in words: a line an image, as many classes as are asked for', async () => {
    const { code, stdout } = await run(['classify', 'model', image('00.png'), '--top', '1', '--quiet'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/00\.png +(cat|dog) \d+\.\d %; log p\(x\) -?\d+\.\d\d/)])
    expect(stdout).not.toContain(', ')
  })

  it('without class Gaussians it does not guess what is unlike the training set', async () => {
    cpSync(at('model'), at('bare'), { recursive: true })
    rmSync(at('bare', 'class-gaussians.safetensors'))
    const [first] = (await result('classify', 'bare', image('00.png'))) as unknown as [Record<string, unknown>]
    expect(first.out_of_distribution).toBeNull()
  })
})
