// Loads the native side and prints what it found, as JSON: { libtorch, origin, path, convolves }.
//   node scripts/probe.mjs [FILE.node]
// `convolves` is false where float32 convolutions of few channels differ from float64 ones: Debian 13's libtorch 2.6.0
// with its oneDNN 3.7.2 gets input gradients wrong whose channels are no multiple of 16, in Python too.
const native = { exports: {} }
process.dlopen(native, process.argv[2] ?? new URL('../build/torch_node.node', import.meta.url).pathname)
const { call, findOperator, fromData, grad, setRequiresGrad, toData, versions } = native.exports

const ramp = (count) => Float64Array.from({ length: count }, (_, i) => Math.sin(i + 1))
const convolution = findOperator('aten::conv2d', '')
const sum = findOperator('aten::sum', '')
const square = findOperator('aten::square', '')

/** ∇ₓ Σ conv2d(x, w)². x: [2, 2, 8, 8], w: [3, 2, 3, 3]. */
function inputGradient(dtype) {
  const x = fromData(ramp(2 * 2 * 8 * 8), [2, 2, 8, 8], dtype)
  const w = fromData(ramp(3 * 2 * 3 * 3), [3, 2, 3, 3], dtype)
  setRequiresGrad(x, true)
  const energy = call(sum.index, [call(square.index, [call(convolution.index, [x, w])])])
  return toData(grad([energy], [x], [null], false, false, false)[0])
}

const expected = inputGradient('float64')
const convolves = inputGradient('float32').every((value, i) => Math.abs(value - expected[i]) < 1e-2)
console.log(JSON.stringify({ ...versions(), convolves }))
