/** Images by attacking a classifier (Santurkar et al. 2019): from x₀ ~ class Gaussian, x ← P_ε(x − a·sign ∇ₓ CE(f(x), y)), or − ∇ₓ f(x)[y]. */
import { nn, scope, type Tensor } from '@robust-jem/torch'
import { defaultStepSize } from '../attacks/pgd.ts'
import { threatModel } from '../attacks/threat-model.ts'
import { joint, type LogDensity, type Logits, withInputGradient } from '../energy.ts'
import { type ChainObserver, meanNorm } from './chain.ts'

export interface TargetedPgdSettings {
  norm: 'linf' | 'l2'
  /** In model units. */
  epsilon: number
  steps: number
  /** a in model units; null for 2.5·ε/steps. */
  stepSize: number | null
  /** What is climbed: −CE(f(x), y) = log p(y | x), or the joint log-density f(x)[y]. */
  loss: 'cross-entropy' | 'logit'
}

/** From the starts x₀ [N, 3, H, W] towards the classes y [N]. No box: the result may leave [-1, 1] by up to ε. */
export function targetedPgd(x0: Tensor, f: Logits, y: Tensor, s: TargetedPgdSettings, observe?: ChainObserver): Tensor {
  const threat = threatModel(s.norm, s.epsilon)
  const a = s.stepSize ?? defaultStepSize(s.epsilon, s.steps)
  const logPosterior: LogDensity = (x) => nn.crossEntropy(f(x), y, { reduction: 'none' }).neg() // log p(y|x), [N]
  const climbed = s.loss === 'logit' ? joint(f, y) : logPosterior
  return scope(() => {
    let x = x0
    for (let step = 0; step < s.steps; step++) {
      const { value, gradient: g } = withInputGradient(climbed, x)
      x = scope(() => threat.project(threat.step(x, g, a), x0))
      observe?.({ step, x, energy: value.neg(), gradNorm: () => meanNorm(g) })
    }
    return x
  })
}
