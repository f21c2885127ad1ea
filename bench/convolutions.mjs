/** The convolutions of one step run alone: what is left when everything between them costs nothing. */
import * as torch from '../packages/torch/dist/index.js'
import { makeNetwork, settings } from './workload.mjs'

/** How often a step runs each convolution forward, to its input (the first one's only for gradients of images), to its weights. */
const imagePasses = settings.outerSteps + settings.steps
const lossPasses = 3

/** Each convolution of the network with the side of its input: [N, C, side, side]. */
function* convolutionsOf(network) {
  yield { name: 'conv1', conv: network.f.conv1, side: 32, first: true }
  let side = 32
  for (const group of ['layer1', 'layer2', 'layer3'])
    for (const [i, block] of network.f[group].entries()) {
      const before = side
      yield { name: `${group}.${i}.conv1`, conv: block.conv1, side }
      yield { name: `${group}.${i}.conv2`, conv: block.conv2, side }
      side /= block.conv2.stride
      for (const conv of block.shortcut) yield { name: `${group}.${i}.shortcut`, conv, side: before }
    }
}

function median(run, rounds) {
  const times = Array.from({ length: rounds + 1 }, () => {
    const began = performance.now()
    run()
    return (performance.now() - began) / 1000
  })
  return times.slice(1).sort((a, b) => a - b)[rounds >> 1]
}

/** → { seconds: of one step, table: per convolution the seconds of one call forward, to the input and to the weights }. */
export function timeConvolutions({ depth, width, batch, dtype, rounds }) {
  const backward = torch.op('aten::convolution_backward')
  const table = []
  let seconds = 0
  for (const { name, conv, side, first } of convolutionsOf(makeNetwork({ depth, width }))) {
    torch.scope(() => {
      const prepared = (t) => t.detach().to({ dtype, memoryFormat: 'channels_last' })
      const [weight, bias] = [prepared(conv.weight), conv.bias.detach().to({ dtype })]
      const [outputs, inputs] = weight.shape
      const x = prepared(torch.randn([batch, inputs, side, side], { generator: new torch.Generator(0) }))
      const { stride, padding } = conv
      const forward = () => torch.scope(() => void torch.conv2d(x, weight, { bias, stride, padding }))
      const dy = prepared(torch.conv2d(x, weight, { bias, stride, padding }))
      const pair = (n) => [n, n]
      const gradient = (mask) => () =>
        torch.scope(() => {
          backward(dy, x, weight, [outputs], pair(stride), pair(padding), pair(1), false, pair(0), 1, mask)
        })
      const s = {
        forward: median(forward, rounds),
        toInput: median(gradient([true, false, false]), rounds),
        toWeights: median(gradient([false, true, true]), rounds),
      }
      table.push({ name, inputs, outputs, side, stride, ...s })
      seconds +=
        (imagePasses + lossPasses) * s.forward +
        (imagePasses + (first ? 0 : lossPasses)) * s.toInput +
        lossPasses * s.toWeights
    })
  }
  return { seconds, table }
}
