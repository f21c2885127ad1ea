import { cat, Generator, type Tensor, tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { pgd } from '../../src/attacks/pgd.ts'
import { linf } from '../../src/attacks/threat-model.ts'
import { joint, type Logits, marginal } from '../../src/energy.ts'
import { frozen } from '../../src/models/precision.ts'
import { pyld } from '../../src/samplers/pyld.ts'
import { robustJem } from '../../src/samplers/robust-jem.ts'
import { sgld } from '../../src/samplers/sgld.ts'
import { targetedPgd } from '../../src/samplers/targeted-pgd.ts'
import { distance, smallImages, smallNetwork, snapshot } from '../small.ts'

const attack = { norm: 'linf', epsilon: 0.2, steps: 3, stepSize: null, loss: 'cross-entropy' } as const
const langevin = { outerSteps: 3, innerSteps: 5, stepSize: 0.2, gradientClip: 1, noise: 0 }
const combined = { attack, contrast: 'auto', steps: 3, stepSize: 1, gradientClip: 1, noise: 0 } as const
type Sampler = (x: Tensor, f: Logits, y: Tensor) => Tensor
/** Each with its number of forwards. */
const samplers: [string, number, Sampler][] = [
  ['PYLD', 3, (x, f) => pyld(x, marginal(f), langevin, new Generator(0))],
  ['PYLD of a class', 3, (x, f, y) => pyld(x, joint(f, y), langevin, new Generator(0))],
  ['SGLD', 3, (x, f) => sgld(x, marginal(f), { steps: 3, stepSize: 1, noise: 0 }, new Generator(0))],
  ['targeted PGD', 3, (x, f, y) => targetedPgd(x, f, y, attack)],
  ['Robust JEM', 6, (x, f, y) => robustJem(x, f, y, combined, new Generator(0))],
  ['PGD', 3, (x, f, y) => pgd(f, x, y, { threat: linf(0.1), steps: 3, stepSize: 0.05 })],
]
const y = tensor([0, 2, 1], { dtype: 'int64' })
const x = smallImages(3, 1, { dtype: 'float64' })

describe.each(samplers)('%s', (_name, forwards, sample) => {
  it.each(['as it is', 'frozen'])(
    'leaves the network alone (%s): no gradient collects, nothing changes with running statistics',
    (how) => {
      const network = smallNetwork(2, { dtype: 'float64', gain: 4 })
      const seen = how === 'frozen' ? frozen(network, 'float64') : network
      const before = snapshot(network.stateDict())
      const end = sample(x, (images) => seen.forward(images, 'running'), y)
      expect(snapshot(network.stateDict())).toEqual(before)
      expect(network.parameters().every((parameter) => parameter.grad === null)).toBe(true)
      expect(end.requiresGrad).toBe(false)
      expect(distance(end, x)).toBeGreaterThan(1e-3)
    },
  )

  it('moves the running statistics once a forward with batch statistics, and the parameters never', () => {
    const network = smallNetwork(2, { dtype: 'float64', gain: 4 })
    const parameters = snapshot(Object.fromEntries(network.namedParameters()))
    sample(x, (images) => network.forward(images, 'batch'), y)
    expect(network.f.bn1!.numBatchesTracked.item()).toBe(forwards)
    expect(
      distance(network.f.bn1!.runningMean, smallNetwork(2, { dtype: 'float64' }).f.bn1!.runningMean),
    ).toBeGreaterThan(1e-3)
    expect(snapshot(Object.fromEntries(network.namedParameters()))).toEqual(parameters)
  })

  it('treats each image by itself with running statistics, and couples the batch with batch statistics', () => {
    const network = frozen(smallNetwork(2, { dtype: 'float64', gain: 4 }), 'float64')
    const with_ = (statistics: 'running' | 'batch-frozen') => {
      const f: Logits = (images) => network.forward(images, statistics)
      const alone = [0, 1, 2].map((i) => sample(x.narrow(0, i, 1), f, y.narrow(0, i, 1)))
      return distance(cat(alone, { dim: 0 }), sample(x, f, y))
    }
    expect(with_('running')).toBeLessThan(1e-9)
    expect(with_('batch-frozen')).toBeGreaterThan(1e-3)
  })
})
