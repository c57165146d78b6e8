import { renderCount, renderRows } from './figures.ts'
import {
  left,
  renderCells,
  renderCode,
  renderFolded,
  renderName,
  renderNames,
  renderTable,
  renderText,
  right,
} from './markdown.ts'
import type { ColumnGroup, QuarantineGroup, Report } from './report.ts'

/** Causes whose rows, queries and commands are shown; the others are in the report as JSON. */
const shownCauses = 20

/** The rows that were set aside, by cause, and what mends them. */
export function renderQuarantine({ quarantine, run, purge }: Report): string {
  const table = renderTable(
    [left('mapping'), left('code'), left('columns'), right('rows'), right('accepted'), left('keys, for example')],
    quarantine.map((group) => [
      renderName(group.mapping),
      renderName(group.code),
      renderNames(group.columns),
      renderCount(group.rows),
      renderCount(group.accepted),
      renderNames(group.sampleKeys),
    ]),
  )
  if (quarantine.length === 0) return table
  return [
    table,
    ...(purge === undefined
      ? [`Each row with its reasons, and what can be done about it: \`drover quarantine list --run ${run.id}\`.`]
      : []),
    ...quarantine.slice(0, shownCauses).map(renderCause),
    ...restOf(quarantine),
  ].join('\n\n')
}

function renderCause(group: QuarantineGroup): string {
  const { mapping, code, sample, query, commands } = group
  const rows = sample.map(({ key, values }) => [renderName(key), renderCells(values)])
  return renderFolded(
    `${renderCount(group.rows)} × ${renderText(code)} of ${renderText(mapping)}`,
    [
      ...(rows.length === 0 ? [] : [renderTable([left('key'), left('values, masked')], rows)]),
      ...(commands.length === 0 ? [] : [renderCode(commands.join('\n'), 'sh')]),
      'All of them, with their values:',
      renderCode(query, 'sql'),
    ].join('\n\n'),
  )
}

/** Corrections, or notes, by cause. */
export function renderColumnGroups(groups: readonly ColumnGroup[]): string {
  const table = renderTable(
    [left('mapping'), left('column'), left('code'), right('rows'), left('keys, for example')],
    groups.map((group) => [
      renderName(group.mapping),
      renderName(group.column),
      renderName(group.code),
      group.rows === null ? 'all' : renderCount(group.rows),
      renderNames(group.sampleKeys),
    ]),
  )
  if (groups.length === 0) return table
  const queries = groups
    .slice(0, shownCauses)
    .map(({ mapping, column, code, query }) =>
      [`${renderName(code)}, ${renderName(column)} of ${renderName(mapping)}:`, renderCode(query, 'sql')].join('\n\n'),
    )
  return [table, renderFolded('Queries that show all of them', queries.join('\n\n')), ...restOf(groups)].join('\n\n')
}

function restOf(groups: readonly unknown[]): readonly string[] {
  const rest = groups.length - shownCauses
  return rest > 0 ? [`Those of ${renderRows(BigInt(rest), 'more cause')} are in the report as JSON.`] : []
}
