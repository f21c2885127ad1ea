/** File formats of robust-jem, for Node and browsers alike: bytes in, bytes out. */

export { crc32, crc32c } from './crc.ts'
export { drawText, GLYPH_HEIGHT, glyph, textWidth } from './font.ts'
export { canvas, filmStrip, type GridLook, grid, type ImageBatch, paste } from './grid.ts'
export { EvaluationRecord, EventRecord, MetricsRecord, metricsLine, parseMetrics, StepRecord } from './metrics.ts'
export { type NpyArray, type NpyDtype, type NpySource, readNpy, writeNpy } from './npy.ts'
export { readNpz, writeNpz } from './npz.ts'
export { decodePng, encodePng, type Rgb } from './png.ts'
export { RUN_FILES, stepDirectoryName, stepOfDirectoryName } from './run-directory.ts'
export {
  type EventImage,
  type EventTime,
  eventFileHeader,
  eventFileName,
  imageEvent,
  readEvents,
  scalarEvents,
  type TensorBoardEvent,
  wholeLength,
} from './tfevents.ts'
export { type Panel, type TitledLook, titled } from './titled.ts'
