/** The rows of the table by their names. A new system is a file beside this and a line here. */
import type { SystemName } from '../config/system-names.ts'
import { classifier } from './classifier.ts'
import { dat } from './dat.ts'
import { jem } from './jem.ts'
import { jempp } from './jempp.ts'
import { robustClassifier } from './robust-classifier.ts'
import { robustJem } from './robust-jem.ts'
import { sadaJem } from './sada-jem.ts'
import type { System } from './system.ts'

export const systems: Readonly<Record<SystemName, System>> = {
  classifier,
  'robust-classifier': robustClassifier,
  jem,
  'jem++': jempp,
  'robust-jem': robustJem,
  'sada-jem': sadaJem,
  dat,
}
