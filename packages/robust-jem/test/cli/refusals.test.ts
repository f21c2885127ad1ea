import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { encodePng } from '@robust-jem/formats'
import { cuda, saveSafetensors, zeros } from '@robust-jem/torch'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeRun } from '../../src/training/describe.ts'
import { cifar10Files, writeFiles } from '../data/cifar10-files.ts'
import { smallOptions, workshop, writeClassFolders, writeModel } from './workshop.ts'

vi.setConfig({ testTimeout: 120_000 })

const { folder, run } = workshop()
const at = (...names: string[]) => join(folder, ...names)
const train = ['train', 'robust-jem', ...smallOptions]

/** A file system of its own at the folder's name; false where mounting is not permitted. */
function mounted(name: string, options: string): boolean {
  mkdirSync(at(name))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at(name)])
  if (status === 0) afterAll(() => void spawnSync('umount', [at(name)]))
  return status === 0
}
const disk = mounted('disk', 'size=3500k')
const small = mounted('small', 'size=8k')
const readOnly = mounted('read-only', 'ro,size=64k')

/** Every name below the workshop with its size. */
const everything = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${statSync(at(name)).isFile() ? statSync(at(name)).size : ''}`)

/** The one line that a command ends with; nothing on stdout, and no file is made, changed or removed. */
async function refusal(words: string[]): Promise<[code: number | null, line: string]> {
  const before = everything()
  const { code, stdout, lines } = await run([...words, '--quiet'])
  expect(lines).toHaveLength(1)
  expect(stdout).toBe('')
  expect(everything()).toEqual(before)
  return [code, lines[0]!]
}

beforeAll(async () => {
  writeClassFolders(at('images'))
  writeModel(at('model'))
  const files = cifar10Files()
  await writeFiles(at('cut'), { ...files, 'data_batch_3.bin': files['data_batch_3.bin']!.subarray(0, 5000) })
  await writeFiles(at('sparse'), files)
  mkdirSync(at('empty'))
  const whole = readFileSync(at('model', 'ema.safetensors'))
  const absurd = Buffer.from(whole)
  absurd.writeBigUInt64LE(2n ** 60n)
  writeFileSync(at('half.safetensors'), whole.subarray(0, whole.length / 2))
  writeFileSync(at('absurd.safetensors'), absurd)
  saveSafetensors(at('foreign.safetensors'), { w: zeros([3]) }, { format: 'pt' })
  writeFileSync(at('large.png'), encodePng({ width: 64, height: 48, data: new Uint8Array(3 * 64 * 48) }))
  writeFileSync(at('text.png'), 'not a picture')
  mkdirSync(at('locked'))
  writeFileSync(at('locked', 'config.yaml'), 'seed: 0\n')
  writeFileSync(at('locked', 'lock'), `${process.pid} ${hostname()}`)
})

describe('what the user can mend is one line on stderr, and no file is touched', () => {
  it.each<[string, string[], number, string | RegExp]>([
    [
      'a setting that does not exist',
      [...train, '--set', 'sampelr.steps=3', '--out', 'new'],
      2,
      /^robust-jem: Unknown setting 'sampelr\.steps'; did you mean 'sampling\./,
    ],
    [
      'a data folder that does not exist',
      [...train, '--data-dir', 'nowhere', '--out', 'new'],
      1,
      `robust-jem: The folder ${at('nowhere')} does not exist. It should hold CIFAR-10's binary version`,
    ],
    [
      'a data file that breaks off',
      [...train, '--data-dir', 'cut', '--out', 'new/run'],
      1,
      `robust-jem: CIFAR-10's file ${at('cut', 'data_batch_3.bin')} has 5,000 bytes, not a multiple of 3,073`,
    ],
    [
      'images that lack a class',
      [...train, '--data-dir', 'sparse', '--out', 'new'],
      1,
      /^robust-jem: No training image is left of .*frog, horse, ship, truck \(.*\)\. Add images, or hold none back/,
    ],
    [
      'fewer images than a batch',
      [...train, '--data-dir', 'images', '--set', 'optimizer.batchSize=64', '--out', 'new'],
      1,
      'robust-jem: 20 training images are fewer than one batch of 64. Add images, or take smaller batches',
    ],
    [
      'fewer images than a labelled batch',
      [...train, '--data-dir', 'images', '--set', 'optimizer.labelledBatchSize=64', '--out', 'new'],
      1,
      'robust-jem: 20 training images are fewer than one batch of 64. Add images, or take smaller batches: --set optimizer.labelledBatchSize=20',
    ],
    [
      'a border wider than what it mirrors',
      [...train, '--data-dir', 'images', '--set', 'data.pad=32', '--out', 'new'],
      2,
      /^robust-jem: .*data\.pad/,
    ],
    [
      'a run that exists',
      [...train, '--data-dir', 'images', '--out', 'model'],
      1,
      'robust-jem: model is not empty, and runs are never overwritten. Name another --out, or go on with',
    ],
    [
      'a run below a file',
      [...train, '--data-dir', 'images', '--out', 'text.png/run'],
      1,
      'robust-jem: The run directory text.png/run cannot be made (ENOTDIR). Name another place with --out.',
    ],
    [
      'a run where nothing can be made',
      [...train, '--data-dir', 'images', '--out', '/proc/run'],
      1,
      /^robust-jem: The run directory \/proc\/run cannot be made \(\w+\)\. Name another place with --out\.$/,
    ],
    [
      'a run that a living process has',
      ['train', '--resume', 'locked'],
      1,
      `robust-jem: locked is in use by process ${process.pid} on ${hostname()}. Wait for it, or remove locked/lock if it is gone.`,
    ],
    [
      'a resume of what is no run',
      ['train', '--resume', 'model'],
      1,
      'robust-jem: model is no run directory: it has no config.yaml. Name the folder that train printed.',
    ],
    [
      'a model that is cut in half',
      ['info', 'half.safetensors'],
      1,
      /^robust-jem: half\.safetensors is not a readable safetensors file: its tensors take \d+ bytes, the file holds \d+ .*Fetch or write it again\.$/,
    ],
    [
      'a model with an absurd header',
      ['info', 'absurd.safetensors'],
      1,
      /^robust-jem: absurd\.safetensors is not a readable safetensors file: its header is said to take 11529\d+ bytes/,
    ],
    [
      'a model of another program',
      ['sample', 'foreign.safetensors', '--out', 'x.png'],
      1,
      'robust-jem: foreign.safetensors is a safetensors file of another program. Name a model that robust-jem wrote.',
    ],
    [
      'a model that is not there',
      ['sample', 'gone', '--out', 'x.png'],
      1,
      'robust-jem: There is no model or run at gone. Train one with: robust-jem train robust-jem --preset quick',
    ],
    [
      'curves of what was never a run',
      ['info', 'model', '--curves', 'curves.svg'],
      1,
      'robust-jem: model has no steps in a metrics.jsonl, so there are no curves. Name the directory of a run, or leave --curves out.',
    ],
    ['a folder without a model', ['info', 'empty'], 1, 'robust-jem: empty holds no checkpoint yet.'],
    [
      'an image of another size',
      ['classify', 'model', 'large.png'],
      1,
      'robust-jem: The image large.png is 64×48, but images must be 32×32. Resize the images first',
    ],
    [
      'an image that is none',
      ['classify', 'model', 'text.png'],
      1,
      /^robust-jem: The image text\.png cannot be read \(.*\)\. Replace or remove it\.$/,
    ],
    [
      'a class that the model does not know',
      ['sample', 'model', '--class', 'dragon', '--out', 'x.png'],
      2,
      "robust-jem: The model knows no class 'dragon'. Its classes are cat, dog.",
    ],
    [
      'samples below a file',
      ['sample', 'model', '--out', 'text.png/x.png'],
      1,
      'robust-jem: Nothing can be written to text.png/x.png (ENOTDIR). Name another --out.',
    ],
    [
      'samples where nothing can be made',
      ['sample', 'model', '--out', '/proc/samples/x.npz'],
      1,
      'robust-jem: Nothing can be written to /proc/samples/x.npz (ENOENT). Name another --out.',
    ],
    [
      'samples of an unknown kind',
      ['sample', 'model', '--out', 'x.gif'],
      2,
      'robust-jem: --out x.gif: nothing is known to write into .gif. Name a .png, an .npz or a folder.',
    ],
    [
      'a film that is no picture',
      ['sample', 'model', '--film', '--out', 'x.npz'],
      2,
      'robust-jem: A film is one picture, but --out is x.npz. Name a .png file.',
    ],
    [
      'no samples',
      ['sample', 'model', '--count', '0'],
      2,
      'robust-jem: --count: expected whole number ≥ 1, received "0".',
    ],
    [
      'an unknown sampler',
      ['sample', 'model', '--sampler', 'gan'],
      2,
      'robust-jem: --sampler: unknown "gan". It is one of energy, attack, robust-jem, ascent.',
    ],
  ])('%s', async (_, words, code, line) => {
    const [received, said] = await refusal(words)
    if (typeof line === 'string') expect(said.slice(0, line.length)).toBe(line)
    else expect(said).toMatch(line)
    expect(received).toBe(code)
  })

  it.skipIf(cuda.isAvailable())('CUDA that is not there', async () => {
    const line = /^robust-jem: libtorch .* finds no CUDA device\. Use --device cpu/
    for (const words of [
      [...train, '--data-dir', 'images', '--out', 'new'],
      ['sample', 'model'],
    ])
      expect(await refusal([...words, '--device', 'cuda'])).toEqual([1, expect.stringMatching(line)])
  })

  it.skipIf(!readOnly)('a file system that can only be read (skipped where mounting is not permitted)', async () => {
    expect(await refusal([...train, '--data-dir', 'images', '--out', 'read-only/run'])).toEqual([
      1,
      'robust-jem: The run directory read-only/run cannot be made (EROFS). Name another place with --out.',
    ])
    expect(await refusal(['sample', 'model', '--out', 'read-only/x.png'])).toEqual([
      1,
      'robust-jem: Nothing can be written to read-only/x.png (EROFS). Name another --out.',
    ])
  })
})

describe('a full disk (skipped where mounting is not permitted)', () => {
  it.skipIf(!disk)('while a checkpoint is written: one line, and the one before it is whole and goes on', async () => {
    const often = ['--set', 'record.checkpointEvery=1', '--set', 'record.gridEvery=100', '--data-dir', 'images']
    const { code, lines } = await run([...train, ...often, '--out', 'disk/run', '--quiet'])
    expect([code, lines]).toEqual([
      1,
      [
        expect.stringMatching(
          /^robust-jem: The disk is full: step \d of disk\/run could not be saved\. Free some space and go on with: robust-jem train --resume disk\/run$/,
        ),
      ],
    ])
    const [newest, ...others] = readdirSync(at('disk', 'run', 'checkpoints'))
      .sort()
      .reverse()
    expect([newest, ...others].filter((name) => !/^step-\d{6}$/.test(name ?? ''))).toEqual([])
    expect(readdirSync(at('disk', 'run')).filter((name) => /part|lock/.test(name))).toEqual([])
    const step = Number(newest?.slice('step-'.length))
    expect(describeRun(at('disk', 'run')).step).toBe(step)

    spawnSync('mount', ['-o', 'remount,size=32m', at('disk')])
    const resumed = await run(['train', '--resume', 'disk/run'])
    expect([resumed.code, resumed.stderr]).toEqual([
      0,
      expect.stringContaining(`resuming disk/run after step ${step}\n`),
    ])
    expect(describeRun(at('disk', 'run')).step).toBe(8)
  })

  it.skipIf(!small)('while samples are written: one line, and nothing half-written', async () => {
    for (const out of ['small/x.npz', 'small/folder']) {
      const [code, line] = await refusal(['sample', 'model', '--count', '8', '--out', out])
      expect([code, line]).toEqual([1, expect.stringMatching(/^robust-jem: The disk is full: small\/\S+ could not be/)])
    }
  })
})
