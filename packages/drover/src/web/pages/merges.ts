import type { GroupPage, MergedMapping } from '../../repair/merge-groups.ts'
import { renderCount } from '../../report/figures.ts'
import { type Html, html } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name, names } from '../../report/html/text.ts'
import { rowAddress, runAddress, withQuery } from '../address.ts'
import type { Leaf } from './frame.ts'
import { pageBytes } from './space.ts'

/** What the page of merges shows. */
export interface MergesView {
  readonly runId: string
  readonly mappings: readonly MergedMapping[]
  /** The groups of one mapping; null where none is chosen. */
  readonly chosen: (GroupPage & { readonly mapping: string; readonly isFirst: boolean }) | null
}

/** Rows that others stand for: by mapping, and group by group. */
export function mergesLeaf({ runId, mappings, chosen }: MergesView): Leaf {
  const leaf = { title: `Merges of run ${runId}`, runId, part: 'merges' } as const
  if (mappings.length === 0) return { ...leaf, main: html`<p>No row of this run was merged into another one.</p>` }
  return {
    ...leaf,
    main: html`${renderMappings(runId, mappings)}
${chosen !== null && renderGroups(runId, chosen)}`,
  }
}

function renderMappings(runId: string, mappings: readonly MergedMapping[]): Html {
  return renderTable({
    caption: 'Mappings whose rows were merged',
    columns: [
      {
        title: 'mapping',
        kind: 'name',
        cell: ({ mapping }) =>
          html`<a href="${withQuery(runAddress(runId, 'merges'), { mapping })}">${name(mapping)}</a>`,
      },
      { title: 'rows merged', kind: 'figure', cell: ({ merged }) => renderCount(merged) },
      { title: 'groups', kind: 'figure', cell: ({ survivors }) => renderCount(survivors) },
      { title: 'largest group', kind: 'figure', cell: ({ largest }) => renderCount(largest) },
      {
        title: 'its survivor',
        kind: 'words',
        cell: ({ mapping, largestSurvivor }) => renderLink(runId, mapping, largestSurvivor),
      },
    ],
    rows: mappings,
    space: newSpace(pageBytes),
    rest: `drover merges list --run ${runId} shows all of them`,
  })
}

function renderGroups(runId: string, { mapping, groups, after, isFirst }: NonNullable<MergesView['chosen']>): Html {
  const address = runAddress(runId, 'merges')
  return html`<h2>Groups of ${name(mapping)}</h2>
${renderTable({
  caption: html`In the order of the survivors’ keys`,
  columns: [
    { title: 'survivor', kind: 'name', cell: ({ survivor }) => renderLink(runId, mapping, survivor) },
    { title: 'stands for', kind: 'figure', cell: ({ merged }) => renderCount(merged) },
    { title: 'keys, for example', kind: 'words', cell: ({ sampleKeys }) => names(sampleKeys) },
  ],
  rows: groups,
  space: newSpace(pageBytes),
  rest: `drover merges list --run ${runId} shows all of them`,
})}
<p>${!isFirst && html`<a href="${withQuery(address, { mapping })}">From the first key</a> `}${after !== null && html`<a href="${withQuery(address, { mapping, after })}">The next keys</a>`}</p>`
}

function renderLink(runId: string, mapping: string, key: string): Html {
  return html`<a href="${rowAddress(runAddress(runId, 'merges/group'), { mapping, key })}">${name(key)}</a>`
}
