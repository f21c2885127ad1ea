/** Bytes of pictures and model units: x = 2·(u/255) − 1, and back to the nearest byte. */
import { scope, type Tensor } from '@robust-jem/torch'

/** uint8 of any shape to float32 in [-1, 1]. */
export const toModelRange = (bytes: Tensor): Tensor =>
  scope(() =>
    bytes
      .float()
      .mul(2 / 255)
      .sub(1),
  )

/** Model units to uint8 of the same shape: round(255·(x + 1)/2), clamped. */
export const toByteRange = (x: Tensor): Tensor =>
  scope(() => x.add(1).mul(127.5).round().clamp({ min: 0, max: 255 }).to({ dtype: 'uint8' }))

/** The same as bytes. */
export const toBytes255 = (x: Tensor): Uint8Array => scope(() => toByteRange(x).toTypedArray() as Uint8Array)
