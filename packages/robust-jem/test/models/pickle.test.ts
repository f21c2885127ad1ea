import { describe, expect, it } from 'vitest'
import { DamagedPickle, PickleGlobal, readPickle, UnknownInPickle } from '../../src/models/pickle.ts'
import { Instructions, OrderedEntries, pickled } from './torch-files.ts'

const pair = new PickleGlobal('lib.pair', (args) => ({ pair: args }))
const nothing = { globals: [], persistent: () => 0 }
const read = (bytes: Uint8Array, globals: PickleGlobal[] = []) =>
  readPickle(bytes, 0, { globals, persistent: (id) => ({ id }) }).value
const instructions = (...parts: string[]) => new Instructions('\x80\x02', ...parts, '.').bytes

describe('a pickle', () => {
  it('gives back None, bools, ints of any length, floats and text', () => {
    const values = [null, true, false, 0, -1, 255, 65_536, -(2 ** 31) + 1, 2 ** 40, -(2 ** 52), 0.1, 'π', '']
    expect(read(pickled(values))).toEqual(values)
    // 2⁷⁰ and −2⁷⁰, as Python writes them.
    const long = (hex: string) => new Instructions('\x80\x02\x8a\x09', Buffer.from(hex, 'hex'), '.').bytes
    expect([read(long('000000000000000040')), read(long('0000000000000000c0'))]).toEqual([2n ** 70n, -(2n ** 70n)])
    expect(read(instructions('\x8a\0'))).toBe(0)
  })

  it('gives dicts as maps, lists and tuples as arrays, and an OrderedDict without its attributes', () => {
    const dict = new Map<unknown, unknown>([
      [0, [1, [2]]],
      ['a', new Map()],
    ])
    expect(read(pickled(dict))).toEqual(dict)
    expect([...(read(pickled(new OrderedEntries([['x', 1]]))) as Map<string, number>)]).toEqual([['x', 1]])
    expect(read(instructions('(K\x01K\x02t'))).toEqual([1, 2])
    expect(read(instructions('K\x01K\x02K\x03\x87'))).toEqual([1, 2, 3])
  })

  it('of protocol 4, with frames, short texts and an automatic memo, is read', () => {
    // pickle.dumps({'a': [1.5, 'a']}, protocol=4)
    const bytes = Buffer.from('80049517000000000000007d948c0161945d9428473ff8000000000000680165732e', 'hex')
    expect(read(bytes)).toEqual(new Map([['a', [1.5, 'a']]]))
  })

  it('remembers: what is recalled is the same object', () => {
    const [a, b] = read(instructions(']q\x07h\x07\x86')) as unknown[]
    expect(a).toBe(b)
  })

  it('calls what is given, and asks what a persistent id stands for', () => {
    expect(read(instructions('clib\npair\n(K\x01K\x02tR'), [pair])).toEqual({ pair: [1, 2] })
    expect(read(instructions('K\x05Q'))).toEqual({ id: 5 })
  })

  it('tells where it ends', () => {
    const two = Buffer.concat([pickled('one'), pickled('two')])
    const first = readPickle(two, 0, nothing)
    expect([first.value, readPickle(two, first.end, nothing).value]).toEqual(['one', 'two'])
  })
})

describe('a pickle that holds something else is refused by name', () => {
  it.each([
    ['a function', 'cos\nsystem\n', "'os.system'"],
    ['a builtin', 'cbuiltins\neval\n', "'builtins.eval'"],
    ['a function by protocol 4', '\x8c\x05posix\x8c\x06system\x93', "'posix.system'"],
    ['a name of every object', 'c__proto__\nconstructor\n', "'__proto__.constructor'"],
    ['a name with line breaks and colours', 'ca\u001b[31m\r\nb\n', "'a?[31m?.b'"],
    ['a very long name', `c${'m'.repeat(1000)}\nn\n`, `'${'m'.repeat(60)}…'`],
    ['a call of what may only be named', 'clib\nname\n)R', "a call of 'lib.name'"],
    ['an object with a state', '}}b', 'an object that is given a state (BUILD)'],
    ['a new object', 'clib\npair\n)\x81', 'the pickle instruction NEWOBJ'],
    ['bytes', 'C\x01a', 'the pickle instruction SHORT_BINBYTES'],
    ['an old text instruction', "S'a'\n", 'the pickle instruction 0x53'],
    ['an int without end', '\x8b\xff\xff\xff\x7f', 'an int of 2147483647 bytes'],
  ])('%s', (_, text, what) => {
    const reading = () => read(instructions(text), [pair, new PickleGlobal('lib.name')])
    expect(reading).toThrow(UnknownInPickle)
    expect(reading).toThrow(what)
  })

  it('another protocol', () => {
    expect(() => read(Buffer.from('\x80\x09N.', 'latin1'))).toThrow('pickle protocol 9')
  })
})

describe('a damaged pickle is refused', () => {
  it('wherever it breaks off', () => {
    const whole = pickled({ a: [1, 0.5, 'text', 2 ** 40], b: new OrderedEntries([['x', null]]) })
    for (let length = 0; length < whole.length; length++) {
      expect(() => read(whole.subarray(0, length)), `${length} bytes`).toThrow(DamagedPickle)
    }
  })

  it.each([
    ['taking from an empty stack', '\x85'],
    ['closing what was never opened', 't'],
    ['recalling what was never seen', 'h\x01'],
    ['remembering nothing', 'q\x01'],
    ['appending to a dict', '}K\x01a'],
    ['a key without a value', '}(K\x01u'],
    ['adding to a number', 'K\x01K\x02K\x03s'],
    ['calling a number', 'K\x01)R'],
    ['calling with a number', 'ccollections\nOrderedDict\nK\x01R'],
    ['naming by a number', 'K\x01K\x02\x93'],
    ['naming by lists of lists', '](]]]e]\x93'],
    ['leaving something over', 'K\x01K\x02'],
    ['leaving something open', 'K\x01('],
    ['lists without end', ']'.repeat(600_000)],
    ['opening without end', '('.repeat(600_000)],
    ['instructions without end', 'N0'.repeat(2_600_000)],
  ])('%s', (_, text) => {
    expect(() => read(instructions(text))).toThrow(DamagedPickle)
  })
})
