import type { Run } from '../ledger/run.ts'
import type { QuarantineGroup } from '../repair/groups.ts'
import type { ListedRow } from '../repair/page.ts'
import { causeWords } from '../repair/row-words.ts'
import { renderCount } from '../report/figures.ts'
import { showInvisible } from '../report/invisible.ts'
import { renderTable } from './table.ts'

/** Quarantined rows by cause. */
export function renderGroups(
  { id, migration }: Pick<Run, 'id' | 'migration'>,
  groups: readonly QuarantineGroup[],
): string {
  const sum = (count: 'rows' | 'accepted' | 'fixed') =>
    renderCount(groups.reduce((total, group) => total + group[count], 0n))
  const table = renderTable({
    columns: [
      { title: 'mapping', align: 'left' },
      { title: 'code', align: 'left' },
      { title: 'cause', align: 'left' },
      { title: 'rows', align: 'right' },
      { title: 'accepted', align: 'right' },
      { title: 'fix waiting', align: 'right' },
      { title: 'for example', align: 'left' },
    ],
    rows: groups.map((group) => [
      group.mapping,
      group.code,
      causeWords(group),
      renderCount(group.rows),
      renderCount(group.accepted),
      renderCount(group.fixed),
      group.sampleKeys.slice(0, 1).map(showInvisible).join(''),
    ]),
    footer: ['total', '', '', sum('rows'), sum('accepted'), sum('fixed')],
  })
  return `Quarantine of run ${id} of ${migration}:\n\n${table}`
}

/** Quarantined rows one by one. */
export function renderListedRows(mapping: string, rows: readonly ListedRow[]): string {
  const table = renderTable({
    columns: [
      { title: 'key', align: 'left' },
      { title: 'code', align: 'left' },
      { title: 'columns', align: 'left' },
      { title: '', align: 'left' },
    ],
    rows: rows.map(({ key, code, columns, isAccepted, fixWaits }) => [
      showInvisible(key),
      code,
      columns ?? '–',
      [...(isAccepted ? ['accepted'] : []), ...(fixWaits ? ['fix waiting'] : [])].join(', '),
    ]),
  })
  return `Rows of ${mapping}:\n\n${table}`
}
