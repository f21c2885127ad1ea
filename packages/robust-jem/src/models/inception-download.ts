/** Inception-v3's weights of 2015-12-05, as pytorch-fid publishes them: all layers, about 95 MB. */
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../data/cifar10-download.ts'
import { download, type Transfer } from '../data/download.ts'
import { inceptionFiles, inceptionFolder } from './inception-weights.ts'

const [file] = inceptionFiles

export interface InceptionDownload extends Transfer {
  url?: string
  /** In hexadecimal: the whole SHA-256, or its first digits, which torch.hub puts into a file's name. */
  sha256?: string
  /** The weights will lie in its folder `inception`. */
  cache?: string
}

/** Downloads the weights to where `locateInception` looks. Returns their path. Throws a UserError as `download` does. */
export async function downloadInception({
  url = `https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/${file}`,
  sha256 = '6726825d',
  cache = cacheFolder(),
  ...transfer
}: InceptionDownload = {}): Promise<string> {
  const folder = inceptionFolder(cache)
  const source = {
    url,
    checksum: { algorithm: 'sha256', digest: sha256 },
    name: "Inception-v3's weights",
    elsewhere: 'or fetch the file elsewhere and name it with --inception.',
  } as const
  return download({ ...source, cache, ...transfer }, async (whole) => {
    await mkdir(folder, { recursive: true })
    await rename(whole, join(folder, file))
    return join(folder, file)
  })
}
