import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderBeforeAfter, renderForeseen } from '../../../src/report/chart/before-after.ts'
import { renderFlow } from '../../../src/report/chart/flow.ts'
import { renderMeter } from '../../../src/report/chart/meter.ts'
import { renderSparkline } from '../../../src/report/chart/sparkline.ts'
import { renderStrip } from '../../../src/report/chart/strip.ts'
import { renderThroughput } from '../../../src/report/chart/throughput.ts'
import { renderTimeline } from '../../../src/report/chart/timeline.ts'
import type { Html } from '../../../src/report/html/markup.ts'
import { cell, course, hostile, mapping, rebuild } from './figures.ts'
import { parseXml } from './xml.ts'

const name = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii' }))
const int8 = fc.oneof(fc.nat(3).map(BigInt), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })).map(String)
const int8OrNull = fc.option(int8)
const time = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }))

const mappings = fc.array(
  fc
    .record({
      state: fc.constantFrom('waiting', 'loading', 'done'),
      target: name,
      sourceRows: int8OrNull,
      loaded: int8,
      merged: int8,
      matched: int8,
      quarantined: int8,
      excluded: int8,
      targetRowsBefore: int8OrNull,
      targetRowsAfter: int8OrNull,
    })
    .map(mapping),
  { maxLength: 40 },
)
const courses = fc.array(
  fc.tuple(name, fc.array(time, { minLength: 4, maxLength: 4 })).map(([own, times]) => course(own, times)),
  { maxLength: 80 },
)
const rebuilds = fc.array(
  fc
    .tuple(fc.constantFrom('index', 'foreign key', 'statistics'), name, time, time)
    .map(([kind, own, from, to]) => rebuild(kind, own, [from, to])),
  { maxLength: 80 },
)
const rates = fc.option(
  fc.record({
    from: fc.constant('2025-06-01T08:00:00Z'),
    sliceMs: fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e8, noNaN: true })),
    rows: fc.array(fc.oneof(fc.constant(0), fc.nat(), fc.maxSafeNat()), { maxLength: 120 }),
  }),
)
const count = fc.nat(50)
const cells = fc.array(
  fc
    .record({
      chunks: count,
      done: count,
      retried: count,
      begun: count,
      failed: count,
      rows: fc.maxSafeNat(),
      quarantined: fc.maxSafeNat(),
    })
    .map(cell),
  { maxLength: 120 },
)
const codes = fc.array(
  fc.record({
    mapping: name,
    outcome: fc.constantFrom('quarantine', 'correct', 'note'),
    code: name,
    column: fc.option(name),
    foreseen: int8OrNull,
    actual: int8,
  }),
  { maxLength: 40 },
)
const meters = fc.record({ name, noun: fc.constant('rows'), done: int8, quarantined: int8, all: int8OrNull })

const charts: readonly (readonly [string, fc.Arbitrary<Html>])[] = [
  ['flow', mappings.map((all) => renderFlow(all, 'x'))],
  ['timeline', fc.record({ courses, rebuilds }).map((all) => renderTimeline(all, 'x'))],
  ['throughput', rates.map((all) => renderThroughput(all, 'x'))],
  ['sparkline', rates.map((all) => renderSparkline(all, 'x'))],
  ['strip', fc.record({ mapping: name, strip: cells }).map((all) => renderStrip(all, 'x'))],
  ['before and after', mappings.map((all) => renderBeforeAfter(all, 'x'))],
  ['foreseen', codes.map((all) => renderForeseen(all, 'x'))],
  ['meter', meters.map((all) => renderMeter(all, 'x'))],
]

test.each(charts)(
  'whatever the figures of a %s are: markup that is well-formed, and places that are numbers',
  (_, any) => {
    fc.assert(
      fc.property(any, (chart) => {
        const tags = parseXml(String(chart))
        for (const { attributes } of tags) {
          for (const [attribute, value] of attributes) {
            expect(attribute).not.toMatch(/^(style|on.*)$/)
            if (attribute !== 'title') expect(value, attribute).not.toMatch(/NaN|Infinity|undefined|null/)
            if (/^(x|y|width|height)$/.test(attribute)) expect(value, attribute).toMatch(/^\d+([.]\d)?%?$/)
            if (attribute === 'd') expect(value.replace(/[A-Z ,]|-?\d+(?:[.]\d)?(?![\d.])/gi, '')).toBe('')
          }
        }
      }),
    )
  },
)

test.each(charts)('whatever the figures of a %s are, it says in words what it shows', (_, any) => {
  fc.assert(
    fc.property(any, (chart) => {
      const tags = parseXml(String(chart))
      const shown = tags.find(({ attributes }) => attributes.get('class') === 'chart')
      if (shown === undefined) {
        expect(tags.map((tag) => tag.name)).toEqual(['p'])
        return
      }
      expect(shown.attributes.get('role')).toBe('img')
      const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? [])
      expect(ids).toEqual(shown.attributes.get('aria-labelledby')!.split(' '))
      expect(ids.every((id) => id.startsWith('x-'))).toBe(true)
      expect(String(chart)).toMatch(/<title id="x-t">[^<]+<\/title><desc id="x-d">[^<]+[.]<\/desc>/)
    }),
  )
})
