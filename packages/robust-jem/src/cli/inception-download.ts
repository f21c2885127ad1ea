/** Inception's weights for a command that needs them: fetched where the user asks for that and they are not there. */
import type { OptionDeclarations, OptionValues } from './options.ts'
import type { Terminal } from './terminal.ts'
import { watchedDownload } from './watched-download.ts'

export const inceptionDownloadOptions = {
  download: {
    kind: 'flag',
    description: "Fetch Inception's weights (95 MB) into the cache where they are not on this machine.",
  },
} as const satisfies OptionDeclarations

/** Fetches nothing where weights are named, by --inception or ROBUST_JEM_INCEPTION, or lie in the cache. */
export async function fetchInception(
  options: OptionValues<typeof inceptionDownloadOptions> & { inception: string | undefined },
  terminal: Terminal,
): Promise<void> {
  if (!options.download || options.inception !== undefined || process.env.ROBUST_JEM_INCEPTION) return
  const { inceptionFolder, inceptionIn } = await import('../models/inception-weights.ts')
  const folder = inceptionFolder()
  if (inceptionIn(folder)) return
  const { downloadInception } = await import('../models/inception-download.ts')
  terminal.note(`Inception's weights are not on this machine: downloading them (95 MB) into ${folder}.`)
  await watchedDownload(terminal, downloadInception)
}
