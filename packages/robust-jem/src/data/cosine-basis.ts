/**
 * An orthonormal basis in which natural images are nearly uncorrelated: cosines along both sides (DCT-II; Ahmed, Natarajan & Rao
 * 1974) of brightness and two opponent colours. c = B x and x = Bᵀ c, with Bᵀ B = I.
 */
import { type Device, scope, type Tensor, tensor } from '@robust-jem/torch'

/** C [n, n], C_kj = √(2/n) cos(π k (2j + 1)/(2n)), the first row √(1/n). */
function cosines(n: number, device: Device): Tensor {
  const rows = Array.from({ length: n }, (_, k) =>
    Array.from({ length: n }, (_, j) => Math.sqrt((k ? 2 : 1) / n) * Math.cos((Math.PI * k * (2 * j + 1)) / (2 * n))),
  )
  return tensor(rows, { device })
}

/** [3, 3]: brightness, red against blue, green against both. */
const opponents = (device: Device): Tensor =>
  tensor(
    [
      [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)],
      [1 / Math.sqrt(2), 0, -1 / Math.sqrt(2)],
      [1 / Math.sqrt(6), -2 / Math.sqrt(6), 1 / Math.sqrt(6)],
    ],
    { device },
  )

/** B x: coefficients [N, 3, H, W] of images [N, 3, H, W]. */
export const toCosines = (x: Tensor): Tensor => transform(x, (basis) => basis)

/** Bᵀ c: images [N, 3, H, W] of coefficients [N, 3, H, W]. */
export const fromCosines = (c: Tensor): Tensor => transform(c, (basis) => basis.t())

/** One basis after another, along y, x and the colours. */
const transform = (x: Tensor, of: (basis: Tensor) => Tensor): Tensor =>
  scope(() => {
    const { device } = x
    const [n, , h, w] = x.shape as [number, number, number, number]
    const along = of(cosines(h, device))
      .matmul(x)
      .matmul(of(cosines(w, device)).t()) // [N, 3, H, W]
    return of(opponents(device))
      .matmul(along.reshape([n, 3, h * w]))
      .reshape(x.shape)
  })
