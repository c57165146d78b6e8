import { type Disposition, dispositions } from '../plan/disposition.ts'
import { renderBytes, renderCount, renderDuration, renderInstant, renderSeconds } from './figures.ts'
import { left, none, renderFolded, renderName, renderNames, renderTable, right } from './markdown.ts'
import type { Report, ReportMapping } from './report.ts'

/** Where every row of every source went, with the totals. */
export function renderBalance(mappings: readonly ReportMapping[]): string {
  const total = (name: Disposition | 'sourceRows') =>
    mappings.reduce((sum, mapping) => sum + BigInt(mapping[name] ?? 0), 0n)
  const rows = mappings.map((mapping) => [
    renderName(mapping.name),
    renderName(mapping.source),
    renderName(mapping.target),
    renderCount(mapping.sourceRows),
    ...dispositions.map((name) => renderCount(mapping[name])),
    mapping.state === 'done' ? (mapping.balances ? 'yes' : '**no**') : mapping.state,
    renderCount(mapping.targetRowsBefore),
    renderCount(mapping.targetRowsAfter),
  ])
  const totals = [
    '**total**',
    '',
    '',
    renderCount(total('sourceRows')),
    ...dispositions.map((name) => renderCount(total(name))),
  ]
  return renderTable(
    [
      left('mapping'),
      left('source'),
      left('target'),
      right('source rows'),
      ...dispositions.map(right),
      left('balances'),
      right('target before'),
      right('target after'),
    ],
    mappings.length > 1 ? [...rows, totals] : rows,
  )
}

/** How long each mapping took. */
export function renderTime(mappings: readonly ReportMapping[]): string {
  return renderTable(
    [left('mapping'), right('chunks done'), right('chunks'), right('duration'), right('rows/s')],
    mappings.map((mapping) => [
      renderName(mapping.name),
      renderCount(mapping.chunksDone),
      renderCount(mapping.chunks),
      renderDuration(mapping.durationMs),
      renderCount(mapping.rowsPerSecond),
    ]),
  )
}

/** What each process took of its machine. */
export function renderProcesses({ processes }: Report): string {
  return renderTable(
    [
      left('process'),
      left('from'),
      left('to'),
      right('samples'),
      right('workers'),
      right('peak memory'),
      right('CPU user'),
      right('CPU system'),
      right('event loop late'),
    ],
    processes.map((process) => [
      renderName(process.name),
      renderInstant(process.from),
      renderInstant(process.to),
      renderCount(process.samples),
      renderCount(process.workers),
      renderBytes(process.peakMemoryBytes),
      renderSeconds(process.cpuUserSeconds),
      renderSeconds(process.cpuSystemSeconds),
      renderDuration(process.eventLoopPeakMs),
    ]),
  )
}

/** How often the governor let the run go, held it back, and by which limit. */
export function renderDecisions({ decisions }: Report): string {
  return renderTable(
    [left('action'), left('limit exceeded'), right('samples'), left('first'), left('last')],
    decisions.map(({ action, limit, samples, firstAt, lastAt }) => [
      action,
      limit !== null ? renderName(limit) : action === 'go' ? '–' : 'the server did not tell its state',
      renderCount(samples),
      renderInstant(firstAt),
      renderInstant(lastAt),
    ]),
  )
}

/** What each column of the target was made from; folded, for it is as long as the schemas. */
export function renderLineage(mappings: readonly ReportMapping[]): string {
  const table = renderTable(
    [left('mapping'), left('target column'), left('made from')],
    mappings.flatMap(({ name, lineage }) =>
      lineage.map(({ column, reads }) => [renderName(name), renderName(column), renderNames(reads)]),
    ),
  )
  return table === none ? none : renderFolded('What each target column was made from', table)
}

/** The rows that another row stands for. */
export function renderMerges({ merges }: Report): string {
  return renderTable(
    [left('mapping'), right('rows merged'), left('row → survivor, for example')],
    merges.map((group) => [
      renderName(group.mapping),
      renderCount(group.rows),
      group.samplePairs.map(({ key, survivor }) => `${renderName(key)} → ${renderName(survivor)}`).join(', '),
    ]),
  )
}
