import type { Range } from '../rehearsal/count-range.ts'
import type { CountForecast, Forecast, MappingForecast } from '../rehearsal/forecast.ts'
import { renderRange } from '../report/estimate-words.ts'
import { renderBytes, renderCount } from '../report/figures.ts'
import { renderTable, type TableColumn } from './table.ts'

/** A forecast, for people: what would become of the rows, under which codes, and what the run would take. */
export function renderForecast(forecast: Forecast): string {
  const { mappings, tables, seconds, targetBytes, ledgerBytes, walBytes, restsOn } = forecast
  const limits = mappings.flatMap(({ mapping, limits }) => limits.map((limit) => `  - ${mapping}: ${limit}`))
  const partial = tables.filter(({ why }) => why === null)
  return [
    partial.length === 0
      ? 'The rehearsal had all rows.'
      : `Of ${partial.map(({ table, rows, taken }) => `${table} the rehearsal had ${renderCount(taken)} of ${renderCount(rows)} rows`).join(', of ')}; all of the others.`,
    'A run with all rows is expected to do this, at 99.9 %:',
    '',
    renderTable({ columns, rows: mappings.flatMap(rowsOf) }),
    ...mappings.flatMap(unseenOf),
    '',
    `time    ${renderRange({ leastMs: seconds.least * 1000, mostMs: seconds.most * 1000 })}`,
    `disk    ${between(targetBytes, renderBytes)} in the targets, ${between(ledgerBytes, renderBytes)} in the ledger`,
    `WAL     ${walBytes === null ? 'not measured' : between(walBytes, renderBytes)}`,
    '',
    ...restsOn.map((sentence) => `  - ${sentence}`),
    ...(limits.length === 0 ? [] : ['', 'Not shown by the sample:', ...limits]),
  ].join('\n')
}

const columns: readonly TableColumn[] = [
  { title: 'mapping', align: 'left' },
  { title: 'outcome', align: 'left' },
  { title: 'code', align: 'left' },
  { title: 'column', align: 'left' },
  { title: 'seen', align: 'right' },
  { title: 'expected', align: 'right' },
  { title: 'between', align: 'right' },
]

function rowsOf({ mapping, seconds, dispositions, codes }: MappingForecast): readonly (readonly string[])[] {
  const counts = (count: CountForecast) => [
    renderCount(count.seen),
    renderCount(count.estimate),
    count.least === count.most ? '' : between(count, renderCount),
  ]
  const time = renderRange({ leastMs: seconds.least * 1000, mostMs: seconds.most * 1000 })
  return [
    ...dispositions
      .filter(({ most, seen }) => seen > 0 || most > 0)
      .map((count, i) => [i === 0 ? mapping : i === 1 ? `  ${time}` : '', count.what, '', '', ...counts(count)]),
    ...codes
      .filter(({ seen }) => seen > 0)
      .map((count) => ['', count.outcome, count.what, count.column ?? '', ...counts(count)]),
  ]
}

/** What the plan foresees and no row of the sample came to. */
function unseenOf({ mapping, basis, codes }: MappingForecast): readonly string[] {
  const unseen = codes.filter(({ seen }) => seen === 0)
  if (basis === 'whole' || unseen.length === 0) return []
  const names = [...new Set(unseen.map(({ what }) => what))].join(', ')
  return [`${mapping}, not seen, and each in at most ${renderCount(unseen[0]!.most)} rows: ${names}`]
}

/** `12 to 40`. */
function between({ least, most }: Range, render: (value: number) => string): string {
  const [from, to] = [render(least), render(most)]
  return from === to ? from : `${from} to ${to}`
}
