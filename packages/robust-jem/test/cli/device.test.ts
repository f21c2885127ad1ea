import { describe, expect, it } from 'vitest'
import { chooseDevice, openDevice } from '../../src/cli/device.ts'
import { Terminal } from '../../src/cli/terminal.ts'

const machine = (cuda: boolean) => ({
  cuda: { isAvailable: () => cuda },
  versions: () => ({ libtorch: '2.6.0', origin: 'system', path: '/usr/lib' }),
})

describe('the device', () => {
  it('auto takes CUDA where it is, else the CPU', () => {
    expect(chooseDevice(machine(true), 'auto')).toBe('cuda:0')
    expect(chooseDevice(machine(false), 'auto')).toBe('cpu')
    expect(chooseDevice(machine(true), 'cpu')).toBe('cpu')
    expect(chooseDevice(machine(true), 'cuda')).toBe('cuda:0')
  })

  it('CUDA that is not there is an error that says what was found and what to do', () => {
    expect(() => chooseDevice(machine(false), 'cuda')).toThrow(
      'libtorch 2.6.0 (/usr/lib) finds no CUDA device. Use --device cpu, or point LIBTORCH to a CUDA build and run npm run setup; robust-jem doctor says what was found.',
    )
  })

  it('one line says versions, device, dtype, threads and instruction set', async () => {
    let err = ''
    const terminal = new Terminal({ out: { write: () => {} }, err: { write: (text) => (err += text) } })
    const { torch, device, precision, threads } = await openDevice({ device: 'cpu', threads: 1 }, { terminal })
    expect([device, threads, torch.getThreads()]).toEqual(['cpu', 1, 1])
    expect(precision).toBe(torch.hasBfloat16Units() ? 'bfloat16' : 'float32')
    const { libtorch } = torch.versions()
    expect(err).toMatch(/^robust-jem \S+ · Node \S+ · libtorch \S+ · cpu · (bfloat16|float32) · 1 thread · \w+\n$/)
    expect(err).toContain(`libtorch ${libtorch} ·`)
  })

  it('a dtype that was asked for is taken', async () => {
    const terminal = new Terminal({ out: { write: () => {} }, err: { write: () => {} } })
    const { precision } = await openDevice({ device: 'cpu', threads: undefined }, { terminal, precision: 'float32' })
    expect(precision).toBe('float32')
  })
})
