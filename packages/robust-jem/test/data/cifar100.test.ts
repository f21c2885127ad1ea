import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCifar100 } from '../../src/data/cifar100.ts'
import { UserError } from '../../src/errors.ts'
import { temporaryFolder } from './cifar10-files.ts'

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'test.bin')
  writeFileSync(path, bytes)
  return path
}
const record = (coarse: number, fine: number, fill: number) =>
  Buffer.concat([Buffer.of(coarse, fine), Buffer.alloc(3072, fill)])

describe("CIFAR-100's test.bin", () => {
  it('gives fine labels and planes', async () => {
    const set = readCifar100(await fileOf(Buffer.concat([record(3, 42, 7), record(19, 99, 8)])))
    expect([...set.labels]).toEqual([42, 99])
    expect(set.shape).toEqual([2, 3, 32, 32])
    expect([set.images[0], set.images[3071], set.images[3072]]).toEqual([7, 7, 8])
    expect(set.origin).toMatch(/2 of 10,000 records/)
  })

  it('answers what is another file with one line', async () => {
    for (const [bytes, message] of [
      [Buffer.alloc(0), /is empty/],
      [Buffer.alloc(3000), /has 3,000 bytes, not a multiple of 3,074/],
      [record(20, 1, 0), /gives record 0 the labels 20 and 1/],
    ] as const) {
      const path = await fileOf(bytes)
      expect(() => readCifar100(path)).toThrow(UserError)
      expect(() => readCifar100(path)).toThrow(message)
    }
  })
})
