/** The networks that look at samples, as options of a command: Inception, fetched where the user asks for it, and a judge. */
import type { OptionDeclarations, OptionValues } from './options.ts'
import type { Terminal } from './terminal.ts'
import { watchedDownload } from './watched-download.ts'

export const inceptionOptions = {
  inception: {
    kind: 'string',
    value: 'FILE',
    description:
      "Inception-v3's weights: .pth of pytorch-fid, .pb or .tgz of TensorFlow, or .safetensors. Default: ROBUST_JEM_INCEPTION, then " +
      'the folder inception in the cache.',
  },
  download: {
    kind: 'flag',
    description: "Fetch Inception's whole weights (95 MB) into the cache where they are not on this machine.",
  },
} as const satisfies OptionDeclarations

export const judgeOption = {
  judge: {
    kind: 'string',
    value: 'FILE',
    description:
      'A ResNet for CIFAR-10 that judges samples. Default: ROBUST_JEM_JUDGE, then the folder judge in the cache.',
  },
} as const satisfies OptionDeclarations

/** Fetches nothing where weights are named, by --inception or ROBUST_JEM_INCEPTION, or lie in the cache. */
export async function fetchInception(
  options: OptionValues<typeof inceptionOptions>,
  terminal: Terminal,
): Promise<void> {
  if (!options.download || options.inception !== undefined || process.env.ROBUST_JEM_INCEPTION) return
  const { holdsWholeInception, inceptionFolder } = await import('../models/inception-weights.ts')
  const folder = inceptionFolder()
  if (holdsWholeInception(folder)) return
  const { downloadInception } = await import('../models/inception-download.ts')
  terminal.note(`Inception's weights are not on this machine: downloading them (95 MB) into ${folder}.`)
  await watchedDownload(terminal, downloadInception)
}
