// What each thread of workers.test.ts does: train a little, alone or beside others, and tell the result.
import { parentPort, workerData } from 'node:worker_threads'

const torch = await import(workerData.url)
torch.setThreads(1)
const generator = new torch.Generator(workerData.seed)
const layer = new torch.nn.Conv2d(2, 3, 3, { generator })
const optimiser = new torch.optim.SGD(layer.namedParameters(), { lr: 0.01, momentum: 0.9 })
if (workerData.forever) {
  parentPort.postMessage('working')
  for (;;)
    torch.scope(() =>
      torch
        .ones([64, 64])
        .matmul(torch.ones([64, 64]))
        .sum()
        .item(),
    )
}
let loss = 0
for (let i = 0; i < 50; i++) {
  loss = torch.scope(() => {
    const x = torch.randn([2, 2, 8, 8], { generator }).requiresGrad_()
    const energy = layer.forward(x).square().mean()
    const [dx] = torch.grad(energy, x, { createGraph: true })
    const total = energy.add(dx.square().mean())
    optimiser.zeroGrad()
    torch.backward(total)
    optimiser.step()
    return total.item()
  })
}
let error = ''
try {
  torch.ones([2]).add(torch.ones([3]))
} catch (caught) {
  error = caught.message
}
if (workerData.keepAlive) torch.ones([1000, 1000]).keep() // left to the end of the thread
parentPort.postMessage({ loss, error, gradients: torch.ones([1]).requiresGrad_().mul(2).requiresGrad })
