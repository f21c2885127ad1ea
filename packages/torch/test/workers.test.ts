import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { compiled } from './compiled.ts'

interface Answer {
  loss: number
  error: string
  gradients: boolean
}
let build: ReturnType<typeof compiled>
beforeAll(() => {
  build = compiled()
}, 60_000)
afterAll(() => build.remove())

const run = (seed: number, keepAlive = false): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker-child.mjs', import.meta.url), {
      workerData: { url: build.url, seed, keepAlive },
    })
    let answer: Answer
    worker.on('message', (message) => {
      answer = message
    })
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve(answer) : reject(new Error(`exit code ${code}`))))
  })

describe('worker threads', () => {
  it('compute at once what each computes alone, and end', async () => {
    const alone = [await run(1), await run(2)]
    const together = await Promise.all([run(1), run(2)])
    expect(together).toEqual(alone)
    expect(alone[0]!.loss).not.toBe(alone[1]!.loss)
    expect(alone[0]!.error).toMatch(/aten::add: .*float32 \[2\].*float32 \[3\]/)
    expect(alone[0]!.gradients).toBe(true)
  })
  it('may end with tensors alive: their memory comes back, and the other threads go on', async () => {
    const before = torch.memory()
    const x = torch.ones([10])
    await Promise.all([run(3, true), run(4, true)])
    expect(torch.memory().bytes - before.bytes).toBeLessThan(1 << 20)
    expect(torch.scope(() => x.sum().item())).toBe(10)
    x.dispose()
    expect(torch.memory().tensors).toBe(before.tensors)
  })
  it('have a grad mode each', async () => {
    const [running] = torch.noGrad(() => [run(5)])
    expect((await running!).gradients).toBe(true)
  })
  it('may be ended in the middle of their work', async () => {
    const worker = new Worker(new URL('./worker-child.mjs', import.meta.url), {
      workerData: { url: build.url, seed: 6 },
    })
    await new Promise((resolve) => worker.once('online', resolve))
    expect(typeof (await worker.terminate())).toBe('number')
    expect((await run(1)).loss).toBeGreaterThan(0)
  })
  it('may be ended inside of a call', async () => {
    for (let time = 0; time < 3; time++) {
      const worker = new Worker(new URL('./worker-child.mjs', import.meta.url), {
        workerData: { url: build.url, seed: 7, forever: true },
      })
      await new Promise((resolve) => worker.once('message', resolve))
      expect(typeof (await worker.terminate())).toBe('number')
    }
    expect((await run(1)).loss).toBeGreaterThan(0)
  })
})
