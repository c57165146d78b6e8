import type { MergeGroup } from '../../repair/merge-group.ts'
import { renderRows } from '../../report/figures.ts'
import { type Html, html } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name } from '../../report/html/text.ts'
import { showInvisible } from '../../report/invisible.ts'
import { rowAddress, runAddress, withQuery } from '../address.ts'
import { renderValue } from './cell.ts'
import { renderConfirmed } from './form.ts'
import type { Leaf } from './frame.ts'
import { pageBytes } from './space.ts'

/** What the page of a merged group shows. */
export interface MergeGroupView {
  readonly runId: string
  readonly group: MergeGroup
  /** What forms carry; null where merges cannot be undone now, or not from here. */
  readonly formToken: string | null
}

/** Merged rows of a group that are shown. */
const shownRows = 100

/** The rows that one row stands for, what they do not agree in, and how one of them is taken out again. */
export function mergeGroupLeaf(view: MergeGroupView): Leaf {
  const { runId, group } = view
  const { mapping, survivor, merged } = group
  return {
    title: `Group of ${survivor} of ${mapping}`,
    runId,
    part: 'merges',
    main: html`<p><a href="${withQuery(runAddress(runId, 'merges'), { mapping })}">Groups of ${name(mapping)}</a></p>
<p>${name(survivor)} stands for ${renderRows(BigInt(merged.length), 'other row')}.</p>
${renderDifferences(group)}
<h2>Merged into it</h2>
<ul>${merged.slice(0, shownRows).map((key) => html`<li>${name(key)}${renderUnmerge(view, key)}</li>\n`)}</ul>
${merged.length > shownRows && html`<p class="soft">${renderRows(BigInt(merged.length - shownRows), 'more row')}: drover merges show lists all of them.</p>`}`,
  }
}

function renderDifferences({ differences }: MergeGroup): Html {
  if (differences === null) {
    return html`<p>How they differ is not known: their rows cannot be read from the source by these keys.</p>`
  }
  const { columns, rows } = differences
  if (columns.length === 0) return html`<p>Their source rows agree in every column.</p>`
  return renderTable({
    caption: 'Where their source rows differ, the survivor first',
    isFiltered: false,
    columns: [
      { title: 'key', kind: 'name', cell: ({ key }) => name(key) },
      ...columns.map(({ column, isMasked }, i) => ({
        title: showInvisible(isMasked ? `${column} (masked)` : column),
        kind: 'words' as const,
        cell: ({ values }: (typeof rows)[number]) => renderValue({ value: values[i]! }),
      })),
    ],
    rows,
    space: newSpace(pageBytes),
    rest: 'not compared here',
  })
}

function renderUnmerge({ runId, group, formToken }: MergeGroupView, key: string): Html | false {
  if (formToken === null) return false
  const action = rowAddress(runAddress(runId, 'merges/unmerge'), { mapping: group.mapping, key })
  return renderConfirmed('Take out', html`Make ${name(key)} a row of its own again, in this run and in later ones.`, {
    action,
    token: formToken,
  })
}
