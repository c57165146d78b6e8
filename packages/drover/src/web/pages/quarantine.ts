import type { QuarantineGroup } from '../../repair/groups.ts'
import type { QuarantinePage } from '../../repair/page.ts'
import { causeWords } from '../../repair/row-words.ts'
import { renderCount } from '../../report/figures.ts'
import { type Html, html } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name, nameOrDash, names } from '../../report/html/text.ts'
import { showInvisible } from '../../report/invisible.ts'
import { rowAddress, runAddress, withQuery } from '../address.ts'
import { renderChoice } from './form.ts'
import type { Leaf } from './frame.ts'
import { renderSelectionForms } from './selection-forms.ts'
import { pageBytes } from './space.ts'

/** Which quarantined rows are shown. */
export interface QuarantineFilter {
  readonly mapping?: string | undefined
  readonly code?: string | undefined
  readonly accepted?: 'yes' | 'no' | undefined
  /** A text that stands in the key. */
  readonly text?: string | undefined
  /** The page begins after this key. */
  readonly after?: string | undefined
}

/** What the page of the quarantine shows. */
export interface QuarantineView {
  readonly runId: string
  readonly mappings: readonly string[]
  readonly filter: QuarantineFilter
  /** Of the whole run. */
  readonly groups: readonly QuarantineGroup[]
  /** Null where no mapping is chosen. */
  readonly page: QuarantinePage | null
  /** What forms carry; null where rows cannot be mended now. */
  readonly formToken: string | null
}

/** Quarantined rows by cause; of one mapping also one by one. */
export function quarantineLeaf(view: QuarantineView): Leaf {
  const { runId, groups } = view
  const leaf = { title: `Quarantine of run ${runId}`, runId, part: 'quarantine' } as const
  if (groups.length === 0) return { ...leaf, main: html`<p>No row of this run is quarantined.</p>` }
  return {
    ...leaf,
    main: html`${renderGroups(runId, groups)}
<h2>Rows</h2>
${renderFilter(view)}
${renderPage(view)}
${renderSelectionForms(view)}`,
  }
}

function renderGroups(runId: string, groups: readonly QuarantineGroup[]): Html {
  const sum = (count: 'rows' | 'accepted' | 'fixed') =>
    renderCount(groups.reduce((total, group) => total + group[count], 0n))
  return renderTable({
    caption: 'By cause, the largest first',
    columns: [
      {
        title: 'code',
        kind: 'name',
        cell: ({ mapping, code }) =>
          html`<a href="${withQuery(runAddress(runId, 'quarantine'), { mapping, code })}">${name(code)}</a>`,
      },
      { title: 'mapping', kind: 'words', cell: ({ mapping }) => name(mapping) },
      { title: 'cause', kind: 'words', cell: (group) => name(causeWords(group)) },
      { title: 'rows', kind: 'figure', cell: ({ rows }) => renderCount(rows) },
      { title: 'accepted', kind: 'figure', cell: ({ accepted }) => renderCount(accepted) },
      { title: 'fix waiting', kind: 'figure', cell: ({ fixed }) => renderCount(fixed) },
      { title: 'for example', kind: 'words', cell: ({ sampleKeys }) => names(sampleKeys.slice(0, 2)) },
    ],
    rows: groups,
    space: newSpace(pageBytes),
    rest: `drover quarantine list --run ${runId} shows all of them`,
    total: ['total', '', '', sum('rows'), sum('accepted'), sum('fixed'), ''],
  })
}

/** Characters of a choice that are shown: the longest makes the field as wide. */
const shownOfChoice = 40

/** Codes to choose from, those of the largest groups. */
const mostCodes = 200

const any = { value: '', words: 'any' }

function renderFilter({ runId, mappings, groups, filter }: QuarantineView): Html {
  const { code: chosen } = filter
  const known = [...new Set(groups.map(({ code }) => code))].filter((code) => code !== chosen).slice(0, mostCodes)
  const codes = [...(chosen === undefined ? [] : [chosen]), ...known].toSorted()
  const option = (value: string) => ({ value, words: showInvisible(value.slice(0, shownOfChoice)) })
  const acceptances = [any, { value: 'no', words: 'not accepted' }, { value: 'yes', words: 'accepted' }]
  return html`<form method="get" action="${runAddress(runId, 'quarantine')}" class="fields">
${renderChoice('Mapping', 'mapping', [any, ...mappings.map(option)], filter.mapping ?? '')}
${renderChoice('Code', 'code', [any, ...codes.map(option)], filter.code ?? '')}
${renderChoice('Accepted', 'accepted', acceptances, filter.accepted ?? '')}
<label>Key holds <input type="search" name="text" value="${filter.text}"></label>
<button type="submit">Show</button>
</form>`
}

function renderPage({ runId, filter, page }: QuarantineView): Html {
  const { mapping } = filter
  if (page === null || mapping === undefined) return html`<p>Choose a mapping to see its rows one by one.</p>`
  if (page.rows.length === 0) return html`<p>There is no such row.</p>`
  const address = runAddress(runId, 'quarantine')
  return html`${renderTable({
    caption: html`Rows of ${name(mapping)}`,
    isFiltered: false,
    columns: [
      {
        title: 'key',
        kind: 'name',
        cell: ({ key }) => html`<a href="${rowAddress(`${address}/row`, { mapping, key })}">${name(key)}</a>`,
      },
      { title: 'code', kind: 'words', cell: ({ code }) => name(code) },
      { title: 'columns', kind: 'words', cell: ({ columns }) => nameOrDash(columns) },
      { title: '', kind: 'words', cell: ({ isAccepted }) => isAccepted && 'accepted' },
      { title: '', kind: 'words', cell: ({ fixWaits }) => fixWaits && 'fix waiting' },
    ],
    rows: page.rows,
    space: newSpace(pageBytes),
    rest: `drover quarantine list --run ${runId} shows all of them`,
  })}
<p>${filter.after !== undefined && html`<a href="${withQuery(address, { ...filter, after: undefined })}">From the first key</a> `}${
    page.after !== null && html`<a href="${withQuery(address, { ...filter, after: page.after })}">The next keys</a>`
  }</p>`
}
