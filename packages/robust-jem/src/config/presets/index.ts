/** Complete settings by name. Those of robust-jem are a file each; the other systems' files hold what they change in them. */
import type { Config } from '../schema.ts'
import type { SystemName } from '../system-names.ts'
import { changed } from './changes.ts'
import { classifier } from './classifier.ts'
import { cpu } from './cpu.ts'
import { dat } from './dat.ts'
import { gpu } from './gpu.ts'
import { jem } from './jem.ts'
import { jempp } from './jempp.ts'
import type { PresetName } from './names.ts'
import { paper } from './paper.ts'
import { quick } from './quick.ts'
import { robustClassifier } from './robust-classifier.ts'
import { sadaJem } from './sada-jem.ts'

const robustJem = { quick, cpu, gpu, paper }

export const presets: Record<SystemName, Record<PresetName, Config>> = {
  classifier: changed(robustJem, classifier),
  'robust-classifier': changed(robustJem, robustClassifier),
  jem: changed(robustJem, jem),
  'jem++': changed(robustJem, jempp),
  'robust-jem': robustJem,
  'sada-jem': changed(robustJem, sadaJem),
  dat: changed(robustJem, dat),
}
