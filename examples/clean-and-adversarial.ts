/**
 * A system of one's own: JEM++ whose classifier learns clean and attacked images alike. One step:
 *
 *     x⁺, (x, y)  two loaders
 *     x⁻    = PYLD_M(buffer)                              climbs lse f
 *     x_adv = PGD_K(x, y)
 *     L = −( mean lse f(x⁺) − mean lse f(x⁻) ) + mean CE(f(x), y) + mean CE(f(x_adv), y)
 *
 * Below it, a training on the drawn shapes in a plain loop.
 */
import { fileURLToPath } from 'node:url'
import { logsumexp, nn, rand, scope } from '@robust-jem/torch'
import {
  augmentedAt,
  frozen,
  initialState,
  inPrecision,
  labelsAt,
  loadData,
  marginal,
  pgd,
  presets,
  pyld,
  ReplayBuffer,
  resolveConfig,
  type Starts,
  type System,
  stepOf,
  stepSettings,
  systems,
  withNoise,
} from 'robust-jem'

export const cleanAndAdversarial: System = {
  title: 'JEM++ with CE(f(x), y) + CE(f(x_adv), y)',
  warmUp: systems['robust-classifier'],
  positives: true,
  chains: 'buffer',
  step: (network, { positives, chains, labelled: { x, y } }, s, { chain, attack }) =>
    scope(() => {
      const constant = frozen(network, s.precision) // for gradients with respect to images
      const f = inPrecision(network, s.precision) // for the loss

      const onPositives = f.forward(positives!.x, s.loss.statistics) // [N, K]
      const fPositive = logsumexp(onPositives, 1).mean()
      const logDensity = marginal((images) => constant.forward(images, s.chain.statistics))
      const negatives = pyld(chains!.x, logDensity, s.chain, chain) // x⁻ [N, 3, H, W]
      const fNegative = logsumexp(f.forward(negatives, s.loss.statistics), 1).mean()

      const { threat, start, statistics } = s.attack
      const from = start === 'random' ? threat.place(x, threat.draw(x, attack)) : x
      const adversarial = pgd((images) => constant.forward(images, statistics), x, y, s.attack, { start: from })
      const onAdversarial = f.forward(adversarial, s.loss.statistics)
      const onClean = f.forward(x, s.loss.statistics)

      const crossEntropy = nn.crossEntropy(onClean, y).add(nn.crossEntropy(onAdversarial, y))
      const loss = crossEntropy.sub(fPositive.sub(fNegative), { alpha: s.loss.generative })
      const logits = { positives: onPositives, labelled: onClean, adversarial: onAdversarial }
      return stepOf(network, { loss, fPositive, fNegative, crossEntropy, negatives, adversarial, logits })
    }),
}

const uniform: Starts = (y, rng) => rand([y.numel, 3, 32, 32], { generator: rng }).mul(2).sub(1)

/** Trains a small network for some steps and returns the cross-entropy of each. */
export async function trainOnShapes(steps: number, log: (line: string) => void): Promise<number[]> {
  const small = ['model.depth=10', 'model.width=1', 'chain.outerSteps=2', 'attack.steps=2', 'ema.decay=0']
  const short = ['optimizer.batchSize=16', 'optimizer.learningRate=0.02', 'buffer.size=100']
  const config = resolveConfig({ preset: presets['robust-jem'].quick, set: [...small, ...short] })
  const { train: images } = await loadData({ set: 'shapes' })
  const { network, optimizer, loaders, streams } = initialState(config, images, 'cpu')
  const buffer = ReplayBuffer.fill(config.buffer, images.classNames.length, uniform, [3, 32, 32], streams.chain)
  const settings = stepSettings(config, 'float32')

  const next = (loader: 'positives' | 'labelled') => {
    const indices = loaders[loader].next()
    const x = augmentedAt(images, indices, config.data, streams[loader])
    return { x: withNoise(x, config.data.noise, streams[loader]), y: labelsAt(images, indices) }
  }
  return Array.from({ length: steps }, (_, i) =>
    scope(() => {
      const { slots, ...chains } = buffer.draw(config.optimizer.batchSize, uniform, streams.chain)
      const batch = { positives: next('positives'), chains, labelled: next('labelled') }
      const step = cleanAndAdversarial.step(network, batch, settings, streams)
      optimizer.step(step.gradients)
      buffer.update(slots, step.negatives!)
      const [loss, crossEntropy] = [step.loss.item(), step.crossEntropy.item()]
      log(`step ${i + 1}: L ${loss.toFixed(3)}, cross-entropy ${crossEntropy.toFixed(3)}`)
      return crossEntropy
    }),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await trainOnShapes(40, console.log)
