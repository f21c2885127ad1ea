import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { op, operators, schemaOf, Tensor, versions } from '../src/index.ts'
import * as ops from '../src/ops.ts'

describe('the generated operators', () => {
  it('fit the libtorch at hand: no argument lost, none moved', () => {
    const script = fileURLToPath(new URL('../scripts/generate-ops.mjs', import.meta.url))
    expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('')
  })
  it('all resolve to an operator', () => {
    const functions = Object.entries(ops).filter(([, value]) => typeof value === 'function')
    expect(functions.length).toBeGreaterThan(250)
    for (const [name, operator] of functions) {
      let message = ''
      try {
        ;(operator as (...args: unknown[]) => unknown)(Symbol('no argument of any operator'))
      } catch (error) {
        message = (error as Error).message
      }
      expect(message, name).toMatch(/^aten::\w+: (argument '\w+': expected|expected \d+ arguments)/)
    }
  })
  it('are methods of tensors where their first argument is one', () => {
    const x = Tensor.prototype as unknown as Record<string, unknown>
    for (const name of ['add', 'add_', 'matmul', 'logsumexp', 'indexCopy_', 'conv2d'])
      expect(typeof x[name], name).toBe('function')
    for (const name of ['cat', 'stack', 'einsum']) expect(x[name], name).toBeUndefined()
  })
})

describe('the dispatcher', () => {
  it('lists the operators that it has, and gives the schema of each', () => {
    const names = operators()
    expect(names.length).toBeGreaterThan(2000)
    expect(names).toContain('aten::add.Tensor')
    expect(names).toContain('robust_jem::batch_norm_leaky_relu')
    expect(schemaOf('aten::add.Tensor')).toBe(
      'aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor',
    )
    for (const name of names.filter((_, i) => i % 50 === 0)) expect(() => op(name), name).not.toThrow()
  })
  it('tells its version and where it was found', () => {
    const { libtorch, origin, path } = versions()
    expect(libtorch).toMatch(/^\d+\.\d+\.\d+/)
    expect(['LIBTORCH', 'Python', 'system']).toContain(origin)
    expect(path).not.toBe('')
  })
})
