import { grad, type Tensor } from '@robust-jem/torch'
import { describe, expect, it } from 'vitest'
import { marginal, withInputGradient } from '../../src/energy.ts'
import { frozen, inPrecision } from '../../src/models/precision.ts'
import { distance, smallImages, smallNetwork } from '../small.ts'

describe('a network with its convolutions in bfloat16', () => {
  const network = smallNetwork(1)
  const x = smallImages(4, 2)

  it('keeps parameters, statistics and logits in float32, and logits within 2 % of float32 in norm', () => {
    const f = inPrecision(network, 'bfloat16')
    const exact = network.forward(x, 'running')
    const logits = f.forward(x, 'running')
    expect(logits.dtype).toBe('float32')
    expect(f.f.conv1.weight.dtype).toBe('bfloat16')
    expect(f.f.bn1!.weight.dtype).toBe('float32')
    expect(f.classOutput.weight.dtype).toBe('float32')
    expect(network.f.conv1.weight.dtype).toBe('float32')
    const norm = (v: Tensor) => v.square().sum().sqrt().item()
    expect(norm(logits.sub(exact)) / norm(exact)).toBeLessThan(0.02)
    expect(distance(logits, exact)).toBeGreaterThan(0)
  })

  it('has float32 gradients for float32 parameters, near those of float32', () => {
    const gradientsIn = (dtype: 'float32' | 'bfloat16') =>
      grad(inPrecision(network, dtype).forward(x, 'running').square().sum(), network.parameters())
    const [rounded, exact] = [gradientsIn('bfloat16'), gradientsIn('float32')]
    const flat = (gradients: Tensor[]) =>
      Float64Array.from(gradients.flatMap((g) => [...(g.toTypedArray() as Float32Array)]))
    for (const [i, gradient] of rounded.entries()) {
      expect(gradient.dtype).toBe('float32')
      expect(gradient.shape).toEqual(network.parameters()[i]!.shape)
    }
    const [a, b] = [flat(rounded), flat(exact)]
    expect(Math.hypot(...a.map((v, i) => v - b[i]!)) / Math.hypot(...b)).toBeLessThan(0.1)
  })

  it('moves the running statistics of the network itself', () => {
    const own = smallNetwork(1)
    inPrecision(own, 'bfloat16').forward(x, 'batch')
    frozen(own, 'bfloat16').forward(x, 'batch')
    expect(own.f.bn1!.numBatchesTracked.item()).toBe(2)
    expect(own.f.bn1!.runningMean.dtype).toBe('float32')
  })
})

describe('a frozen network', () => {
  it('has the same values and image gradients, convolutions in channels-last, and no gradient for a parameter', () => {
    const network = smallNetwork(1)
    const x = smallImages(3, 2)
    const constant = frozen(network, 'float32')
    expect(constant.f.layer2[0]!.conv1.weight.isChannelsLast).toBe(true)
    expect(constant.parameters().some((parameter) => parameter.requiresGrad)).toBe(false)
    const [own, fixed] = [network, constant].map((net) =>
      withInputGradient(
        marginal((images) => net.forward(images, 'running')),
        x,
      ),
    )
    expect(distance(own!.value, fixed!.value)).toBeLessThan(1e-6)
    expect(distance(own!.gradient, fixed!.gradient)).toBeLessThan(1e-6)
    expect(network.parameters().every((parameter) => parameter.requiresGrad)).toBe(true)
  })
  it('shares its running statistics with the network', () => {
    const network = smallNetwork(1)
    frozen(network, 'float32').forward(smallImages(3, 2), 'batch')
    expect(network.f.bn1!.numBatchesTracked.item()).toBe(1)
  })
})
