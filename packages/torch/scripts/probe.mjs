// Loads the native side and prints what it found, as JSON: { libtorch, origin, path }.
//   node scripts/probe.mjs [FILE.node]
import { fileURLToPath } from 'node:url'

const native = { exports: {} }
process.dlopen(native, process.argv[2] ?? fileURLToPath(new URL('../build/torch_node.node', import.meta.url)))
console.log(JSON.stringify(native.exports.versions()))
