/** oneDNN, which computes libtorch's convolutions on CPUs. */
import { binding } from './binding.ts'

/** Whether convolutions on the CPU run through oneDNN, in all threads of the process; several times slower without. */
export const usesOneDnn = (): boolean => binding.usesOneDnn()
export const useOneDnn = (wanted: boolean): void => binding.setOneDnn(wanted)

/**
 * Whether the input gradient of a float32 convolution with few channels is that of a float64 one. Debian 13's libtorch 2.6.0
 * with its oneDNN 3.7.2 gets it wrong where channels are no multiple of 16 (in Python too).
 */
export function convolvesRightly(): boolean {
  const operator = (name: string) => binding.findOperator(name, '')!.index
  const [convolution, square, sum] = [operator('aten::conv2d'), operator('aten::square'), operator('aten::sum')]
  const ramp = (count: number) => Float64Array.from({ length: count }, (_, i) => Math.sin(i + 1))
  /** ∇ₓ Σ conv2d(x, w)². x: [2, 2, 8, 8], w: [3, 2, 3, 3]. */
  const inputGradient = (dtype: string) => {
    const x = binding.fromData(ramp(2 * 2 * 8 * 8), [2, 2, 8, 8], dtype)
    const w = binding.fromData(ramp(3 * 2 * 3 * 3), [3, 2, 3, 3], dtype)
    binding.setRequiresGrad(x, true)
    const call = (index: number, ...given: unknown[]) => binding.call(index, given, undefined) as typeof x
    const energy = call(sum, call(square, call(convolution, x, w)))
    return Array.from(binding.toData(binding.grad([energy], [x], [null], false, false, false)[0]!), Number)
  }
  const expected = inputGradient('float64')
  return inputGradient('float32').every((value, i) => Math.abs(value - expected[i]!) < 1e-2)
}

// Older ones are known to be right; newer ones are tried, in milliseconds.
if (!binding.versions().libtorch.startsWith('1.') && !convolvesRightly()) useOneDnn(false)
