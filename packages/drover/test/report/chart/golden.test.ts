import { expect, test } from 'vitest'
import { renderBeforeAfter, renderForeseen } from '../../../src/report/chart/before-after.ts'
import { renderFlow } from '../../../src/report/chart/flow.ts'
import { renderMeter } from '../../../src/report/chart/meter.ts'
import { renderSparkline } from '../../../src/report/chart/sparkline.ts'
import { renderStrip, renderStripLegend } from '../../../src/report/chart/strip.ts'
import { chartStyle } from '../../../src/report/chart/style.ts'
import { renderThroughput } from '../../../src/report/chart/throughput.ts'
import { renderTimeline, renderTimelineLegend } from '../../../src/report/chart/timeline.ts'
import type { Html } from '../../../src/report/html/markup.ts'
import { cell, codes, course, hostile, load, mapping, strip, throughput } from './figures.ts'

const all = { sourceRows: '1000000', loaded: '950000', merged: '30000', matched: '100', quarantined: '1234' }
const meter = { name: 'visits', noun: 'rows', quarantined: '0' }
const grown = [
  mapping({ target: 'public.clinics', targetRowsBefore: '1', targetRowsAfter: '999' }),
  mapping({ target: hostile[0]!, targetRowsBefore: '0', targetRowsAfter: '9007199254740993' }),
  mapping({ target: hostile[5]!, targetRowsBefore: '5' }),
]

const charts: Readonly<Record<string, Html>> = {
  'flow-usual': renderFlow([mapping({ ...all, excluded: '18666' })], 'flow'),
  'flow-one-row-of-many': renderFlow(
    [mapping({ sourceRows: '9007199254741993', loaded: '9007199254741992', quarantined: '1' })],
    'flow',
  ),
  'flow-unfinished': renderFlow(
    [
      mapping({ state: 'loading', sourceRows: '1000', loaded: '480', quarantined: '20' }),
      mapping({ state: 'waiting', sourceRows: null }),
    ],
    'flow',
  ),
  'flow-lost': renderFlow([mapping({ sourceRows: '100', loaded: '50', quarantined: '45' })], 'flow'),
  'timeline-usual': renderTimeline(load, 'time'),
  'timeline-hostile': renderTimeline(
    { courses: hostile.map((name, i) => course(name, [i, i + 1, 9, 10])), rebuilds: [] },
    'time',
  ),
  'timeline-legend': renderTimelineLegend(),
  'throughput-usual': renderThroughput(throughput, 'rate'),
  'throughput-short': renderThroughput({ ...throughput, sliceMs: 80, rows: [5, 9] }, 'rate'),
  'sparkline-usual': renderSparkline(throughput, 'spark'),
  'strip-usual': renderStrip({ mapping: 'visits', strip }, 'strip'),
  'strip-done': renderStrip({ mapping: hostile[0]!, strip: Array.from({ length: 120 }, () => cell()) }, 'strip'),
  'strip-legend': renderStripLegend(),
  'before-after': renderBeforeAfter(grown, 'tables'),
  foreseen: renderForeseen(codes, 'foreseen'),
  'meter-usual': renderMeter({ ...meter, done: '1200', quarantined: '300', all: '5000' }, 'meter'),
  'meter-uncounted': renderMeter({ ...meter, done: '17', all: null }, 'meter'),
  'meter-nearly': renderMeter(
    { ...meter, name: hostile[2]!, done: '9007199254740992', all: '9007199254740993' },
    'meter',
  ),
}

test.each(Object.entries(charts))('%s', async (name, chart) => {
  await expect(standAlone(chart)).toMatchFileSnapshot(`golden/${name}.svg`)
})

test('the style sheet', async () => {
  await expect(chartStyle).toMatchFileSnapshot('golden/chart.css')
})

/** As a file that can be looked at: with names of the languages that are known inside of a page, a line an element. */
function standAlone(chart: Html): string {
  const text = String(chart)
    .replace(/^<svg /, '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replaceAll('<div ', '<div xmlns="http://www.w3.org/1999/xhtml" ')
    .replaceAll('><', '>\n<')
  return `<?xml-stylesheet type="text/css" href="chart.css"?>\n${text}\n`
}
