/** Cyclic redundancy checks of 32 bits, bit-reversed as ZIP and iSCSI have them: a table of the remainders of one byte. */

const crcOf = (polynomial: number): ((bytes: Uint8Array) => number) => {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let c = byte
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? polynomial ^ (c >>> 1) : c >>> 1
    return c
  })
  return (bytes) => {
    let c = 0xffffffff
    for (let i = 0; i < bytes.length; i++) c = table[(c ^ bytes[i]!) & 255]! ^ (c >>> 8)
    return ~c >>> 0
  }
}

/** The checksum of ZIP and PNG (ISO 3309). */
export const crc32 = crcOf(0xedb88320)

/** The checksum of iSCSI and TFRecord (Castagnoli; RFC 3720, appendix B.4). */
export const crc32c = crcOf(0x82f63b78)
