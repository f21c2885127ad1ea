// Makes the folder of a model that travels with the project: the averaged weights of a run and its class Gaussians, small.
//   node scripts/ship-model.mjs RUN models/NAME
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Generator } from '@robust-jem/torch'
import { ClassGaussians, loadModel, saveModel } from 'robust-jem'

const [run, folder] = process.argv.slice(2)
if (!run || !folder) {
  console.error('Usage: node scripts/ship-model.mjs RUN models/NAME')
  process.exit(2)
}
/** Leading components of each class covariance; with 96 of them ten classes take 6 MB. */
const rank = 96

const { network, config, classNames, provenance, gaussians, weights, sha256 } = loadModel(run)
if (!gaussians) throw new Error(`${run} has no class Gaussians.`)
mkdirSync(folder, { recursive: true })
const files = [`${weights === 'ema' ? 'ema' : 'weights'}.safetensors`, 'class-gaussians.safetensors']
const [model, starts] = files.map((file) => join(folder, file))
const told = { ...provenance, data: String(provenance.data).replace(/, from [^;]*/, '') } // no path of this machine
saveModel(model, network.stateDict(), { config, classNames, provenance: told }, weights)
const small = ClassGaussians.load(gaussians).compact(rank, new Generator(config.seed).split('compact'))
small.save(starts, { dtype: 'float16' })
for (const file of [model, starts]) console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB`)
console.log(`${weights} weights, sha256 ${sha256}`, told)
