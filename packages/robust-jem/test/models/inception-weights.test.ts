import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { full, Generator, rand, saveSafetensors, setThreads, type Tensor, zeros } from '@robust-jem/torch'
import { afterAll, describe, expect, it } from 'vitest'
import { foldBatchNorm } from '../../src/models/frozen-graph.ts'
import { InceptionV3 } from '../../src/models/inception-v3.ts'
import { loadInception, locateInception, weightsOfState } from '../../src/models/inception-weights.ts'
import { archiveOf, graphFile, graphOf, randomState } from './inception-states.ts'

setThreads(1)

const root = mkdtempSync(join(tmpdir(), 'robust-jem-inception-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const write = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(root, name), bytes)
  return join(root, name)
}

const state = randomState(64, 1)
const x = rand([1, 3, 40, 40], { generator: new Generator(2) })
  .mul(2)
  .sub(1)
const featuresOf = (network: InceptionV3): Tensor => network.forward(x, [64]).features.get(64)!
const expected = featuresOf(new InceptionV3(weightsOfState(state)))
const apart = (network: InceptionV3, from = expected): number =>
  featuresOf(network).sub(from).abs().max().item() / from.abs().max().item()

describe("files of Inception-v3's weights", () => {
  it('safetensors with batch norm folded in and apart, and with other tensors beside', () => {
    const folded: Record<string, Tensor> = {}
    for (const [name, { weight, bias }] of weightsOfState(state).convolutions) {
      folded[`${name}.weight`] = weight
      folded[`${name}.bias`] = bias
    }
    const [together, separate] = [join(root, 'folded.safetensors'), join(root, 'apart.safetensors')]
    saveSafetensors(together, folded)
    saveSafetensors(separate, { ...state, 'AuxLogits.fc.weight': zeros([2, 2]) })
    for (const path of [together, separate]) {
      const { network, sha256, path: kept } = loadInception(path)
      expect(apart(network)).toBeLessThan(1e-6)
      expect([network.dims, kept, sha256]).toEqual([[64], path, expect.stringMatching(/^[0-9a-f]{64}$/)])
    }
  })

  it("TensorFlow's frozen graph, alone and in its archive", () => {
    const graph = graphOf(state)
    const archive = archiveOf({ 'labels.txt': Buffer.from('panda'), 'classify_image_graph_def.pb': graph })
    expect(apart(loadInception(write('graph.pb', graph)).network)).toBeLessThan(1e-6)
    expect(apart(loadInception(write('inception.tgz', archive)).network)).toBeLessThan(1e-6)
  })

  it("takes ε of the graph, and passes γ over where the graph says that it isn't applied", () => {
    const unscaled = Object.fromEntries(
      Object.entries(state).map(([name, value]) => [name, name.endsWith('bn.weight') ? full(value.shape, 1) : value]),
    )
    const without = featuresOf(new InceptionV3(weightsOfState(unscaled)))
    const ours = loadInception(write('unscaled.pb', graphOf(state, { scaled: false }))).network
    expect(apart(ours, without)).toBeLessThan(1e-6)
    const other = loadInception(write('epsilon.pb', graphOf(state, { epsilon: 0.5 }))).network
    expect(apart(other)).toBeGreaterThan(0.01)
  })

  it('constants of one repeated value are read as TensorFlow writes them', () => {
    const ones = Object.fromEntries(
      Object.entries(state).map(([name, value]) => [name, name.endsWith('bn.weight') ? full(value.shape, 1.5) : value]),
    )
    const shared = graphFile(
      ['conv', 'conv_1', 'conv_2'].map((name, i) => ({
        name: `${name}/batchnorm/gamma`,
        value: full([[32, 32, 64][i]!], 1.5),
        shared: true,
      })),
    )
    // In protobuf, what is concatenated is merged; of nodes of one name the last one counts.
    const graph = Buffer.concat([graphOf(ones), shared])
    const network = loadInception(write('shared.pb', graph)).network
    expect(apart(network, featuresOf(new InceptionV3(weightsOfState(ones))))).toBeLessThan(1e-6)
  })

  it('batch norm folded into a convolution is γ·(Wx − mean)/√(variance + ε) + β', () => {
    const { weight, bias } = foldBatchNorm(full([1, 1, 1, 1], 3), {
      gamma: full([1], 2),
      beta: full([1], 5),
      mean: full([1], 4),
      variance: full([1], 3.75),
      epsilon: 0.25,
    })
    expect([weight.item(), bias.item()]).toEqual([3, 1])
  })
})

describe('a file that is something else', () => {
  const refusal = (path: string): string => {
    try {
      loadInception(path)
    } catch (error) {
      expect((error as Error).name).toBe('UserError')
      expect((error as Error).message).not.toContain('\n')
      return (error as Error).message
    }
    throw new Error(`${path} was loaded.`)
  }

  it('is refused in one line that says what to supply', () => {
    saveSafetensors(join(root, 'other.safetensors'), { 'conv1.weight': zeros([3]) })
    const graph = graphOf(state)
    const cases: [string, RegExp][] = [
      [join(root, 'other.safetensors'), /\(There is no Conv2d_1a_3x3\)/],
      [write('empty.pb', ''), /\(it is empty\)/],
      [write('text.pb', 'Inception, but in words'), /is not a file of Inception-v3's weights/],
      [write('half.pb', graph.subarray(0, 20_000)), /is not a file of Inception-v3's weights/],
      [write('other.pb', graphFile([{ name: 'conv/conv2d_params', value: zeros([2]) }])), /There is no Conv2d_1a_3x3/],
      [write('none.tgz', archiveOf({ 'a.txt': Buffer.from('a') })), /\(The archive holds no \.pb file\)/],
      [write('half.tgz', archiveOf({ 'a.pb': graph }).subarray(0, 5000)), /is not a file of Inception-v3's weights/],
    ]
    for (const [path, message] of cases) {
      expect(refusal(path)).toMatch(message)
      expect(refusal(path)).toMatch(
        /Supply pt_inception-2015-12-05-6726825d\.pth \(of pytorch-fid\) or classify_image_/,
      )
    }
    expect(refusal(write('cut.safetensors', Buffer.from('\x10\0\0\0\0\0\0\0{"a":1}   cut')))).toMatch(
      /cut\.safetensors/,
    )
    expect(refusal(write('pickle.pth', Buffer.from([0x80, 2, 0x4e, 0x2e])))).toMatch(/pickle\.pth/)
  })
})

describe('where the weights are looked for', () => {
  const cache = join(root, 'cache')
  const env = { XDG_CACHE_HOME: cache }
  const inside = join(cache, 'robust-jem', 'inception')

  it('nowhere: one line says what to supply, and where to put it', () => {
    expect(() => locateInception({ env })).toThrow(
      `The weights of Inception-v3 are not on this machine. Have it fetched with --download, put it into ${inside}, or name it ` +
        'with --inception or ROBUST_JEM_INCEPTION: pt_inception-2015-12-05-6726825d.pth (of pytorch-fid) or classify_image_graph_def.pb (in ' +
        'inception-2015-12-05.tgz).',
    )
  })

  it('the file named, ROBUST_JEM_INCEPTION, the cache; a folder stands for the fullest file in it', () => {
    mkdirSync(inside, { recursive: true })
    writeFileSync(join(inside, 'trunk.safetensors'), '')
    expect(locateInception({ env })).toBe(join(inside, 'trunk.safetensors'))
    writeFileSync(join(inside, 'classify_image_graph_def.pb'), '')
    expect(locateInception({ env })).toBe(join(inside, 'classify_image_graph_def.pb'))
    const mine = write('mine.pth', '')
    expect(locateInception({ env: { ...env, ROBUST_JEM_INCEPTION: mine } })).toBe(mine)
    expect(locateInception({ file: 'mine.pth', cwd: root, env: { ...env, ROBUST_JEM_INCEPTION: inside } })).toBe(mine)
  })

  it('what is named and not there is said, whatever the cache holds', () => {
    expect(() => locateInception({ file: join(root, 'nowhere'), env })).toThrow(
      /nowhere does not exist\. Name pt_inception/,
    )
    mkdirSync(join(root, 'bare'))
    expect(() => locateInception({ file: join(root, 'bare'), env })).toThrow(
      /bare holds no file of Inception weights\. Name/,
    )
  })
})
