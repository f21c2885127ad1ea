/** NumPy's .npy files (NEP 1, format versions 1.0 to 3.0): one array, little-endian. */

type NpyData = {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  bool: Uint8Array
}
export type NpyDtype = keyof NpyData

/** An array in C order, told apart by its dtype: `data` has as many elements as the product of `shape`; bool is 0 or 1. */
export type NpyArray = { [D in NpyDtype]: { shape: number[]; dtype: D; data: NpyData[D] } }[NpyDtype]

/** What can be written: as NpyArray, with dtype and data checked when it runs, so that a tensor's own fields do. */
export type NpySource = { shape: readonly number[]; dtype: NpyDtype; data: NpyData[NpyDtype] }

const DESCRIPTIONS: Record<NpyDtype, string> = {
  float32: '<f4',
  float64: '<f8',
  int32: '<i4',
  int64: '<i8',
  uint8: '|u1',
  bool: '|b1',
}
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
}
/** Two-byte floats, read as float32. NumPy has no bfloat16: ml_dtypes, hence JAX, writes it as little-endian V2. */
const HALVES = new Map([
  ['<f2', float16],
  ['<V2', bfloat16],
])

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const MOST_DIMENSIONS = 64

/** The bytes of a version 1.0 file. Throws where dtype, shape and data don't fit each other. */
export function writeNpy({ shape, dtype, data }: NpySource): Uint8Array {
  const possible = shape.length <= MOST_DIMENSIONS && shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  if (!possible || !(data instanceof ARRAYS[dtype]) || elements(shape) !== data.length) {
    throw new Error(
      `An array of dtype ${dtype} and shape [${shape}] can't be a ${data.constructor.name} of ${data.length}. ` +
        'Give data of that dtype with as many elements as the shape asks for.',
    )
  }
  const shapeText = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const header = `{'descr': '${DESCRIPTIONS[dtype]}', 'fortran_order': False, 'shape': (${shapeText}), }`
  const start = Math.ceil((10 + header.length + 1) / 64) * 64
  const bytes = new Uint8Array(start + data.byteLength)
  bytes.set([...MAGIC, 1, 0, (start - 10) & 255, (start - 10) >> 8])
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start)
  return bytes
}

/**
 * The array of a file, copied out of `bytes`. float16 and bfloat16 come as float32, Fortran order is turned into C order.
 * Throws an Error on truncated or damaged files, big-endian numbers and dtypes other than NpyDtype's.
 */
export function readNpy(bytes: Uint8Array): NpyArray {
  const { description, fortranOrder, shape, start } = readHeader(bytes)
  const half = HALVES.get(description)
  const dtype = (Object.keys(DESCRIPTIONS) as NpyDtype[]).find((name) => DESCRIPTIONS[name] === description)
  if (half === undefined && dtype === undefined) {
    throw new Error(
      `npy arrays of dtype ${JSON.stringify(description)} can't be read. ` +
        "Save the array as little-endian float32, float64, int32, int64, uint8 or bool, for example array.astype('<f4').",
    )
  }
  const itemSize = half ? 2 : ARRAYS[dtype!].BYTES_PER_ELEMENT
  const expected = elements(shape) * itemSize
  if (!Number.isSafeInteger(expected) || expected !== bytes.length - start) {
    throw damaged(`shape [${shape}] asks for ${expected} bytes of data where ${bytes.length - start} follow the header`)
  }
  // Not slice(): on a Node Buffer that is a view of a shared pool.
  const raw = new Uint8Array(bytes.subarray(start)).buffer
  const stored = half ? Float32Array.from(new Uint16Array(raw), half) : new ARRAYS[dtype!](raw)
  const data = fortranOrder && shape.length > 1 ? toCOrder(stored, shape) : stored
  return { shape, dtype: dtype ?? 'float32', data } as NpyArray
}

function readHeader(bytes: Uint8Array) {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new Error("The data does not begin with npy's magic string. Give a file that numpy.save wrote.")
  }
  const version = bytes[6]!
  if (bytes.length < 12) throw damaged('it ends inside its header')
  if (version < 1 || version > 3) {
    throw new Error(`npy format version ${version} is unknown. Save the array again with numpy.save.`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = version === 1 ? 10 : 12
  const start = first + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true))
  if (start > bytes.length) throw damaged('it ends inside its header')
  if (start > 65536) throw damaged(`its header of ${start} bytes is too long for a plain array`)
  const text = new TextDecoder().decode(bytes.subarray(first, start))
  const description = /['"]descr['"]: *['"]([^'"]*)['"]/.exec(text)?.[1]
  const order = /['"]fortran_order['"]: *(True|False)/.exec(text)?.[1]
  const dimensions = /['"]shape['"]: *\(([\d, L]*)\)/.exec(text)?.[1]
  if (description === undefined || order === undefined || dimensions === undefined) {
    throw damaged('its header does not name descr, fortran_order and shape of a plain array')
  }
  const shape = (dimensions.match(/\d+/g) ?? []).map(Number)
  if (shape.length > MOST_DIMENSIONS) throw damaged(`it claims ${shape.length} dimensions`)
  return { description, fortranOrder: order === 'True', shape, start }
}

/** Elements of a Fortran-ordered array, first index fastest, put into C order, last index fastest. */
function toCOrder(stored: NpyData[NpyDtype], shape: readonly number[]): NpyData[NpyDtype] {
  const data = stored.slice()
  const index = shape.map(() => 0)
  const strides = shape.map((_, axis) => elements(shape.slice(0, axis)))
  for (let to = 0, from = 0; to < data.length; to++) {
    data[to] = stored[from]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++
      from += strides[axis]!
      if (index[axis]! < shape[axis]!) break
      from -= shape[axis]! * strides[axis]!
      index[axis] = 0
    }
  }
  return data
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = (bits & 1023) / 1024
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction)
}

/** The upper half of a float32. */
function bfloat16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits * 65536).buffer)[0]!
}

function damaged(fact: string): Error {
  return new Error(`The npy array is damaged: ${fact}. Copy the file again or save it anew with numpy.save.`)
}
