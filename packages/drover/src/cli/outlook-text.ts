import type { EarlierRun } from '../check/earlier-run.ts'
import { addsUp, type CodeCount, type Outlook } from '../check/outlook.ts'
import { renderCount } from '../report/figures.ts'
import { type Counts, renderCounts } from './balance.ts'
import { renderTable } from './table.ts'

/**
 * What a run would do, for people: where every row would go, and why, what is worst first. A mapping whose sum does not
 * hold is marked with ✗.
 */
export function renderOutlook(outlooks: readonly Outlook[], earlier: EarlierRun | undefined): string {
  const codes = outlooks.flatMap(({ mapping, codes }) => codes.map((code) => ({ mapping, ...code })))
  const findings = outlooks.flatMap(({ mapping, findings }) => findings.map((what) => `  - ${mapping}: ${what}`))
  const unforeseen = outlooks.flatMap(({ mapping, unforeseen }) => unforeseen.map((what) => `  - ${mapping}: ${what}`))
  return [
    ...(earlier === undefined ? [] : [describeEarlier(earlier), '']),
    'A run of this migration would do with the rows as they are now:',
    '',
    renderCounts(
      outlooks.map((outlook): Counts => ({ ...outlook, source: outlook.read, mark: addsUp(outlook) ? '' : '✗' })),
    ),
    ...(findings.length === 0 ? [] : ['', 'Wrong:', ...findings]),
    ...(codes.length === 0 ? [] : ['', renderCodes(codes)]),
    ...(unforeseen.length === 0 ? [] : ['', 'Not foreseen:', ...unforeseen]),
    '',
    'Nothing was changed.',
  ].join('\n')
}

function describeEarlier({ id, migration, state }: EarlierRun): string {
  const what = 'what it wrote stands in the target, and counts below as rows that stood there before'
  return `Run ${id} of ${migration} is ${state.replaceAll('_', ' ')}: ${what}.`
}

const severities = { quarantine: 'set aside', correct: 'corrected', note: 'noted' } as const

function renderCodes(codes: readonly (CodeCount & { readonly mapping: string })[]): string {
  const order = Object.keys(severities)
  const sorted = codes.toSorted(
    (a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || (a.rows === b.rows ? 0 : a.rows > b.rows ? -1 : 1),
  )
  return renderTable({
    columns: [
      { title: '', align: 'left' },
      { title: 'code', align: 'left' },
      { title: 'mapping', align: 'left' },
      { title: 'column', align: 'left' },
      { title: 'rows', align: 'right' },
    ],
    rows: sorted.map(({ outcome, code, mapping, column, rows }) => [
      severities[outcome],
      code,
      mapping,
      column,
      renderCount(rows),
    ]),
  })
}
