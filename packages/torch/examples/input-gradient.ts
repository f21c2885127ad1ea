// The gradient with respect to the input: change a picture, not the network, until the network sees a 3 in it.
import { Generator, grad, logSoftmax, nn, noGrad, rand, scope, type Tensor } from '@robust-jem/torch'

class Net extends nn.Module {
  readonly conv1: nn.Conv2d
  readonly conv2: nn.Conv2d
  readonly head: nn.Linear

  constructor(generator: Generator) {
    super()
    this.conv1 = new nn.Conv2d(1, 8, 3, { padding: 1, generator })
    this.conv2 = new nn.Conv2d(8, 16, 3, { stride: 2, padding: 1, generator })
    this.head = new nn.Linear(16 * 14 * 14, 10, { generator })
  }
  /** x [N, 1, 28, 28] → logits [N, 10] */
  forward(x: Tensor): Tensor {
    const h = this.conv2.forward(this.conv1.forward(x).tanh()).tanh()
    return this.head.forward(h.flatten({ startDim: 1 }))
  }
}

const generator = new Generator(1)
const net = new Net(generator)
const frozen = net.map((parameter) => parameter.detach()) // the same network, its weights constants
const logProbability = (network: Net, x: Tensor) => logSoftmax(network.forward(x), 1).select(1, 3)

let picture = rand([1, 1, 28, 28], { generator })
const probability = () => scope(() => noGrad(() => logProbability(frozen, picture).exp().item()))
const before = probability()

for (let step = 0; step < 50; step++) {
  const next = scope(() => {
    const x = picture.detach().requiresGrad_()
    const [g] = grad(logProbability(frozen, x), x)
    return picture.add(g!.sign(), { alpha: 1 / 255 }).clamp({ min: 0, max: 1 })
  })
  picture.dispose()
  picture = next
}
console.log(`p(3) = ${before.toFixed(3)} before, ${probability().toFixed(3)} after`)

// A gradient made with createGraph can be differentiated again: how the weights change the size of the input gradient.
const x = picture.detach().requiresGrad_()
const [g] = grad(logProbability(net, x), x, { createGraph: true })
const gradients = grad(g!.square().sum(), net.parameters())
console.log(`${gradients.length} gradients of a gradient`)
