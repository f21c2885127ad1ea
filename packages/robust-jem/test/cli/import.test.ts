import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Generator, noGrad, rand, setThreads, type Tensor, toBytes, zeros } from '@robust-jem/torch'
import { afterAll, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { presets } from '../../src/config/presets/index.ts'
import { cifar10ClassNames } from '../../src/data/cifar10.ts'
import { ClassGaussians } from '../../src/data/class-gaussian.ts'
import { hashTensors, loadModel } from '../../src/models/model-file.ts'
import { WideResNet, type WideResNetSettings } from '../../src/models/wide-resnet.ts'
import { Instructions, legacyFile, OrderedEntries, written, zipFile } from '../models/torch-files.ts'

setThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'robust-jem-import-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (...names: string[]) => join(folder, ...names)

const jempp: WideResNetSettings = {
  depth: 16,
  width: 2,
  classes: 10,
  norm: 'batch',
  activation: 'leaky-relu',
  negativeSlope: 0.2,
  batchNormMomentum: 0.9,
}
const jem: WideResNetSettings = { ...jempp, depth: 10, width: 1, norm: 'none', classes: 3 }

function networkOf(settings: WideResNetSettings): WideResNet {
  const rng = new Generator(5)
  const network = new WideResNet(settings, rng)
  noGrad(() => {
    for (const [name, buffer] of network.namedBuffers())
      if (name.includes('running')) buffer.copy_(rand(buffer.shape, { generator: rng }).add(0.5))
  })
  return network
}

/** The names by which JEM++'s class keeps the same tensors a second time. */
const second: readonly [string, string][] = [
  ['f.conv1.', 'f.layer_one.'],
  ['f.layer1.', 'f.other_layers.0.'],
  ['f.layer2.', 'f.other_layers.1.'],
  ['f.layer3.', 'f.other_layers.2.'],
  ['f.bn1.', 'f.other_layers.3.'],
]
type Entries = (readonly [string, unknown])[]

/** The state dict as JEM++ saves it: with the second names, and with an energy head that takes no part. */
function publicState(network: WideResNet, prefix = ''): OrderedEntries {
  const own: Entries = Object.entries(network.stateDict()).map(([name, t]) => [name, written(t.detach())])
  const again = own.flatMap(([name, t]): Entries => {
    const names = second.find(([first]) => name.startsWith(first))
    return names ? [[names[1] + name.slice(names[0].length), t]] : []
  })
  const head: Entries = [
    ['energy_output.weight', written(zeros([1, 4]))],
    ['energy_output.bias', written(zeros([1]))],
  ]
  return new OrderedEntries([...own, ...again, ...head].map(([name, t]) => [prefix + name, t] as const))
}

async function run(...words: string[]) {
  const output = { out: '', err: '' }
  const code = await main(words, {
    out: { write: (text: string) => (output.out += text) },
    err: { write: (text: string) => (output.err += text) },
  })
  return { code, ...output, lines: output.err.split('\n').filter(Boolean) }
}
async function imported(...words: string[]) {
  const { code, out, err } = await run('import', ...words, '--json')
  if (code !== 0) throw new Error(err)
  return JSON.parse(out)
}
const save = (name: string, bytes: Uint8Array) => {
  writeFileSync(at(name), bytes)
  return at(name)
}
const logits = (network: WideResNet): Uint8Array =>
  noGrad(() =>
    toBytes(
      network.forward(
        rand([2, 3, 32, 32], { generator: new Generator(1) })
          .mul(2)
          .sub(1),
        'running',
      ),
    ),
  )

describe('import of a JEM++ checkpoint', () => {
  const network = networkOf(jempp)
  const checkpoint = { model_state_dict: publicState(network), replay_buffer: written(zeros([4, 3, 32, 32])) }

  it.each([
    ['zip', zipFile(checkpoint)],
    ['legacy', legacyFile(checkpoint)],
    ['zip', zipFile({ epoch: 7, state_dict: publicState(network, 'module.') })],
    ['legacy', legacyFile(publicState(network))],
  ])('in the %s layout: the same bits, the same logits', async (layout, bytes) => {
    const file = save('jempp.pt', bytes)
    const out = at('made', 'here', `${layout}-${bytes.length}.safetensors`)
    const result = await imported(file, '--out', out)
    expect(result).toMatchObject({ out, system: 'robust-jem', depth: 16, width: 2, norm: 'batch', classes: 10 })
    expect(result).toMatchObject({
      tensors: 99,
      gaussians: null,
      provenance: { source: 'jempp.pt', layout: `PyTorch ${layout}` },
    })
    expect(result.ignored).toHaveLength(99)
    expect(result.ignored).toEqual(
      expect.arrayContaining(['f.layer_one.weight', 'f.other_layers.3.bias', 'energy_output.bias']),
    )

    const model = loadModel(out)
    expect(model.sha256).toBe(hashTensors(network.stateDict()))
    expect(logits(model.network)).toEqual(logits(network))
    expect(model.classNames).toEqual(cifar10ClassNames)
    const { paper } = presets['robust-jem']
    expect(model.config).toEqual({ ...paper, model: { ...paper.model, depth: 16, width: 2, norm: 'batch' } })
    expect(model.provenance).toEqual(result.provenance)
  })

  it('leaves the checkpoint alone and nothing aside', () => {
    expect(readdirSync(at('made', 'here')).filter((name) => !/^(zip|legacy)-\d+\.safetensors$/.test(name))).toEqual([])
  })
})

describe('import of a JEM checkpoint', () => {
  const network = networkOf(jem)

  it('without a norm, of three classes: they are numbered', async () => {
    const file = save('jem.pt', zipFile({ model_state_dict: publicState(network) }))
    const result = await imported(file, '--out', at('jem.safetensors'), '--system', 'robust-jem')
    expect(result).toMatchObject({ depth: 10, width: 1, norm: 'none', classes: 3 })
    const model = loadModel(at('jem.safetensors'))
    expect(logits(model.network)).toEqual(logits(network))
    expect(model.classNames).toEqual(['0', '1', '2'])
  })

  it('in half precision is widened', async () => {
    const half = Object.entries(network.stateDict()).map(
      ([name, t]) => [name, written(t.to({ dtype: 'float16' }))] as const,
    )
    await imported(save('half.pt', zipFile(new OrderedEntries(half))), '--out', at('half.safetensors'))
    const weight = loadModel(at('half.safetensors')).network.classOutput.weight
    expect(weight.dtype).toBe('float32')
    expect(weight.toArray()).toEqual(network.classOutput.weight.to({ dtype: 'float16' }).float().toArray())
  })

  it('says in one line what was made, and what the samplers will need', async () => {
    const { code, out, lines } = await run('import', at('jem.pt'), '--out', at('said.safetensors'))
    const made = `WRN-10-1, norm none, 3 classes, 20 tensors (20 unused ones left out) → ${at('said.safetensors')}\n`
    expect([code, out]).toEqual([0, made])
    expect(lines).toEqual([
      `The samplers will need class-gaussians.safetensors beside ${at('said.safetensors')}: see --gaussians.`,
    ])
  })

  it('puts class Gaussians beside the model', async () => {
    const gaussians = new ClassGaussians(zeros([3, 3072]), zeros([3, 3072, 1]), zeros([3, 3072]), [3, 32, 32])
    gaussians.save(at('g.safetensors'))
    const out = at('with', 'model.safetensors')
    const result = await imported(at('jem.pt'), '--out', out, '--gaussians', at('g.safetensors'))
    expect(result.gaussians).toBe(at('with', 'class-gaussians.safetensors'))
    expect(loadModel(out).gaussians).toBe(result.gaussians)
    expect(readFileSync(result.gaussians)).toEqual(readFileSync(at('g.safetensors')))
    // Those that lie there already are kept, and are good for a second model.
    const again = await imported(at('jem.pt'), '--out', at('with', 'b.safetensors'), '--gaussians', result.gaussians)
    expect(again.gaussians).toBe(result.gaussians)
  })
})

describe('import refuses in one line and makes nothing', () => {
  const state = (change: (state: Map<string, Tensor>) => void, settings = jem) => {
    const named = new Map(Object.entries(networkOf(settings).stateDict()))
    change(named)
    return zipFile(new OrderedEntries([...named].map(([name, t]) => [name, written(t.detach())])))
  }
  const unknown = 'The checkpoint holds no network that is known: '

  it.each<[string, Uint8Array, string]>([
    [
      'a pickle that would run something',
      zipFile({ state_dict: {}, hook: new Instructions('cos\nsystem\n(X\x02\0\0\0lstR') }),
      "holds 'os.system'; only tensors, numbers, text, lists and dicts are read, and nothing is run.",
    ],
    ['a file that is cut off', zipFile({ a: written(zeros([99])) }).subarray(0, 300), 'is no whole file of torch.save'],
    [
      'another network',
      zipFile({ 'conv1.weight': written(zeros([64, 3, 7, 7])) }),
      `${unknown}it has no f.conv1.weight.`,
    ],
    ['no tensors', legacyFile({ epoch: 3 }), `${unknown}it has no f.conv1.weight.`],
    [
      'a network that lacks a layer',
      state((s) => void s.delete('f.layer3.0.conv2.weight')),
      `${unknown}it has no f.layer3.0.conv2.weight.`,
    ],
    [
      'one layer that promises a huge network',
      state((s) => void s.set('f.layer1.0.conv1.weight', zeros([16 * 999, 16, 3, 3]))),
      `${unknown}f.layer1.0.conv2.weight is [16, 16, 3, 3], expected [15984, 15984, 3, 3].`,
    ],
    [
      'shapes that do not fit',
      state((s) => void s.set('class_output.bias', zeros([7]))),
      `${unknown}class_output.bias is [7], expected [3].`,
    ],
    [
      'half of its norms',
      state((s) => void s.delete('f.layer1.0.bn1.bias'), { ...jem, norm: 'batch' }),
      'The checkpoint looks like a WRN-10-1, norm batch, but is none. The state lacks f.layer1.0.bn1.bias.',
    ],
    [
      'a layer too many',
      state((s) => void s.set('f.attention.weight', zeros([1]))),
      'The state has f.attention.weight, which the network lacks.',
    ],
    [
      'a network of no channels and billions of classes',
      state((s) => {
        for (const [name, { shape }] of s)
          if (name.startsWith('f.layer'))
            s.set(name, zeros([0, name.startsWith('f.layer1.0.conv1') ? 16 : 0, ...shape.slice(2)]))
        s.set('class_output.weight', zeros([2 ** 33, 0]))
      }),
      `${unknown}class_output.bias is [3], expected [8589934592].`,
    ],
    ['one class', state(() => {}, { ...jem, classes: 1 }), `${unknown}it has 1 class.`],
  ])('%s', async (_, bytes, message) => {
    const file = save('wrong.pt', bytes)
    const { code, out, lines } = await run('import', file, '--out', at('never', 'x.safetensors'))
    expect([code, out, lines]).toEqual([1, '', [expect.stringContaining(message)]])
    expect(existsSync(at('never'))).toBe(false)
  })

  it.each<[string, string[], number, string]>([
    [
      'a checkpoint that is not there',
      ['gone.pt', '--out', 'x.safetensors'],
      1,
      'gone.pt does not exist. Check the name.',
    ],
    ['a folder', ['folder', '--out', 'x.safetensors'], 1, 'folder is a folder where a file is wanted.'],
    ['no --out', ['jem.pt'], 2, '--out is missing. Name the model file to make: --out MODEL.safetensors.'],
    ['another kind of file', ['jem.pt', '--out', 'x.pt'], 2, 'x.pt is no .safetensors file. Name one, as '],
    ['to overwrite a model', ['jem.pt', '--out', 'jem.safetensors'], 1, 'jem.safetensors exists, and models are never'],
    ['no Gaussians', ['jem.pt', '--out', 'x.safetensors', '--gaussians', 'no'], 1, 'There are no class Gaussians at '],
    [
      'strange Gaussians',
      ['jem.pt', '--out', 'x.safetensors', '--gaussians', 'jem.pt'],
      1,
      'jem.pt is no readable file of',
    ],
    [
      'other Gaussians',
      ['jem.pt', '--out', 'x.safetensors', '--gaussians', 'two.safetensors'],
      1,
      'is of 2 classes, the',
    ],
    [
      'to overwrite Gaussians',
      ['jem.pt', '--out', 'with/c.safetensors', '--gaussians', 'g.safetensors'],
      1,
      'class-gaussians.safetensors exists, and models are never overwritten.',
    ],
  ])('%s', async (_, words, expected, message) => {
    mkdirSync(at('folder'), { recursive: true })
    new ClassGaussians(zeros([2, 12]), zeros([2, 12, 1]), zeros([2, 12]), [3, 2, 2]).save(at('two.safetensors'))
    const before = readdirSync(folder, { recursive: true }).sort()
    const placed = words.map((word) => (word.startsWith('--') ? word : at(word)))
    const { code, out, lines } = await run('import', ...placed)
    expect([code, out, lines]).toEqual([expected, '', [expect.stringContaining(message)]])
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before)
  })
})
