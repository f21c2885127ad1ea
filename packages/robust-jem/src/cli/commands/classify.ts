/** classify: what a network says of images. */
import { columns } from '../../config/columns.ts'
import type { ClassGaussians } from '../../data/class-gaussian.ts'
import { defineCommand } from '../command.ts'
import { gaussiansOf, modelArgument, modelOptions, openModel } from '../model-options.ts'

export const classify = defineCommand({
  description:
    'Classifies images and says how plausible each is: the probabilities p(y | x), the unnormalised log p(x) = logsumexp f(x), and ' +
    "whether that is lower than for 95 % of the model's own class Gaussians' draws, which marks images unlike the training set. Images must " +
    'have the size that the network was trained on.',
  arguments: {
    model: modelArgument,
    images: { description: 'PNG files (JPEG and WebP where sharp is installed).', many: true },
  },
  options: {
    ...modelOptions,
    top: { kind: 'integer', value: 'N', minimum: 1, default: 3, description: 'Classes to print for each image.' },
  },
  examples: [
    ['robust-jem classify runs/my-run cat.png', 'Its three most probable classes.'],
    ['robust-jem classify runs/my-run *.png --json', 'All probabilities, for scripts.'],
  ],
  async run({ arguments: { model: path, images: files }, options, terminal }) {
    const { readImage } = await import('../../data/folder.ts')
    const { toModelRange } = await import('../../data/pixels.ts')
    const images = []
    for (const file of files) images.push({ file, ...(await readImage(file)) })
    const opened = await openModel(path, options, terminal)
    const { model, f, torch, device } = opened
    const logits = f('running')
    const gaussians = await gaussiansOf(opened)
    const threshold = gaussians ? plausibleFrom(gaussians) : null
    const results = images.map(({ file, data, shape }) =>
      torch.noGrad(() =>
        torch.scope(() => {
          const x = toModelRange(torch.tensor(data, { shape: [1, ...shape], device }))
          const z = logits(x).float()
          const probabilities = Array.from(z.softmax(1).toTypedArray() as Float32Array)
          const logDensity = torch.logsumexp(z, 1).item()
          const ranked = model.classNames
            .map((name, c) => ({ class: name, probability: probabilities[c]! }))
            .sort((a, b) => b.probability - a.probability)
          return {
            file,
            class: ranked[0]!.class,
            probabilities: ranked,
            log_density: logDensity,
            out_of_distribution: threshold === null ? null : logDensity < threshold,
          }
        }),
      ),
    )
    const rows = results.map((r): [string, string] => [
      r.file,
      `${r.probabilities
        .slice(0, options.top)
        .map((p) => `${p.class} ${(100 * p.probability).toFixed(1)} %`)
        .join(
          ', ',
        )}; log p(x) ${r.log_density.toFixed(2)} + const${r.out_of_distribution ? '; unlike the training set' : ''}`,
    ])
    terminal.result(results, columns(rows, { width: terminal.width }).join('\n'))
    return 0

    /** The 5 % quantile of log p(x) over 500 draws of the class Gaussians. */
    function plausibleFrom(gaussians: ClassGaussians): number {
      return torch.noGrad(() =>
        torch.scope(() => {
          const rng = new torch.Generator(0, device)
          const y = torch.randint(0, model.classNames.length, [500], { generator: rng })
          const values = torch.logsumexp(logits(gaussians.draw(y, rng)).float(), 1).toTypedArray() as Float32Array
          return values.sort()[Math.floor(0.05 * values.length)]!
        }),
      )
    }
  },
})
