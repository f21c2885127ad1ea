import { Generator, rand, randn, type Tensor } from '@robust-jem/torch'

/** Random weights of a CIFAR ResNet of 6n + 2 layers, none of its norms the identity. */
export function randomResnet(n: number, seed: number, classes = 10): Record<string, Tensor> {
  const generator = new Generator(seed)
  const state: Record<string, Tensor> = {}
  const unit = (prefix: string, i: number, inputs: number, outputs: number) => {
    state[`${prefix}conv${i}.weight`] = randn([outputs, inputs, 3, 3], { generator }).mul(Math.sqrt(2 / (9 * inputs)))
    state[`${prefix}bn${i}.weight`] = rand([outputs], { generator }).add(0.5)
    state[`${prefix}bn${i}.bias`] = randn([outputs], { generator }).mul(0.1)
    state[`${prefix}bn${i}.running_mean`] = randn([outputs], { generator }).mul(0.1)
    state[`${prefix}bn${i}.running_var`] = rand([outputs], { generator }).add(0.5)
  }
  unit('', 1, 3, 16)
  for (const [group, width] of [16, 32, 64].entries())
    for (let i = 0; i < n; i++) {
      unit(`layer${group + 1}.${i}.`, 1, group > 0 && i === 0 ? width / 2 : width, width)
      unit(`layer${group + 1}.${i}.`, 2, width, width)
    }
  state['linear.weight'] = randn([classes, 64], { generator })
  state['linear.bias'] = randn([classes], { generator })
  return state
}
