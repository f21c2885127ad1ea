import type { MetricsRecord } from '@robust-jem/formats'
import { describe, expect, it } from 'vitest'
import { curveSheet, curvesOf } from '../../src/report/curves.ts'

const at = (step: number, loss: number): MetricsRecord => ({
  kind: 'step',
  step,
  seconds: step,
  epoch: 0,
  images: 0,
  loss,
  fPositive: null,
  fNegative: null,
  crossEntropy: loss,
  accuracy: null,
  robustAccuracy: 0.5,
  curriculum: null,
  learningRate: 0.1,
  phase: 'classifier',
  stepsPerSecond: 1,
})

describe('training curves', () => {
  it('have the figures that the run has', () => {
    expect(curvesOf([at(1, 1), at(2, 2)]).map(({ title }) => title)).toEqual(['loss', 'robust accuracy'])
    expect(curvesOf([at(1, 1)])).toEqual([])
  })

  it('of steps done twice show the last time, and nothing of what the guard went back from', () => {
    const [loss] = curvesOf([at(10, 1), at(20, 2), at(30, 90), at(40, 99), at(20, 3), at(30, 4)])
    expect(loss!.points).toEqual([
      { step: 10, value: 1 },
      { step: 20, value: 3 },
      { step: 30, value: 4 },
    ])
  })

  it('of a long run keep their last point, and no more points than can be seen', () => {
    const [loss] = curvesOf(Array.from({ length: 140_001 }, (_, i) => at(i, i)))
    expect(loss!.points.length).toBeLessThanOrEqual(1000)
    expect(loss!.points.at(-1)).toEqual({ step: 140_000, value: 140_000 - 3500 / 2 })
  })

  it('stand two a row in a picture of their own', () => {
    const sheet = curveSheet('a <run>', curvesOf([at(1, 1), at(2, 2)]))
    expect(sheet).toContain('<title>a &lt;run&gt;</title>')
    expect(sheet.match(/<polyline/g)).toHaveLength(2)
    expect(sheet).toContain('viewBox="0 0 520 120"')
  })
})
