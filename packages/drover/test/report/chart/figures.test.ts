import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderBeforeAfter } from '../../../src/report/chart/before-after.ts'
import { renderFlow } from '../../../src/report/chart/flow.ts'
import { bandHeights, buildFlow } from '../../../src/report/chart/flow-bands.ts'
import { renderShare } from '../../../src/report/chart/share.ts'
import { renderSparkline } from '../../../src/report/chart/sparkline.ts'
import { renderStrip } from '../../../src/report/chart/strip.ts'
import { buildRuns, quarantineStep } from '../../../src/report/chart/strip-state.ts'
import { timeTicks } from '../../../src/report/chart/time-axis.ts'
import { renderTimeline } from '../../../src/report/chart/timeline.ts'
import { buildLines } from '../../../src/report/chart/timeline-lines.ts'
import { at, cell, course, mapping, strip } from './figures.ts'
import { parseXml } from './xml.ts'

const rows = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n })

test('bands add up to the height of all, each is seen, and more rows are never less high', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(rows, fc.constant(1n)), { minLength: 1, maxLength: 7 }), (all) => {
      const heights = bandHeights(all, 120, 3)
      expect(heights.reduce((sum, height) => sum + height, 0)).toBeCloseTo(120, 6)
      for (const [i, height] of heights.entries()) {
        expect(height).toBeGreaterThanOrEqual(3)
        for (const [j, other] of heights.entries()) if (all[i]! > all[j]!) expect(height).toBeGreaterThanOrEqual(other)
      }
    }),
  )
})

test('the flow holds every row once, more than a number can tell', () => {
  const flow = buildFlow([
    mapping({ sourceRows: '9007199254740993', loaded: '9007199254740992', quarantined: '1' }),
    mapping({ state: 'loading', sourceRows: '10', merged: '3', matched: '2', excluded: '1' }),
    mapping({ state: 'done', sourceRows: '5', loaded: '4' }),
    mapping({ state: 'waiting', sourceRows: null }),
  ])
  expect(flow).toEqual({
    rows: 9007199254741008n,
    bands: [
      { kind: 'loaded', rows: 9007199254740996n },
      { kind: 'merged', rows: 3n },
      { kind: 'matched', rows: 2n },
      { kind: 'quarantined', rows: 1n },
      { kind: 'excluded', rows: 1n },
      { kind: 'unread', rows: 4n },
      { kind: 'lost', rows: 1n },
    ],
    uncounted: 1,
  })
})

test('where the flow ends, bands are as high together as at the source, and none lies on another', () => {
  const drawn = renderFlow([mapping({ sourceRows: '1000', loaded: '600', merged: '1', quarantined: '390' })], 'x')
  const ends = [...String(drawn).matchAll(/d="M400 ([\d.]+)h10v([\d.]+)h-10z"/g)].map(([, y, height]) => ({
    from: Number(y),
    to: Number(y) + Number(height),
  }))
  expect(ends).toHaveLength(4)
  expect(ends.reduce((sum, { from, to }) => sum + to - from, 0)).toBeCloseTo(120, 0)
  for (const [i, { from }] of ends.entries()) expect(from).toBeGreaterThan(ends[i - 1]?.to ?? -1)
})

test('a flow without a row is a sentence', () => {
  expect(String(renderFlow([mapping({})], 'x'))).toBe('<p class="chart-nothing">No source row yet.</p>')
  expect(String(renderFlow([mapping({ sourceRows: null })], 'x'))).toContain('1 mapping is not counted yet')
})

test('only nothing is 0 % and only the whole is 100 %; all else is right to a tenth', () => {
  fc.assert(
    fc.property(rows, rows, (a, b) => {
      const [part, all] = a < b ? [a, b] : [b, a]
      const text = renderShare(part, all)
      if (part === all) expect(text).toBe('100 %')
      else if (text === 'under 0.1 %') expect(part * 2000n).toBeLessThan(all)
      else if (text === 'over 99.9 %') expect((all - part) * 2000n).toBeLessThanOrEqual(all)
      else {
        const tenths = BigInt(text.replace(/ %|[.]/g, ''))
        const off = part * 2000n - tenths * all * 2n
        expect(off >= -all && off < all).toBe(true)
        expect(tenths > 0n && tenths < 1000n).toBe(true)
      }
    }),
  )
  expect([renderShare(0n, 7n), renderShare(1n, 8n), renderShare(1n, 2n ** 62n)]).toEqual([
    '0 %',
    '12.5 %',
    'under 0.1 %',
  ])
})

test('runs of a strip cover its cells, in their order, and neighbours differ', () => {
  const state = fc.constantFrom<Parameters<typeof cell>[0]>({}, { done: 4 }, { done: 0 }, { failed: 1 }, { begun: 1 })
  fc.assert(
    fc.property(fc.array(state.map(cell), { minLength: 1, maxLength: 120 }), (cells) => {
      const runs = buildRuns(cells)
      let next = 0
      for (const [i, run] of runs.entries()) {
        expect(run.from).toBe(next)
        for (const own of cells.slice(next, next + run.cells)) {
          expect(buildRuns([own])).toEqual([{ ...run, from: 0, cells: 1 }])
        }
        next += run.cells
        const before = runs[i - 1]
        expect(before?.state === run.state && before.quarters === run.quarters).toBe(false)
      }
      expect(next).toBe(cells.length)
    }),
  )
})

test('a cell shows the worst of its chunks, and is full only where all are done', () => {
  const shown = (given: Parameters<typeof cell>[0]) => {
    const [{ state, quarters }] = buildRuns([cell(given)]) as [ReturnType<typeof buildRuns>[0]]
    return `${state} ${quarters}`
  }
  expect(shown({})).toBe('done 4')
  expect(shown({ done: 9 })).toBe('done 3')
  expect(shown({ done: 1 })).toBe('done 1')
  expect(shown({ done: 0 })).toBe('open 4')
  expect(shown({ chunks: 0, done: 0 })).toBe('open 4')
  expect(shown({ retried: 1 })).toBe('retried 4')
  expect(shown({ retried: 1, done: 9, begun: 1 })).toBe('begun 4')
  expect(shown({ retried: 1, done: 8, begun: 1, failed: 1 })).toBe('failed 4')
})

test('rows that were set aside show from the first one on', () => {
  const step = (quarantined: number) => quarantineStep(cell({ rows: 1_000_000, quarantined }))
  expect([0, 1, 1000, 1001, 10_000, 10_001, 100_000, 100_001, 1_000_000].map(step)).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4])
})

test('the shapes of a strip cover its width', () => {
  const covered = new Set<number>()
  for (const { name, attributes } of parseXml(String(renderStrip({ mapping: 'visits', strip }, 'x')))) {
    if (name !== 'path' || attributes.get('class') === 'fill-quarantined') continue
    for (const [, from, width] of attributes.get('d')!.matchAll(/M(\d+) [\d.]+h(\d+)/g)) {
      for (let i = 0; i < Number(width); i++) covered.add(Number(from) + i)
    }
  }
  expect(covered.size).toBe(strip.length)
  expect(Math.max(...covered)).toBe(strip.length - 1)
})

test('a strip of equal cells is one shape, and a thousand small ones are little', () => {
  const even = String(renderStrip({ mapping: 'visits', strip: Array.from({ length: 120 }, () => cell()) }, 'x'))
  expect(even.match(/<path /g)).toHaveLength(1)
  const mixed = Array.from({ length: 12 }, (_, i) => cell({ retried: i % 2, quarantined: i }))
  expect(String(renderStrip({ mapping: 'visits', strip: mixed }, 'strip-1000')).length).toBeLessThan(1000)
})

test('the steps of a sparkline are as wide as the load', () => {
  const slices = fc.array(fc.oneof(fc.constant(0), fc.nat()), { minLength: 1, maxLength: 120 })
  fc.assert(
    fc.property(slices, (all) => {
      const drawn = String(renderSparkline({ from: at(0), sliceMs: 1000, rows: all }, 'x'))
      const widths = [...drawn.matchAll(/h(\d+)/g)].map((match) => Number(match[1]))
      expect(widths.reduce((sum, width) => sum + width, 0)).toBe(all.length)
    }),
  )
})

test('a time axis has a few whole numbers of one unit', () => {
  const labels = (ms: number) => timeTicks(ms).map(({ label }) => label)
  expect(labels(1)).toEqual(['0', '1 ms'])
  expect(labels(900)).toEqual(['0', '200', '400', '600', '800 ms'])
  expect(labels(1000)).toEqual(['0', '1 s'])
  expect(labels(90_000)).toEqual(['0', '20', '40', '60', '80 s'])
  expect(labels(150_000)).toEqual(['0', '1', '2 min'])
  expect(labels(8 * 3_600_000)).toEqual(['0', '2', '4', '6', '8 h'])
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e10, noNaN: true }), (ms) => {
      const ticks = timeTicks(ms)
      expect(ticks.length).toBeGreaterThanOrEqual(2)
      expect(ticks.length).toBeLessThanOrEqual(7)
      expect(ticks.at(-1)!.ms).toBeLessThanOrEqual(ms)
    }),
  )
})

test('a time line has at most sixty lines, the longest, and says how many it left out', () => {
  const courses = Array.from({ length: 1000 }, (_, i) => course(`m${i}`, [i, i + 1, i + 2 + (i % 100), i + 200]))
  const drawn = String(renderTimeline({ courses: [...courses, course('long', [0, 1, 5000, 5001])], rebuilds: [] }, 'x'))
  expect(drawn.match(/<foreignObject /g)).toHaveLength(60)
  expect(drawn).toContain('>long<')
  expect(drawn).toContain('>942 more, each shorter<')
  expect(drawn.length).toBeLessThan(25_000)
})

test('a clock that was set back makes a moment, not a time before the beginning', () => {
  const [line] = buildLines([course('visits', [10, 12, 9, 11])], [])
  expect(line!.segments.map(({ kind, from, to }) => [kind, to - from])).toEqual([
    ['prepare', 2000],
    ['load', 0],
    ['close', 2000],
  ])
})

test('tables that several mappings load are counted once, from the first to the last', () => {
  const drawn = String(
    renderBeforeAfter(
      [
        mapping({ target: 'public.people', targetRowsBefore: '100', targetRowsAfter: '150' }),
        mapping({ target: 'public.people', targetRowsBefore: '7', targetRowsAfter: '120' }),
        mapping({ target: 'public.people', targetRowsBefore: '120', targetRowsAfter: null }),
      ],
      'x',
    ),
  )
  expect(drawn.match(/<text /g)).toHaveLength(1)
  expect(drawn).toContain('>7 → 150<')
})

test('tables beyond what is shown are told, and the largest are shown', () => {
  const many = Array.from({ length: 35 }, (_, i) =>
    mapping({ target: `t${i}`, targetRowsBefore: '0', targetRowsAfter: String(i) }),
  )
  const drawn = String(renderBeforeAfter(many, 'x'))
  expect(drawn).toContain('5 tables more, each with fewer rows.')
  expect(drawn).not.toContain('>t4<')
  expect(drawn).toContain('>t5<')
})
