import { afterEach, describe, expect, it } from 'vitest'
import * as torch from '../src/index.ts'
import { convolvesRightly } from '../src/onednn.ts'
import { expectClose } from './close.ts'

const used = torch.usesOneDnn()
afterEach(() => torch.useOneDnn(used))

describe('oneDNN', () => {
  it('is used only where convolutions are right with it', () => {
    expect(convolvesRightly()).toBe(true)
    torch.useOneDnn(true)
    expect(convolvesRightly()).toBe(used)
  })

  it('can be done without: the same convolution, and no bfloat16 units', () => {
    const rng = new torch.Generator(1)
    const x = torch.randn([2, 16, 8, 8], { generator: rng })
    const w = torch.randn([16, 16, 3, 3], { generator: rng })
    const through = torch.conv2d(x, w)
    torch.useOneDnn(false)
    expectClose(torch.conv2d(x, w), through, 1e-5)
    expect(torch.hasBfloat16Units()).toBe(false)
  })
})
