/** [H, W, 3] to [3, H, W], into `planes`. */
export function toPlanes(data: Uint8Array, planes: Uint8Array): void {
  const area = data.length / 3
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) planes[c * area + i] = data[3 * i + c]!
  }
}
