/** The command `evaluate`, run here on untrained networks; Inception's first layers and a small ResNet judge what they draw. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { decodePng, encodePng, readNpz } from '@robust-jem/formats'
import { arange, Generator, noGrad, saveSafetensors, setThreads, zeros } from '@robust-jem/torch'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { toYaml } from '../../src/config/explain.ts'
import { ClassGaussians } from '../../src/data/class-gaussian.ts'
import { type FigureRecord, figureRecord } from '../../src/evaluation/figure-record.ts'
import { buildNetwork, MODEL_FILES, saveModel } from '../../src/models/model-file.ts'
import { TRAINING_FILE } from '../../src/training/checkpoint.ts'
import { matlabFile, svhnMatrices } from '../data/matlab-files.ts'
import { writePngFolder } from '../evaluation/images.ts'
import { randomState } from '../models/inception-states.ts'
import { randomResnet } from '../models/resnet-state.ts'
import { descriptionOf, smallConfig, smallGaussians } from '../training/small-training.ts'
import { writeClassFolders, writeModel } from './workshop.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 }) // a busy machine too
setThreads(1)

const root = mkdtempSync(join(tmpdir(), 'robust-jem-evaluate-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = (...names: string[]) => join(root, ...names)
const extractors = ['--inception', at('stem.safetensors'), '--judge', at('judge.safetensors')]

beforeAll(() => {
  vi.stubEnv('XDG_CACHE_HOME', at('cache'))
  for (const name of ['ROBUST_JEM_INCEPTION', 'ROBUST_JEM_JUDGE', 'ROBUST_JEM_DATA']) vi.stubEnv(name, '')
  writeModel(at('model'))
  writeClassFolders(at('images'))
  writeRun(at('run'))
  saveSafetensors(at('stem.safetensors'), randomState(64, 1))
  saveSafetensors(at('judge.safetensors'), randomResnet(1, 2, 2))
  saveSafetensors(at('ten.safetensors'), randomResnet(1, 2, 10))
  saveSafetensors(at('other.safetensors'), { w: zeros([1]) })
})

/** The model of `at('model')` as a run of these images, with a buffer of twenty greys. */
function writeRun(run: string): void {
  const checkpoint = join(run, 'checkpoints', 'step-000001')
  mkdirSync(checkpoint, { recursive: true })
  for (const file of [MODEL_FILES.raw, MODEL_FILES.ema]) cpSync(at('model', file), join(checkpoint, file))
  cpSync(at('model', MODEL_FILES.gaussians), join(run, MODEL_FILES.gaussians))
  writeFileSync(join(run, 'config.yaml'), toYaml(smallConfig()))
  const environment = {
    dataDir: at('images'),
    dataSha256: '',
    maxMinutes: null,
    device: 'cpu',
    precision: 'float32',
    threads: 1,
  }
  writeFileSync(join(run, 'environment.json'), JSON.stringify(environment))
  const greys = arange(20).float().div(10).sub(0.95).reshape([20, 1, 1, 1]).expand([20, 3, 32, 32]).contiguous()
  saveSafetensors(join(checkpoint, TRAINING_FILE), { 'buffer.images': greys })
}

async function evaluate(...words: string[]) {
  const output = { out: '', err: '' }
  const screen = (name: 'out' | 'err') => ({
    write: (text: string) => {
      output[name] += text
    },
  })
  const line = ['evaluate', ...words, '--device', 'cpu', '--threads', '1', '--quiet']
  return { code: await main(line, { out: screen('out'), err: screen('err') }), ...output }
}

interface Told {
  folder: string
  figures: FigureRecord[]
  refused: Record<string, string>
  flags: string[]
  files: string[]
}
const json = async (...words: string[]): Promise<Told & { of: (name: string) => FigureRecord }> => {
  const { code, out, err } = await evaluate(...words, '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const told = JSON.parse(out) as Told
  for (const figure of told.figures) expect(figureRecord.parse(figure)).toEqual(figure)
  for (const file of told.files) expect(existsSync(join(told.folder, file))).toBe(true)
  return { ...told, of: (name) => told.figures.find((figure) => figure.name === name)! }
}
const refusal = async (code: number, ...words: string[]) => {
  const outcome = await evaluate(...words)
  const lines = outcome.err.trimEnd().split('\n').length
  expect({ ...outcome, lines }).toEqual({ code, out: '', err: expect.stringMatching(/^robust-jem: /), lines: 1 })
  return outcome.err
}
/** Every file below a folder and when it was written. */
const timesIn = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [
      name,
      statSync(join(folder, name)).mtimeMs,
    ]),
  )

describe('on test images', () => {
  it('accuracy, PGD-20, calibration and OOD come without further files, each with all that it rests on', async () => {
    const told = await json(at('run'))
    expect(told.folder).toBe(at('run', 'evaluation'))
    expect(told.of('accuracy')).toMatchObject({ unit: 'share', count: 2, protocol: 'test', extractor_sha256: null })
    expect(told.of('accuracy').interval!.method).toBe('wilson-95')
    const { value, settings } = told.of('pgd-20')
    expect(value).toBeLessThanOrEqual(told.of('accuracy').value)
    expect(settings).toMatchObject({ norm: 'linf', epsilon: '8/255', steps: 20 })
    expect(told.of('ece-20')).toMatchObject({ interval: { method: 'bootstrap-95' }, settings: { bins: 20 } })
    expect([told.of('nll').unit, told.of('brier').unit]).toEqual(['nats', null])
    for (const set of ['class-gaussians', 'interpolations', 'uniform-noise'])
      for (const score of ['log-p', 'max-softmax', 'gradient-norm'])
        expect(told.of(`auroc/${score}/${set}`)).toMatchObject({ reference: { name: set, count: 2 } })
    expect(told.refused['auroc/cifar100']).toMatch(/^CIFAR-100's test\.bin is not there\. Name its folder/)
    expect(told.refused['auroc/svhn']).toMatch(/^SVHN's test_32x32\.mat is not there/)
    expect(told.files).toHaveLength(4)
    for (const file of told.files) expect(readFileSync(join(told.folder, file), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
  })

  it('asked again, nothing is computed again', async () => {
    const [before, told] = [timesIn(at('run')), await json(at('run'))]
    expect(timesIn(at('run'))).toEqual(before)
    const { out } = await evaluate(at('run'), '--metrics', 'accuracy')
    expect(out).toMatch(/^ +accuracy +\d+\.\d\d % \[.*N = 2, test$/m)
    expect(told.figures.length).toBeGreaterThan(10)
  })

  it('a damaged file of figures is written anew', async () => {
    const file = readdirSync(at('run', 'evaluation')).find((name) => name.startsWith('accuracy-'))!
    const whole = readFileSync(at('run', 'evaluation', file), 'utf8')
    writeFileSync(at('run', 'evaluation', file), whole.slice(0, 40))
    await json(at('run'), '--metrics', 'accuracy')
    expect(readFileSync(at('run', 'evaluation', file), 'utf8')).toBe(whole)
  })

  it('recognises CIFAR-100, SVHN and folders of images', async () => {
    mkdirSync(at('ood'))
    writeFileSync(at('ood', 'test.bin'), Buffer.concat([1, 2, 3].map((c) => Buffer.alloc(3074, c))))
    writeFileSync(at('ood', 'test_32x32.mat'), matlabFile(svhnMatrices(2, [1, 10])))
    writePngFolder(at('mine'), 2, 5)
    const told = await json(at('run'), '--metrics', 'ood', '--ood-dir', at('ood'), '--ood-dir', at('mine'))
    for (const set of ['cifar100', 'svhn', 'mine'])
      expect(told.of(`auroc/log-p/${set}`)).toMatchObject({ reference: { name: set, count: 2 } })
    expect(told.refused).toEqual({})
  })
})

describe('AutoAttack', () => {
  const names = ['ant', 'bee', 'cat', 'dog']
  beforeAll(() => {
    const network = buildNetwork(smallConfig(), 4, new Generator(3))
    const description = { config: smallConfig(), classNames: names, provenance: { step: 0 } }
    saveModel(at('four.safetensors'), network.stateDict(), description)
    for (const [c, name] of names.entries()) {
      mkdirSync(at('four', name), { recursive: true })
      for (let i = 0; i < 10; i++) {
        const data = Uint8Array.from({ length: 3072 }, (_, j) => (c * 60 + i * 7 + j * 13) % 256)
        writeFileSync(at('four', name, `${i}.png`), encodePng({ width: 32, height: 32, data }))
      }
    }
  })

  it("per attack and in total, and as RobustBench's JSON", async () => {
    const words = ['--metrics', 'autoattack', '--epsilon', '128/255', '--data-dir', at('four')]
    const told = await json(at('four.safetensors'), ...words, '--robustbench', at('result.json'))
    const shares = ['clean', 'apgd-ce', 'apgd-t', 'fab-t', 'square'].map((name) => told.of(`autoattack/${name}`).value)
    expect(shares).toEqual([...shares].sort((a, b) => b - a))
    expect(told.of('autoattack')).toMatchObject({ value: shares.at(-1), count: 4, settings: { epsilon: '128/255' } })
    expect(JSON.parse(readFileSync(at('result.json'), 'utf8'))).toMatchObject({
      dataset: 'four',
      architecture: 'WideResNet-10-1',
      eps: '128/255',
      clean_acc: (100 * shares[0]!).toFixed(2),
      autoattack_acc: (100 * shares.at(-1)!).toFixed(2),
      unreliable: told.flags.length > 0,
    })
    expect(dirname(told.folder)).toBe(at('cache', 'robust-jem', 'evaluation'))
  })

  it('needs four classes; without class Gaussians their noise is refused, and nothing is drawn', async () => {
    expect(await refusal(1, at('run'), '--metrics', 'autoattack')).toMatch(/needs 4 classes or more/)
    const told = await json(at('four.safetensors'), '--metrics', 'ood', '--data-dir', at('four'))
    expect(told.refused['auroc/class-gaussians']).toMatch(/are not beside the model/)
    const words = ['--metrics', 'samples', '--data-dir', at('four'), ...extractors]
    expect(await refusal(1, at('four.safetensors'), ...words)).toMatch(/class Gaussians are not beside/)
  })
})

describe('on samples', () => {
  const words = ['--count', '12', '--sampler', 'energy', ...extractors]

  it('the judge draws them once; Inception and diversity take the same', async () => {
    const judged = await json(at('run'), ...words, '--metrics', 'judge')
    expect(judged.of('judge-accuracy')).toMatchObject({
      count: 12,
      protocol: 'fresh',
      reference: { name: 'images train', count: 22 },
      extractor_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      settings: { sampler: 'energy', statistics: 'running', weights: 'ema' },
    })
    expect(judged.figures.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['judge-accuracy/cat', 'judge-accuracy/dog', 'judge-is', 'judge-fd']),
    )
    const [samples] = readdirSync(judged.folder).filter((name) => name.startsWith('samples-energy-12'))
    const { images, labels } = readNpz(readFileSync(join(judged.folder, samples!)))
    expect([images!.shape, [...labels!.data].map(Number)]).toEqual([
      [12, 3, 32, 32],
      [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
    ])

    const drawnAt = statSync(join(judged.folder, samples!)).mtimeMs
    const told = await json(at('run'), ...words, '--metrics', 'samples,diversity')
    expect(statSync(join(told.folder, samples!)).mtimeMs).toBe(drawnAt)
    for (const name of [
      'fid-64',
      'kid-64',
      'precision-64',
      'recall-64',
      'density-64',
      'coverage-64',
      'nearest-ratio-64',
    ])
      expect(told.figures.filter((figure) => figure.name === name)).toHaveLength(1)
    expect(told.of('recall-64')).toMatchObject({ settings: { k: 3, reference: 12 } })
    expect(told.of('class-balance').value).toBeGreaterThanOrEqual(1)
    expect(told.of('class-balance').settings.by).toBe('judge')
    expect(told.refused.fid).toMatch(/^fid needs the whole network/)
    expect(told.refused['inception-score']).toMatch(/last layer/)
    const picture = told.files.find((name) => name.startsWith('nearest-'))!
    expect(decodePng(readFileSync(join(told.folder, picture))).height).toBeGreaterThan(12 * 64)
  })

  it('other class Gaussians give other samples, and the record says so', async () => {
    cpSync(at('run'), at('other-run'), { recursive: true })
    const judged = ['--count', '12', '--metrics', 'judge', ...extractors]
    const before = await json(at('other-run'), ...judged)
    const { shape, mean, factor, residual } = smallGaussians()
    new ClassGaussians(mean.mul(0.5), factor, residual, shape).save(at('other-run', MODEL_FILES.gaussians))
    const after = await json(at('other-run'), ...judged)
    const hashes = (told: Told) =>
      told.figures.map(({ settings }) => [settings.samples_sha256, settings.gaussians_sha256])
    for (const [i, [samples, gaussians]] of hashes(after).entries()) {
      expect(samples).not.toBe(hashes(before)[i]![0])
      expect(gaussians).not.toBe(hashes(before)[i]![1])
    }
    expect(after.of('judge-is').settings).toMatchObject({ 'attack.epsilon': smallConfig().sampling.attack.epsilon })
  })

  it('images that are no numbers are refused, not measured as black ones', async () => {
    cpSync(at('run'), at('ill-run'), { recursive: true })
    const network = buildNetwork(smallConfig(), 2, new Generator(1))
    noGrad(() => network.classOutput.weight.mul_(Number.NaN))
    for (const weights of ['raw', 'ema'] as const) {
      const file = at('ill-run', 'checkpoints', 'step-000001', MODEL_FILES[weights])
      saveModel(file, network.stateDict(), descriptionOf(smallConfig()), weights)
    }
    const told = await refusal(1, at('ill-run'), '--count', '12', '--metrics', 'judge', ...extractors)
    expect(told).toMatch(/images that .* drew are not all finite numbers/)
  })

  it('the reference is computed once, in the cache; fewer of it is another figure', async () => {
    const before = timesIn(at('cache'))
    const all = await json(at('run'), ...words, '--metrics', 'judge,samples', '--seed', '1')
    expect(timesIn(at('cache'))).toEqual(before)
    const some = await json(at('run'), ...words, '--metrics', 'judge', '--seed', '1', '--reference', '10')
    expect(some.of('judge-fd').reference!.count).toBe(10)
    expect(some.of('judge-fd').value).not.toBe(all.of('judge-fd').value)
  })

  it('the buffer is labelled, as it is, and needs a run', async () => {
    const told = await json(at('run'), ...words, '--metrics', 'judge,samples', '--protocol', 'buffer')
    expect(told.of('fid-64')).toMatchObject({ protocol: 'buffer', count: 12 })
    expect(told.of('fid-64').settings).not.toHaveProperty('sampler')
    expect(
      await refusal(1, at('run'), '--protocol', 'buffer', '--count', '21', '--metrics', 'judge', ...extractors),
    ).toMatch(/holds 20 images, fewer than 21\. Take a smaller --count\.$/m)
    const alone = ['--protocol', 'buffer', '--metrics', 'judge', '--data-dir', at('images'), ...extractors]
    expect(await refusal(1, at('model'), ...alone)).toMatch(/lies in no checkpoint of a run/)
  })

  it('without Inception and judge, class balance is told by the model, and the rest is refused', async () => {
    const told = await json(at('run'), '--count', '12', '--sampler', 'energy', '--metrics', 'diversity')
    expect(told.of('class-balance')).toMatchObject({ extractor_sha256: null, settings: { by: 'model' } })
    expect(told.refused.recall).toMatch(/weights of Inception-v3 are not on this machine/)
  })
})

describe('refusals', () => {
  it('missing and wrong networks: one line, exit code 1, before anything is drawn', async () => {
    const run = [at('run'), '--count', '14']
    expect(await refusal(1, ...run, '--metrics', 'samples')).toMatch(/Inception-v3 are not on this machine/)
    expect(await refusal(1, ...run, '--metrics', 'judge')).toMatch(
      /No judge of images is on this machine\. Name resnet56/,
    )
    const judging = (file: string) => refusal(1, ...run, '--metrics', 'judge', '--judge', at(file))
    expect(await judging('nowhere')).toMatch(/nowhere is no file of a judge/)
    expect(await judging('other.safetensors')).toMatch(/holds no ResNet for CIFAR-10/)
    expect(await judging('ten.safetensors')).toMatch(/knows the classes of CIFAR-10, not those of images/)
    const diversity = [...run, '--metrics', 'accuracy,diversity', '--seed', '9']
    expect(await refusal(1, ...diversity, '--judge', at('nowhere'))).toMatch(/nowhere is no file of a judge/)
    expect(await refusal(1, ...diversity, '--inception', at('nowhere'))).toMatch(/nowhere does not exist/)
    expect(readdirSync(at('run', 'evaluation')).filter((name) => name.startsWith('samples-robust-jem-14'))).toEqual([])
  })

  it('wrong images: one line, exit code 1', async () => {
    writePngFolder(at('small'), 2, 5, { width: 8, height: 8 })
    writeFileSync(at('test_32x32.mat'), 'no matrix')
    const ood = (dir: string) => refusal(1, at('run'), '--metrics', 'ood', '--ood-dir', at(dir))
    expect(await ood('nowhere')).toMatch(/There is nothing at .*nowhere\. Name a folder with --ood-dir/)
    expect(await ood('small')).toMatch(/are 8×8, but the model sees 32×32/)
    expect(await ood('test_32x32.mat')).toMatch(/is not SVHN's test_32x32\.mat: it ends within its header/)
    expect(await refusal(1, at('run'), '--data-dir', at('four'))).toMatch(
      /are of ant, bee, cat, dog, but .* knows cat, dog/,
    )
  })

  it('wrong words: exit code 2', async () => {
    expect(await refusal(2, at('run'), '--metrics', 'accuracy,jugde')).toMatch(/unknown "jugde"; did you mean judge\?/)
    expect(await refusal(2, at('run'), '--robustbench', at('never.json'))).toMatch(/Add autoattack to --metrics\.$/m)
    expect(await refusal(2, at('run'), '--epsilon', '0')).toMatch(/leaves nothing to attack/)
    expect(await refusal(2, at('run'), '--epsilon', 'much')).toMatch(/is no distance/)
    expect(existsSync(at('never.json'))).toBe(false)
  })

  it('nothing half-written is left anywhere', () => {
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([])
  })
})
