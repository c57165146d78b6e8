import { type Html, html } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name, sentence } from '../../report/html/text.ts'
import { showInvisible } from '../../report/invisible.ts'
import { rowAddress, runAddress } from '../address.ts'
import { renderValue } from './cell.ts'
import { renderButton, renderChoice, renderForm } from './form.ts'
import type { RowView } from './row-view.ts'
import { pageBytes } from './space.ts'

/** How the fields of a column are named: a name of a column may hold what a form would change. */
export const fieldNames = {
  how: (column: string) => `how.${encodeURIComponent(column)}`,
  value: (column: string) => `value.${encodeURIComponent(column)}`,
  /** The column that a field of the first kind is about; undefined of all others. */
  columnOf: (field: string) => (field.startsWith('how.') ? decoded(field.slice(4)) : undefined),
} as const

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const choices = [
  { value: 'keep', words: 'as it is' },
  { value: 'text', words: 'this value:' },
  { value: 'null', words: 'null' },
]

/** Values that stand in for those of the source: tried, stored, or stored and tried again for good. */
export function renderFixForm(view: RowView, token: string): Html {
  const { runId, row, fixable } = view
  const action = (path: string) => rowAddress(runAddress(runId, `quarantine/row/${path}`), row)
  const buttons = html`<p class="buttons">${renderButton('Dry run')} ${renderButton('Store', action('fix'))} ${renderButton('Store and try again', action('fix-and-retry'))}</p>
<p class="soft">A dry run keeps nothing. What is stored stands in for the source's own values, which are never written; it counts for every mapping that reads the row.</p>`
  if ('why' in fixable) {
    return html`<h2>Try it again</h2>
<p>It cannot be fixed from here: ${sentence(fixable.why)}.</p>
${renderForm({ action: action('try'), token, content: html`<p class="buttons">${renderButton('Dry run')} ${renderButton('Try again', action('fix-and-retry'))}</p>` })}`
  }
  const known = new Map([...(row.original ?? []), ...(row.fix?.values ?? [])].map((cell) => [cell.column, cell]))
  return html`<h2>Fix it</h2>
${renderForm({
  action: action('try'),
  token,
  content: html`${renderTable({
    caption: 'Values to read in place of what is there',
    isFiltered: false,
    columns: [
      { title: 'column', kind: 'name', cell: (column) => name(column) },
      { title: 'is', kind: 'words', cell: (column) => renderKnown(known.get(column)) },
      { title: 'becomes', kind: 'words', cell: (column) => renderFields(view, column) },
    ],
    rows: fixable,
    space: newSpace(pageBytes),
    most: 500,
    rest: 'drover quarantine fix takes all of them',
  })}
${buttons}`,
})}`
}

function renderKnown(cell: { readonly value: string | null } | undefined): Html {
  return cell === undefined ? html`–` : renderValue(cell)
}

function renderFields({ entries }: RowView, column: string): Html {
  const entry = entries.find((each) => each.column === column)
  const chosen = entry === undefined ? 'keep' : entry.value === null ? 'null' : 'text'
  const shown = showInvisible(column)
  const label = html`<span class="unseen">What becomes of ${shown}</span>`
  return html`${renderChoice(label, fieldNames.how(column), choices, chosen)}
<textarea name="${fieldNames.value(column)}" rows="1" aria-label="Value of ${shown}" spellcheck="false" autocomplete="off">
${entry?.value}</textarea>`
}
