import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { saveSafetensors, setThreads, type Tensor, tensor, zeros } from '@robust-jem/torch'
import { afterAll, describe, expect, it } from 'vitest'
import { type ImageSource, openImages } from '../../src/evaluation/image-source.ts'
import { judge, judgeDistance, loadJudge } from '../../src/evaluation/judge.ts'
import { randomResnet } from '../models/resnet-state.ts'
import { cifar10Records } from './images.ts'

setThreads(1)

const root = mkdtempSync(join(tmpdir(), 'robust-jem-judge-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = (name: string) => join(root, name)
const save = (name: string, state: Record<string, Tensor>): string => {
  saveSafetensors(at(name), state)
  return at(name)
}
const records = (name: string, count: number, seed: number): ImageSource => {
  writeFileSync(at(name), cifar10Records(count, seed))
  return openImages(at(name)) as ImageSource
}
const state = randomResnet(1, 1)
const loaded = loadJudge(save('resnet8.safetensors', state))

describe('the judge', () => {
  it('takes its depth from the file, and names the file with its hash', () => {
    expect(loaded).toMatchObject({ path: at('resnet8.safetensors'), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(loaded.network.depth).toBe(8)
    expect(loadJudge(save('resnet14.safetensors', randomResnet(2, 2))).network.depth).toBe(14)
  })

  it('gives the share of images that it puts into the class asked for, over all and by class', () => {
    // A head that ignores the image and always says class 3.
    const bias = zeros([10])
    bias.narrow(0, 3, 1).fill_(1)
    const constant = loadJudge(
      save('constant.safetensors', { ...state, 'linear.weight': zeros([10, 64]), 'linear.bias': bias }),
    )
    const images = records('twenty.bin', 20, 1) // labels 0 to 9, twice
    const result = judge(constant, images)
    expect(result.accuracy).toBe(0.1)
    expect(result.classAccuracies).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    expect(result['judge-is']).toBeCloseTo(1, 12)
    expect(judge(constant, images, { labels: Array(20).fill(3) })).toMatchObject({
      accuracy: 1,
      classAccuracies: [null, null, null, 1, null, null, null, null, null, null],
    })
  })

  it('has no accuracy for images without labels', () => {
    const { labels: _, ...images } = records('some.bin', 3, 2)
    expect(judge(loaded, { ...images, labels: undefined })).toMatchObject({
      accuracy: null,
      classAccuracies: null,
      count: 3,
    })
  })

  it('does not depend on the batches, and tells how far it is', () => {
    const images = records('eleven.bin', 11, 3)
    const seen: number[][] = []
    const whole = judge(loaded, images)
    const parts = judge(loaded, images, { batchSize: 4, onProgress: (done, total) => seen.push([done, total]) })
    expect(seen).toEqual([
      [0, 11],
      [4, 11],
      [8, 11],
      [11, 11],
    ])
    expect(parts.probabilities.sub(whole.probabilities).abs().max().item()).toBeLessThan(1e-5)
    expect(parts['judge-is']).toBeGreaterThan(1)
    expect(judgeDistance(whole, parts)).toBeLessThan(1e-5)
    expect(judgeDistance(whole, judge(loaded, records('others.bin', 9, 4)))).toBeGreaterThan(0)
  })

  it('refuses other sizes, other numbers of labels, NaN, a single image and files that are something else', () => {
    const images = records('few.bin', 2, 5)
    expect(() => judge(loaded, { ...images, size: [64, 48] })).toThrow(/are 48×64, but the judge sees 32×32\./)
    expect(() => judge(loaded, images, { labels: [1] })).toThrow(/few\.bin has 2 images, but 1 labels were given\./)
    const broken = loadJudge(save('nan.safetensors', { ...state, 'linear.bias': tensor(Array(10).fill(Number.NaN)) }))
    expect(() => judge(broken, images)).toThrow(/^The judge's logits are not all finite numbers\./)
    const one = judge(loaded, records('one.bin', 1, 6))
    expect(() => judgeDistance(one, one)).toThrow(
      /^judge-fd needs at least 2 images on each side\. Give more images\.$/,
    )
    expect(() => loadJudge(save('other.safetensors', { w: zeros([1]) }))).toThrow(
      /other\.safetensors holds no ResNet for CIFAR-10 \(There is no conv1\.weight\)\. Name resnet56/,
    )
    writeFileSync(at('words.pt'), 'words and words and words')
    expect(() => loadJudge(at('words.pt'))).toThrow(/words\.pt/)
  })
})
