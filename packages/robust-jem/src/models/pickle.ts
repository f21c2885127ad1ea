/**
 * Python's pickles, protocols 2 to 5, read as data (CPython's Lib/pickletools.py). A pickle is a program for a stack machine,
 * and Python's own runs whatever it names. This one knows containers, numbers and text, and the callables that it is given;
 * it stops at the first thing that is none of them, so nothing of a file is ever run.
 */

/** A pickle holds what is not known here: a class, a function, an instruction. */
export class UnknownInPickle extends Error {}
/** A pickle breaks off, makes no sense, or grows beyond all measure. */
export class DamagedPickle extends Error {}

/** A class or function that a pickle may name: 'module.name'. Without `call` it can be named only. */
export class PickleGlobal {
  readonly name: string
  readonly call: ((args: unknown[]) => unknown) | undefined

  constructor(name: string, call?: (args: unknown[]) => unknown) {
    this.name = name
    this.call = call
  }
}

/** `collections.OrderedDict`: it may be given attributes (PyTorch hangs versions on state dicts), which are dropped. */
class OrderedDict extends Map<unknown, unknown> {}

const orderedDict = new PickleGlobal('collections.OrderedDict', (args) => {
  if (args.length > 0) throw new UnknownInPickle('an OrderedDict made of arguments')
  return new OrderedDict()
})

export interface PickleSurroundings {
  /** What may be named, besides OrderedDict. */
  globals: readonly PickleGlobal[]
  /** What a persistent id stands for (PyTorch: storages). */
  persistent: (id: unknown) => unknown
}

export interface Unpickled {
  /** dict: Map; list and tuple: array; int: number, or bigint where it is no safe integer; None: null. */
  value: unknown
  /** Where the pickle ends. */
  end: number
}

// A state dict of a thousand tensors takes 50,000 instructions and 5,000 containers.
const mostInstructions = 5_000_000
const mostContainers = 500_000
const longestInt = 64 // bytes

const isList = (value: unknown): value is unknown[] => Array.isArray(value)
const isDict = (value: unknown): value is Map<unknown, unknown> => value instanceof Map

function fail(fact: string): never {
  throw new DamagedPickle(fact)
}

/** A name out of a file, for a message: on one line, not long. */
export function quoted(text: string): string {
  const plain = text.slice(0, 60).replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?')
  return `'${plain}${text.length > 60 ? '…' : ''}'`
}

/** What a pickle's bytes say, from `at` on. */
class PickleBytes {
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
  }
  /** Steps over `count` bytes and says where they begin. */
  take(count: number): number {
    if (count > this.bytes.length - this.at) fail('it breaks off inside a pickle')
    this.at += count
    return this.at - count
  }
  uint8 = () => this.view.getUint8(this.take(1))
  uint16 = () => this.view.getUint16(this.take(2), true)
  uint32 = () => this.view.getUint32(this.take(4), true)
  int32 = () => this.view.getInt32(this.take(4), true)
  uint64 = () => Number(this.view.getBigUint64(this.take(8), true))
  float64 = () => this.view.getFloat64(this.take(8))

  text(count: number): string {
    const from = this.take(count)
    return new TextDecoder().decode(this.bytes.subarray(from, this.at))
  }
  line(): string {
    const end = this.bytes.indexOf(10, this.at)
    const text = this.text((end < 0 ? this.bytes.length : end) - this.at)
    this.take(1)
    return text
  }
  /** Two's complement of `count` bytes. */
  int(count: number): number | bigint {
    if (count > longestInt) throw new UnknownInPickle(`an int of ${count} bytes`)
    const from = this.take(count)
    const value = this.bytes.subarray(from, this.at).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    const signed = BigInt.asIntN(8 * count, value)
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
  }
}

class PickleMachine {
  readonly input: PickleBytes
  readonly known: ReadonlyMap<string, PickleGlobal>
  readonly persistent: (id: unknown) => unknown
  readonly memo = new Map<number, unknown>()
  readonly marked: unknown[][] = []
  stack: unknown[] = []
  containers = 0

  constructor(input: PickleBytes, { globals, persistent }: PickleSurroundings) {
    this.input = input
    this.known = new Map([orderedDict, ...globals].map((global) => [global.name, global]))
    this.persistent = persistent
  }

  push(value: unknown): void {
    if (typeof value === 'object' && value !== null) this.countContainer()
    this.stack.push(value)
  }
  countContainer(): void {
    if (++this.containers > mostContainers) fail(`it holds more than ${mostContainers} lists and dicts`)
  }
  pop(count: number): unknown[] {
    if (this.stack.length < count) fail('a pickle takes more than it holds')
    return this.stack.splice(this.stack.length - count)
  }
  mark(): void {
    this.countContainer()
    this.marked.push(this.stack)
    this.stack = []
  }
  popMarked(): unknown[] {
    const items = this.stack
    this.stack = this.marked.pop() ?? fail('a pickle closes what it did not open')
    return items
  }
  get top(): unknown {
    return this.stack.length > 0 ? this.stack.at(-1) : fail('a pickle takes more than it holds')
  }
  append(items: unknown[]): void {
    const list = this.top
    if (!isList(list)) fail('a pickle adds to a list that is none')
    for (const item of items) list.push(item)
  }
  setItems(items: unknown[]): void {
    const dict = this.top
    if (!isDict(dict) || items.length % 2 !== 0) fail('a pickle adds to a dict that is none')
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1])
  }
  remember(index: number): void {
    this.memo.set(index, this.top)
  }
  recall(index: number): void {
    if (!this.memo.has(index)) fail('a pickle recalls what it never saw')
    this.stack.push(this.memo.get(index))
  }
  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') fail('a pickle names what has no name')
    const global = this.known.get(`${module}.${name}`)
    if (!global) throw new UnknownInPickle(quoted(`${module}.${name}`))
    this.stack.push(global)
  }
  reduce(): void {
    const [callee, args] = this.pop(2)
    if (!(callee instanceof PickleGlobal) || !isList(args)) fail('a pickle calls what is no function')
    if (!callee.call) throw new UnknownInPickle(`a call of ${quoted(callee.name)}`)
    this.push(callee.call(args))
  }
  build(): void {
    this.pop(1)
    if (!(this.top instanceof OrderedDict)) throw new UnknownInPickle('an object that is given a state (BUILD)')
  }
}

type Instruction = (machine: PickleMachine, input: PickleBytes) => void
const code = (character: string): number => character.charCodeAt(0)

/** By opcode. STOP, '.', is where reading ends. */
const instructions = new Map<number, Instruction>([
  [
    0x80, // PROTO
    (_, input) => {
      const protocol = input.uint8()
      if (protocol < 2 || protocol > 5) throw new UnknownInPickle(`pickle protocol ${protocol}`)
    },
  ],
  [0x95, (_, input) => void input.take(8)], // FRAME, a hint for readers of streams
  [code('N'), (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [code('J'), (m, input) => m.push(input.int32())],
  [code('K'), (m, input) => m.push(input.uint8())],
  [code('M'), (m, input) => m.push(input.uint16())],
  [0x8a, (m, input) => m.push(input.int(input.uint8()))],
  [0x8b, (m, input) => m.push(input.int(input.uint32()))],
  [code('G'), (m, input) => m.push(input.float64())],
  [code('X'), (m, input) => m.push(input.text(input.uint32()))],
  [0x8c, (m, input) => m.push(input.text(input.uint8()))],
  [0x8d, (m, input) => m.push(input.text(input.uint64()))],
  [code('U'), (m, input) => m.push(input.text(input.uint8()))], // Python 2's str
  [code('T'), (m, input) => m.push(input.text(input.uint32()))],
  [code('}'), (m) => m.push(new Map())],
  [code(']'), (m) => m.push([])],
  [code(')'), (m) => m.push([])],
  [code('('), (m) => m.mark()],
  [code('t'), (m) => m.push(m.popMarked())],
  [0x85, (m) => m.push(m.pop(1))],
  [0x86, (m) => m.push(m.pop(2))],
  [0x87, (m) => m.push(m.pop(3))],
  [code('a'), (m) => m.append(m.pop(1))],
  [code('e'), (m) => m.append(m.popMarked())],
  [code('s'), (m) => m.setItems(m.pop(2))],
  [code('u'), (m) => m.setItems(m.popMarked())],
  [code('0'), (m) => void m.pop(1)],
  [code('1'), (m) => void m.popMarked()],
  [code('q'), (m, input) => m.remember(input.uint8())],
  [code('r'), (m, input) => m.remember(input.uint32())],
  [0x94, (m) => m.remember(m.memo.size)],
  [code('h'), (m, input) => m.recall(input.uint8())],
  [code('j'), (m, input) => m.recall(input.uint32())],
  [code('c'), (m, input) => m.global(input.line(), input.line())],
  [0x93, (m) => m.global(...(m.pop(2) as [unknown, unknown]))],
  [code('Q'), (m) => m.push(m.persistent(m.pop(1)[0]))],
  [code('R'), (m) => m.reduce()],
  [code('b'), (m) => m.build()],
])

/** Reads one pickle that begins at `start`. Throws UnknownInPickle or DamagedPickle, and what `surroundings` throw. */
export function readPickle(bytes: Uint8Array, start: number, surroundings: PickleSurroundings): Unpickled {
  const input = new PickleBytes(bytes, start)
  const machine = new PickleMachine(input, surroundings)
  for (let count = 0; count < mostInstructions; count++) {
    const opcode = input.uint8()
    if (opcode === code('.')) {
      if (machine.stack.length !== 1 || machine.marked.length > 0) fail('a pickle ends unfinished')
      return { value: machine.top, end: input.at }
    }
    const instruction = instructions.get(opcode)
    if (!instruction) throw new UnknownInPickle(`the pickle instruction ${nameOf(opcode)}`)
    instruction(machine, input)
  }
  return fail(`a pickle takes more than ${mostInstructions} instructions`)
}

/** Instructions that real files are known to hold, by the names that Python gives them. */
const refused = new Map([
  [0x81, 'NEWOBJ'],
  [0x8f, 'EMPTY_SET'],
  [code('B'), 'BINBYTES'],
  [code('C'), 'SHORT_BINBYTES'],
])
const nameOf = (opcode: number): string => refused.get(opcode) ?? `0x${opcode.toString(16).padStart(2, '0')}`
