// A line through noisy points, by gradient descent.
import * as torch from '@robust-jem/torch'

const generator = new torch.Generator(0)
const x = torch.randn([100, 1], { generator })
const y = x
  .mul(3)
  .sub(1)
  .add(torch.randn([100, 1], { generator }), { alpha: 0.1 })
const line = new torch.nn.Linear(1, 1, { generator })
const optimiser = new torch.optim.SGD(line.namedParameters(), { lr: 0.1 })

for (let step = 0; step < 100; step++) {
  torch.scope(() => optimiser.step(torch.grad(torch.mseLoss(line.forward(x), y), line.parameters())))
}
console.log(`y = ${line.weight.item().toFixed(2)} x + ${line.bias.item().toFixed(2)}`) // y = 3 x − 1, nearly
