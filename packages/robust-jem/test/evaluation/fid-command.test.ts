/** The command `fid`, run here with weights that reach the 64 features of Inception's first layers. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readNpz, writeNpz } from '@robust-jem/formats'
import { saveSafetensors, setThreads, tensor, zeros } from '@robust-jem/torch'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { prepare } from '../../src/evaluation/features.ts'
import { frechetDistance, gaussianOf } from '../../src/evaluation/frechet.ts'
import { kid } from '../../src/evaluation/kid.ts'
import { InceptionV3 } from '../../src/models/inception-v3.ts'
import { weightsOfState } from '../../src/models/inception-weights.ts'
import { writeModel } from '../cli/workshop.ts'
import { randomState } from '../models/inception-states.ts'
import { randomResnet } from '../models/resnet-state.ts'
import { smallGaussians } from '../training/small-training.ts'
import { cifar10Records, writePngFolder } from './images.ts'

setThreads(1)

const root = mkdtempSync(join(tmpdir(), 'robust-jem-fid-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = (...names: string[]) => join(root, ...names)
const state = randomState(64, 1)
let pixels: Uint8Array
beforeAll(() => {
  vi.stubEnv('XDG_CACHE_HOME', at('cache'))
  saveSafetensors(at('stem.safetensors'), state)
  saveSafetensors(at('judge.safetensors'), randomResnet(1, 2, 10))
  saveSafetensors(at('other.safetensors'), { w: zeros([1]) })
  saveSafetensors(at('nan.safetensors'), { ...state, 'Conv2d_2b_3x3.bn.bias': zeros([64]).add(Number.NaN) })
  pixels = writePngFolder(at('a'), 6, 1)
  writeFileSync(at('b.bin'), cifar10Records(5, 2))
})

async function fid(...words: string[]) {
  const output = { out: '', err: '' }
  const screen = (name: 'out' | 'err') => ({
    write: (text: string) => {
      output[name] += text
    },
  })
  const named = words.includes('--inception') ? words : [...words, '--inception', at('stem.safetensors')]
  const line = ['fid', ...named, '--device', 'cpu', '--threads', '1', '--quiet']
  const code = await main(line, { out: screen('out'), err: screen('err') })
  return { code, ...output }
}
const json = async (...words: string[]) => {
  const { code, out, err } = await fid(...words, '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}
const refusal = async (code: number, ...words: string[]) => {
  const outcome = await fid(...words)
  expect({ code: outcome.code, out: outcome.out, lines: outcome.err.trimEnd().split('\n').length }).toEqual({
    code,
    out: '',
    lines: 1,
  })
  return outcome.err
}

describe('robust-jem fid', () => {
  it('prints distances with all that they rest on', async () => {
    const result = await json(at('a'), at('b.bin'), '--features', '64', '--batch', '4')
    const network = new InceptionV3(weightsOfState(state))
    const features = (bytes: Uint8Array, n: number) =>
      network.forward(prepare(tensor(bytes, { shape: [n, 3, 32, 32] }), 'tf1'), [64]).features.get(64)!
    const records = cifar10Records(5, 2)
    const others = Buffer.concat([0, 1, 2, 3, 4].map((i) => records.subarray(i * 3073 + 1, (i + 1) * 3073)))
    const [x, y] = [features(pixels, 6), features(others, 5)]
    const expected = frechetDistance(gaussianOf(x), gaussianOf(y))
    expect(result['fid-64'] / expected).toBeCloseTo(1, 4)
    expect(result['kid-64']).toBeCloseTo(kid(x, y), 5)
    expect(result).toMatchObject({
      a: { path: at('a'), kind: 'folder', count: 6, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      b: { kind: 'cifar10', count: 5 },
      extractor: { preparation: 'tf1', precision: 'float32', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      'kid-counts': [6, 5],
    })
  })

  it('without --features gives what the weights give, and says what it does not give and why', async () => {
    const result = await json(at('a'), at('b.bin'), '--limit', '3')
    expect([result.a.count, result.b.count]).toEqual([3, 3])
    expect(Object.keys(result)).toEqual(expect.arrayContaining(['fid-64', 'kid-64']))
    expect(Object.keys(result.refused)).toEqual(['fid-192', 'fid-768', 'fid', 'inception-score'])
    expect(result.refused.fid).toMatch(
      /^fid needs the whole network, and these weights end after 64 features\. Supply pt_inc/,
    )
    const { out } = await fid(at('a'), at('a'), '--limit', '2')
    expect(out).toMatch(/^ +fid-64 +0\.0000/m)
    expect(out).toMatch(/^inception-score needs the network's last layer, .*Supply pt_inception/m)
  })

  it('prepares images as pytorch-fid does where asked, which is another figure', async () => {
    const words = [at('a'), at('b.bin'), '--features', '64', '--limit', '3']
    const [tf1, other] = [await json(...words), await json(...words, '--preparation', 'pytorch-fid')]
    expect(other.extractor.preparation).toBe('pytorch-fid')
    expect(other['fid-64']).not.toBe(tf1['fid-64'])
  })

  it('writes statistics that stand for the images, for pytorch-fid too', async () => {
    const words = [at('b.bin'), '--features', '64', '--limit', '4']
    const direct = await json(at('a'), ...words, '--save-statistics', at('a.npz'))
    const { mu, sigma } = readNpz(readFileSync(at('a.npz')))
    expect([mu!.shape, mu!.dtype, sigma!.shape]).toEqual([[64], 'float64', [64, 64]])
    const result = await json(at('a.npz'), at('b.bin'), '--limit', '4')
    expect(result['fid-64']).toBeCloseTo(direct['fid-64'], 9)
    expect(result).toMatchObject({ a: { kind: 'statistics', count: 4 }, b: { count: 4 } })
    expect(result).not.toHaveProperty('kid-64')
    const alone = await json(at('a.npz'), at('a.npz'), '--inception', at('nowhere'))
    expect(alone).toMatchObject({ 'fid-64': expect.closeTo(0, 6), extractor: null })
  })

  it('keeps the features of B, and takes them again only for the same images, network and preparation', async () => {
    const words = [at('a'), at('b.bin'), '--features', '64', '--limit', '4']
    const kept = () => readdirSync(at('cache', 'robust-jem', 'reference')).length
    const first = await json(...words)
    const count = kept()
    expect(await json(...words)).toEqual(first)
    expect(kept()).toBe(count)
    await json(...words, '--preparation', 'pytorch-fid')
    await json(at('a'), at('b.bin'), '--features', '64', '--limit', '5')
    expect(kept()).toBeGreaterThan(count)
  })

  it('draws noise, or from class Gaussians, as many images as the other set has, by the seed', async () => {
    const words = [at('b.bin'), '--features', '64', '--limit', '4']
    const noise = await json('uniform-noise', ...words)
    expect(noise.a).toMatchObject({ path: 'uniform-noise', count: 4, seed: 0 })
    expect(await json('uniform-noise', ...words)).toEqual(noise)
    expect((await json('uniform-noise', ...words, '--seed', '1')).a.sha256).not.toBe(noise.a.sha256)
    smallGaussians().save(at('gaussians.safetensors'))
    const drawn = await json(at('gaussians.safetensors'), ...words)
    expect(drawn.a).toMatchObject({ path: at('gaussians.safetensors'), count: 4, seed: 0 })
    const swapped = await json(at('a'), 'uniform-noise', '--features', '64')
    expect([swapped.a.count, swapped.b]).toMatchObject([6, { path: 'uniform-noise', count: 6 }])
    expect(await refusal(1, at('other.safetensors'), ...words)).toMatch(/is no readable file of class Gaussians/)
  })

  it('draws with a model, once for all that is asked of it', async () => {
    writeModel(at('model'))
    const words = [at('model'), at('b.bin'), '--features', '64', '--limit', '4']
    const first = await json(...words)
    expect(first.a).toMatchObject({ path: at('model'), count: 4, protocol: 'fresh', sampler: 'robust-jem', seed: 0 })
    expect(first.a.weights_sha256).toMatch(/^[0-9a-f]{64}$/)
    const files = () => readdirSync(at('cache', 'robust-jem', 'evaluation'), { recursive: true })
    const drawn = files()
    expect(await json(...words)).toEqual(first)
    const times = () => files().map((name) => statSync(at('cache', 'robust-jem', 'evaluation', String(name))).mtimeMs)
    const before = times()
    await json(...words, '--preparation', 'pytorch-fid')
    expect([files(), times()]).toEqual([drawn, before])
    const control = await json(at('model'), at('model', 'ema.safetensors'), '--features', '64', '--limit', '4')
    expect([control.a.seed, control.b.seed]).toEqual([0, 1])
    expect(control['fid-64']).toBeGreaterThan(0.01)
    rmSync(at('model', 'class-gaussians.safetensors'))
    expect(await refusal(1, ...words.with(-1, '3'))).toMatch(/The class Gaussians are not beside/)
  })

  it('says what cannot be had before anything is drawn', async () => {
    writeModel(at('other-model'))
    const words = [at('other-model'), at('b.bin'), '--limit', '4', '--seed', '7']
    expect(await refusal(1, ...words, '--features', '2048')).toMatch(/fid needs the whole network/)
    expect(await refusal(1, ...words, '--inception-score')).toMatch(/needs the network's last layer/)
    expect(await refusal(1, ...words, '--judge', at('other.safetensors'))).toMatch(/holds no ResNet for CIFAR-10/)
    expect(await refusal(1, at('other-model'), at('a.npz'), '--limit', '4', '--features', '192')).toMatch(
      /Ask for those/,
    )
    writePngFolder(at('eight'), 2, 5, { width: 8, height: 8 })
    const judged = ['--limit', '4', '--judge', at('judge.safetensors')]
    expect(await refusal(1, at('other-model'), at('eight'), ...judged)).toMatch(/but the judge sees 32×32/)
    const drawn = readdirSync(at('cache', 'robust-jem', 'evaluation'), { recursive: true, encoding: 'utf8' })
    expect(drawn.filter((name) => name.includes('samples-')).length).toBe(2) // of the model above
  })

  it('says where nothing tells how many images to draw', async () => {
    await json(at('a'), at('b.bin'), '--features', '64', '--save-statistics', at('drawn.npz'))
    for (const other of [at('drawn.npz'), 'uniform-noise'])
      expect(await refusal(2, 'uniform-noise', other)).toMatch(/Say how many with --limit\.$/m)
    expect((await json('uniform-noise', at('drawn.npz'), '--limit', '3')).a.count).toBe(3)
  })

  it('asks a judge too, whose figures have names of their own', async () => {
    const judged = ['--judge', at('judge.safetensors'), '--features', '64']
    const result = await json(at('b.bin'), at('b.bin'), ...judged)
    expect(result['judge-fd']).toBeCloseTo(0, 6)
    expect(result['judge-is']).toBeGreaterThanOrEqual(1)
    expect(result['judge-accuracy']).toBeLessThanOrEqual(1)
    expect(result.judge.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(await json(at('a'), at('b.bin'), ...judged)).not.toHaveProperty('judge-accuracy')
    const stranger = { dtype: 'int64', shape: [2], data: BigInt64Array.of(3n, 10n) } as const
    const bytes = { dtype: 'uint8', shape: [2, 3, 32, 32], data: new Uint8Array(6144) } as const
    writeFileSync(at('strange.npz'), writeNpz({ images: bytes, labels: stranger }))
    const strange = await json(at('strange.npz'), at('b.bin'), ...judged)
    expect(strange).not.toHaveProperty('judge-accuracy')
    expect(strange.refused['judge-accuracy']).toMatch(/has the label 10\.$/)
    writeModel(at('cats'))
    expect(await json(at('cats'), at('b.bin'), '--limit', '2', ...judged)).not.toHaveProperty('judge-accuracy')
    expect(await refusal(1, at('drawn.npz'), at('b.bin'), ...judged)).toMatch(/or leave out --judge\.$/m)
  })

  it('refuses figures that weights or counts do not support, with what to supply', async () => {
    const sets = [at('a'), at('b.bin')]
    expect(await refusal(1, ...sets, '--features', '64,2048')).toMatch(
      /^robust-jem: fid needs the whole network, .* Supply pt_inception-2015-12-05-6726825d\.pth .* with --inception\.$/m,
    )
    expect(await refusal(1, ...sets, '--features', '768')).toMatch(/^robust-jem: fid-768 needs the whole network/)
    expect(await refusal(1, ...sets, '--inception-score')).toMatch(
      /^robust-jem: inception-score needs the network's last layer, which these weights lack\. Supply/,
    )
  })

  it('answers missing and wrong weights, broken images, NaN and a single image with one line and exit code 1', async () => {
    const sets = [at('a'), at('b.bin')]
    expect(await refusal(1, ...sets, '--inception', at('nowhere'))).toMatch(
      /nowhere does not exist\. Name pt_inception/,
    )
    expect(await refusal(1, ...sets, '--inception', at('other.safetensors'))).toMatch(
      /\(There is no Conv2d_1a_3x3\)\. Supply/,
    )
    expect(await refusal(1, ...sets, '--inception', at('nan.safetensors'), '--limit', '2')).toMatch(
      /not all finite numbers/,
    )
    expect(await refusal(1, at('nothing'), at('b.bin'))).toMatch(/There is nothing at/)
    writeFileSync(at('one.npz'), writeNpz({ x: { dtype: 'uint8', shape: [1, 3, 32, 32], data: new Uint8Array(3072) } }))
    expect(await refusal(1, at('one.npz'), at('b.bin'))).toMatch(/at least 2 images; there is 1\. Give more images\.$/m)
    const unsaved = await fid(...sets, '--features', '64', '--save-statistics', at('b.bin', 'x.npz'))
    expect([unsaved.code, unsaved.err.trimEnd().split('\n').length]).toEqual([1, 1])
    expect([unsaved.out, unsaved.err]).toEqual([expect.stringMatching(/fid-64/), expect.stringMatching(/b\.bin/)])
    expect(readdirSync(root).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('answers wrong words with exit code 2 before anything is read', async () => {
    const sets = [at('nothing'), at('nothing')]
    expect(await refusal(2, ...sets, '--features', '64,100')).toMatch(/--features: expected some of 64,192,768,2048/)
    expect(await refusal(2, ...sets, '--features', '')).toMatch(/--features/)
    expect(await refusal(2, ...sets, '--save-statistics', at('never.npz'))).toMatch(/Give one with --features\.$/m)
    expect(await refusal(2, at('a'))).toMatch(/B is missing/)
    expect(existsSync(at('never.npz'))).toBe(false)
  })
})
