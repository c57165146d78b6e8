import type { Cell } from '../../repair/cells.ts'
import type { QuarantinedRow } from '../../repair/row.ts'
import { reasonWords } from '../../repair/row-words.ts'
import type { TriedRow } from '../../repair/tried-row.ts'
import { renderCount, renderInstant } from '../../report/figures.ts'
import { type Html, html, type Part } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name, sentence } from '../../report/html/text.ts'
import { isoInstant } from '../../report/instant.ts'
import { runAddress, withQuery } from '../address.ts'
import { renderValue } from './cell.ts'
import type { Leaf } from './frame.ts'
import { renderError } from './message.ts'
import { renderAcceptance } from './row-acceptance.ts'
import { renderFixForm } from './row-fix.ts'
import type { RowView } from './row-view.ts'
import { pageBytes } from './space.ts'

/** All that is known of a quarantined row, and what can be done about it. */
export function rowLeaf(view: RowView): Leaf {
  const { runId, row, formToken, tried, refused } = view
  return {
    title: `Row ${row.key} of ${row.mapping}`,
    runId,
    part: 'quarantine',
    main: html`<p><a href="${withQuery(runAddress(runId, 'quarantine'), { mapping: row.mapping })}">Quarantined rows of ${name(row.mapping)}</a></p>
${refused !== null && renderError(refused)}
${tried !== null && renderTrial(tried)}
<h2>Why it was set aside</h2>
<p>${renderInstant(isoInstant(row.setAsideAt))}, in chunk ${row.chunk}:</p>
<ol>${row.reasons.map((reason) => html`<li>${sentence(reasonWords(reason, row.sqlstate))}</li>\n`)}</ol>
${
  row.fix !== null &&
  html`<h2>Its fix</h2>
<p>Stored ${renderInstant(isoInstant(row.fix.at))} by ${name(row.fix.by)}, ${row.fix.waits ? 'not tried yet' : 'and tried'}.</p>
${renderCells('Values in place of those of the source', row.fix.values)}`
}
<h2>Its original</h2>
${renderOriginal(row)}
${formToken !== null && renderFixForm(view, formToken)}
${renderAcceptance(view)}
<h2>What refers to it</h2>
${renderDependents(row)}`,
  }
}

function renderOriginal({ original, secret }: QuarantinedRow): Html {
  if (original === null) return html`<p>It is not in the ledger: the row was gone.</p>`
  return html`${renderCells('Values of the source', original)}
${secret.length > 0 && html`<p class="soft">Secret, and not in the ledger: ${secret.map((column, i) => html`${i > 0 && ', '}${name(column)}`)}.</p>`}`
}

function renderCells(caption: string, cells: readonly Cell[]): Html {
  return renderTable({
    caption,
    columns: [
      { title: 'column', kind: 'name', cell: ({ column }) => name(column) },
      { title: 'value', kind: 'words', cell: renderValue },
      { title: '', kind: 'words', cell: ({ isMasked, value }) => isMasked && value !== null && 'masked' },
    ],
    rows: cells,
    space: newSpace(pageBytes),
    rest: 'drover quarantine show lists all of them',
  })
}

function renderDependents({ dependents }: QuarantinedRow): Html {
  if (dependents.length === 0) return html`<p>No row waits for it, and none was loaded without it.</p>`
  return renderTable({
    caption: 'Rows that refer to it',
    columns: [
      { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
      { title: 'waiting', kind: 'figure', cell: ({ waiting }) => renderCount(waiting) },
      { title: 'loaded without it', kind: 'figure', cell: ({ loaded }) => renderCount(loaded) },
    ],
    rows: dependents,
    space: newSpace(pageBytes),
    rest: 'drover quarantine show lists all of them',
  })
}

const outcomes: Readonly<Record<TriedRow['disposition'], string>> = {
  loaded: 'It would be loaded.',
  merged: 'It would be merged',
  matched: 'It would be matched to a row that is in the target.',
  excluded: 'It would be excluded by the condition of the mapping.',
  quarantined: 'It would stay in quarantine.',
  withdrawn: 'The query of the mapping does not give it any more.',
}

function renderTrial({ disposition, reasons, sqlstate, survivor, following }: NonNullable<RowView['tried']>): Html {
  const isIn = disposition !== 'quarantined' && disposition !== 'withdrawn'
  return html`<section class="trial" aria-label="Dry run">
<p class="headline headline-${isIn ? 'pass' : 'warn'}">${outcomes[disposition]}${disposition === 'merged' && html`${survivor !== null && html` into ${name(survivor)}`}.`} Nothing was kept: this was a dry run.</p>
${reasons.length > 0 && html`<ol>${reasons.map((reason) => html`<li>${sentence(reasonWords(reason, sqlstate))}</li>\n`)}</ol>`}
${following.length > 0 && html`<p>Other rows that would follow: ${following.map(({ mapping, tried, changed }, i): Part => html`${i > 0 && ', '}${renderCount(tried + changed)} of ${name(mapping)}`)}.</p>`}
</section>`
}
