import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Generator, saveSafetensors, zeros } from '@robust-jem/torch'
import { afterAll, describe, expect, it } from 'vitest'
import { buildNetwork, describeModel, loadModel, MODEL_FILES, saveModel } from '../../src/models/model-file.ts'
import { describeRun } from '../../src/training/describe.ts'
import { classNames, descriptionOf, smallConfig } from './small-training.ts'

const folder = mkdtempSync(join(tmpdir(), 'robust-jem-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

const config = smallConfig()
const description = descriptionOf(config)
const state = (seed: number) => buildNetwork(config, 2, new Generator(seed)).stateDict()

/** A folder with these weights in it. */
function model(name: string, weights: ('raw' | 'ema')[], using = description): string {
  const path = join(folder, name)
  mkdirSync(path)
  for (const kind of weights) saveModel(join(path, MODEL_FILES[kind]), state(kind === 'raw' ? 1 : 2), using, kind)
  return path
}

describe('a model file', () => {
  it('gives back the network, its settings, classes and provenance', () => {
    const path = join(model('whole', ['raw']), MODEL_FILES.raw)
    const { network, sha256, ...rest } = loadModel(path)
    expect(rest).toEqual({ ...description, path, weights: 'raw', gaussians: undefined })
    expect(network.classOutput.weight.toArray()).toEqual(state(1)['class_output.weight']!.toArray())
    expect(describeModel(path)).toEqual(description)
    expect(describeRun(path)).toMatchObject({ step: 0, hashes: { weights_sha256: sha256, ema_sha256: null } })
  })

  it('with one flipped bit among its weights is refused', () => {
    const path = join(model('flipped', ['raw']), MODEL_FILES.raw)
    const bytes = readFileSync(path)
    bytes[bytes.length - 3]! ^= 4
    writeFileSync(path, bytes)
    expect(() => loadModel(path)).toThrow(
      `The weights in ${path} are not those that were written. Fetch or write the file again.`,
    )
  })

  it('of another program, of another version, or of another network than it says is refused', () => {
    const path = join(folder, 'foreign.safetensors')
    saveSafetensors(path, { w: zeros([2]) })
    expect(() => loadModel(path)).toThrow(`${path} is a safetensors file of another program.`)
    const ours = { format: 'robust-jem', config: JSON.stringify(config), classes: JSON.stringify(classNames) }
    for (const wrong of [{ config: '{"warp": 9}' }, { config: '{' }, { classes: '7' }, { provenance: '[]' }]) {
      saveSafetensors(path, { w: zeros([2]) }, { ...ours, ...wrong })
      expect(() => loadModel(path)).toThrow(`${path} was written with settings that this version does not know.`)
    }
    saveSafetensors(path, { w: zeros([2]) }, ours)
    expect(() => loadModel(path)).toThrow(`${path} does not fit the network that its own metadata describe.`)
  })

  it('that is missing, or a folder without one', () => {
    const missing = join(folder, 'missing')
    expect(() => loadModel(missing)).toThrow(`There is no model or run at ${missing}. Train one with:`)
    mkdirSync(missing)
    expect(() => loadModel(missing)).toThrow(`${missing} holds no checkpoint yet.`)
  })
})

describe('of raw and averaged weights', () => {
  it('the settings choose, else the user; what is said is what is loaded', () => {
    const both = model('both', ['raw', 'ema'])
    const [raw, ema] = (['raw', 'ema'] as const).map((weights) => loadModel(both, { weights }))
    expect([raw?.weights, ema?.weights]).toEqual(['raw', 'ema'])
    expect(raw?.sha256).not.toBe(ema?.sha256)
    expect(loadModel(both)).toMatchObject({ weights: 'ema', sha256: ema?.sha256 })
    const wantsRaw = model('wants-raw', ['raw', 'ema'], descriptionOf(smallConfig('sampling.weights=raw')))
    expect(loadModel(wantsRaw)).toMatchObject({ weights: 'raw', sha256: raw?.sha256 })
    for (const path of [both, wantsRaw]) {
      expect(describeRun(path).hashes).toMatchObject({ weights_sha256: raw?.sha256, ema_sha256: ema?.sha256 })
    }
    expect(loadModel(join(both, MODEL_FILES.ema)).weights).toBe('ema')
  })

  it('those that are not kept are never silently replaced', () => {
    const raw = model('raw-alone', ['raw'])
    const ema = model('ema-alone', ['ema'])
    expect(loadModel(raw).weights).toBe('raw')
    expect(loadModel(ema).weights).toBe('ema')
    expect(() => loadModel(raw, { weights: 'ema' })).toThrow(
      `${raw} holds no averaged weights. Leave out --weights ema.`,
    )
    expect(() => loadModel(join(ema, MODEL_FILES.ema), { weights: 'raw' })).toThrow('holds no raw weights.')
    expect(describeRun(ema).hashes).toMatchObject({ weights_sha256: null, buffer_sha256: null })
  })
})

describe('the class Gaussians', () => {
  it('are found beside a model file, in a checkpoint, and in its run', () => {
    const run = join(folder, 'run')
    const checkpoint = join(run, 'checkpoints', 'step-000002')
    mkdirSync(join(run, 'checkpoints'), { recursive: true })
    cpSync(join(folder, 'both'), checkpoint, { recursive: true })
    const beside = join(run, MODEL_FILES.gaussians)
    writeFileSync(beside, '')
    for (const path of [run, checkpoint, join(checkpoint, MODEL_FILES.ema)])
      expect(loadModel(path).gaussians).toBe(beside)
    const alone = join(folder, 'both', MODEL_FILES.gaussians)
    writeFileSync(alone, '')
    expect(loadModel(join(folder, 'both', MODEL_FILES.raw)).gaussians).toBe(alone)
  })

  it('the newest checkpoint of a run is the one of the highest step', () => {
    const run = join(folder, 'run')
    cpSync(join(folder, 'both'), join(run, 'checkpoints', 'step-000010'), { recursive: true })
    mkdirSync(join(run, 'checkpoints', 'step-000011.part'))
    expect(describeRun(run).path).toBe(join(run, 'checkpoints', 'step-000010'))
  })
})
