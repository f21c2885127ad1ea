import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { decodePng } from '@robust-jem/formats'
import { saveSafetensors } from '@robust-jem/torch'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { describeRun } from '../../src/training/describe.ts'
import { randomResnet } from '../models/resnet-state.ts'
import { smallOptions, workshop, writeClassFolders } from './workshop.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 }) // several trainings in a test, on a busy machine too

const { folder, run, result } = workshop()
const at = (...names: string[]) => join(folder, ...names)
const small = [...smallOptions, '--data-dir', 'images', '--seed', '4', '--samples', '12', '--test-images', '2']
const words = (out: string, ...more: string[]) => ['reproduce', ...small, '--out', out, ...more]

beforeAll(() => writeClassFolders(at('images')))

describe('reproduce', () => {
  it("trains and draws the paper's rows, with a table and a report that need nothing else", async () => {
    const { finished, rows } = (await result(...words('whole'))) as {
      finished: boolean
      rows: { row: string; run: string }[]
    }
    expect(finished).toBe(true)
    expect(rows.map(({ row }) => row)).toEqual(['robust-jem-energy', 'robust-jem', 'jem++', 'robust-classifier'])
    expect(rows.map(({ run }) => run)).toEqual(['robust-jem', 'robust-jem', 'jem++', 'robust-classifier'])
    for (const { run } of rows)
      expect(describeRun(at('whole', run))).toMatchObject({ step: 8, description: { config: { seed: 4 } } })

    const { width } = decodePng(readFileSync(at('whole', 'samplers.png')))
    expect(width).toBeGreaterThan(3 * 6 * 66) // three panels of six images at scale 2
    const table = readFileSync(at('whole', 'table.md'), 'utf8')
    expect(table).toMatch(/\| Robust JEM \| 8 \|.*\| 9\.28 \| 47\.92 \|/)
    expect(table).toContain('- Glow: ')
    const report = readFileSync(at('whole', 'report.html'), 'utf8')
    expect(report.match(/data:image\/png;base64/g)).toHaveLength(4)
    expect(report).not.toMatch(/(src|href)="(?!data:)/)
  })

  it('a second call trains and draws nothing again, and writes the report anew', async () => {
    const before = new Map(
      readdirSync(at('whole'), { recursive: true, encoding: 'utf8' }).map((name) => [
        name,
        statSync(at('whole', name)).mtimeMs,
      ]),
    )
    const { code } = await run(words('whole'))
    expect(code).toBe(0)
    const written = [...before].filter(
      ([name, time]) => statSync(at('whole', name)).isFile() && statSync(at('whole', name)).mtimeMs !== time,
    )
    expect(written.map(([name]) => name).sort()).toEqual(['report.html', 'reproduction.json', 'table.md'])
  })

  it('goes on where a signal stopped it, with the same weights as without', async () => {
    const stopped = await run(words('stopped'), {
      onStart: async (child) => {
        while (!existsSync(at('stopped', 'robust-jem', 'checkpoints', 'step-000002'))) await setTimeout(5)
        child.kill('SIGINT')
      },
    })
    expect([stopped.code, stopped.stdout.trim()]).toEqual([0, 'stopped: stopped and saved. The same command goes on.'])
    await result(...words('stopped'))
    const hashes = (out: string) => describeRun(at(out, 'robust-jem')).hashes
    expect(hashes('stopped')).toEqual(hashes('whole'))
  })

  it('refuses other settings in a folder that was begun, and rows that there are not', async () => {
    const differing = await run(words('whole', '--set', 'model.width=2'))
    expect([differing.code, differing.lines.length]).toEqual([2, 1])
    expect(differing.stderr).toMatch(/^robust-jem: whole.reproduction\.json was begun with set /)
    const unknown = await run(words('other', '--rows', 'robust'))
    expect([unknown.code, unknown.lines.length, existsSync(at('other'))]).toEqual([2, 1, false])
  })

  it('measures with a judge that is found later, without training or drawing again', async () => {
    const table = () => readFileSync(at('whole', 'table.md'), 'utf8')
    const picture = statSync(at('whole', 'samplers.png')).mtimeMs
    expect(table()).toMatch(/judge accuracy, %: No judge of images/)
    saveSafetensors(at('judge.safetensors'), randomResnet(1, 2, 2))
    await result(...words('whole', '--judge', 'judge.safetensors'))
    expect(table()).toMatch(/judge-fd/)
    expect(table()).not.toMatch(/No judge of images/)
    expect(statSync(at('whole', 'samplers.png')).mtimeMs).toBe(picture)
  })

  it('has a table and the reasons where no row has a result', async () => {
    const { rows, next } = (await result(...words('flows', '--rows', 'glow'))) as { rows: unknown[]; next: string[] }
    expect([rows, next.length]).toEqual([[], 2])
    expect(readFileSync(at('flows', 'table.md'), 'utf8')).toMatch(/- Glow: this version has no flows\./)
  })
})
