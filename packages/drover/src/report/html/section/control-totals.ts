import { dispositions } from '../../../plan/disposition.ts'
import type { ControlTotal } from '../../control-totals.ts'
import { renderAmount, renderCount } from '../../figures.ts'
import { type Html, html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { boundless, fit } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { dash, name, nameOrDash, remark, sentence } from '../text.ts'
import { toneOf, verdictMark } from '../verdict-mark.ts'

/** The declared sums: where they went, and the groups in which source and target differ. */
export const controlTotalsSection: Section = {
  id: 'control-totals',
  title: 'Control totals',
  bytes: 80_000,
  render(report, space) {
    const { controlTotals } = report
    if (controlTotals.length === 0) return remark('The migration declares no sum that must agree on both sides.')
    const rest = restOf(report)
    const differing = controlTotals.filter(({ differences }) => differences.length > 0)
    const sums = renderTable({
      caption: 'The declared sums, by what became of their rows',
      columns,
      rows: controlTotals,
      space,
      rest,
    })
    const groups = fit(space, differing, 50, (total) => renderDifferences(total, rest))
    // What passed has been found as it stands in the table.
    const complaints = controlTotals.filter(({ found, verdict }) => found !== null && verdict !== 'pass')
    const found = fit(space, complaints, 50, renderFound)
    return html`${sums}
${found.shown}${found.more > 0 && remark(html`What was found of ${renderCount(found.more)} more: ${rest}`)}
${groups.shown}${groups.more > 0 && remark(html`Of ${renderCount(groups.more)} more totals groups differ: ${rest}`)}`
  },
}

const columns: readonly Column<ControlTotal>[] = [
  { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
  { title: 'total', kind: 'name', cell: (total) => name(total.name) },
  { title: 'verified', kind: 'words', cell: ({ verdict }) => verdictMark(toneOf(verdict), verdict) },
  { title: 'source before', kind: 'figure', cell: ({ source }) => amount(source) },
  ...dispositions.map(
    (disposition): Column<ControlTotal> => ({
      title: disposition,
      kind: 'figure',
      cell: (total) => amount(total.dispositions?.[disposition] ?? null),
    }),
  ),
  {
    title: 'adds up',
    kind: 'words',
    cell: (total) => (total.dispositions === null ? 'loading' : total.addsUp ? 'yes' : verdictMark('fail', 'no')),
  },
  { title: 'target', kind: 'figure', cell: ({ target }) => amount(target) },
]

function renderFound({ mapping, name: total, verdict, found }: ControlTotal): Html {
  return html`<p>${verdictMark(toneOf(verdict), verdict)} ${name(total)} of ${name(mapping)}, found then: ${sentence(found ?? '')}</p>\n`
}

function renderDifferences({ mapping, name: total, by, differingGroups, differences }: ControlTotal, rest: Html): Html {
  const more = BigInt(differingGroups) - BigInt(differences.length)
  const table = renderTable({
    caption: html`Groups of ${name(total)} of ${name(mapping)} that were loaded with another sum`,
    columns: [
      ...by.map(
        (label, i): Column<ControlTotal['differences'][number]> => ({
          title: name(label),
          kind: 'name',
          cell: ({ group }) => nameOrDash(group[i] ?? null),
        }),
      ),
      { title: 'rows', kind: 'figure', cell: ({ rows }) => renderCount(rows) },
      { title: 'source', kind: 'figure', cell: ({ source }) => amount(source) },
      { title: 'target', kind: 'figure', cell: ({ target }) => amount(target) },
    ],
    rows: differences,
    space: boundless(),
    rest,
  })
  return html`${table}${more > 0n && remark(`${renderCount(more)} more groups differ.`)}`
}

function amount(sum: string | null): Html {
  return sum === null ? dash : sentence(renderAmount(sum))
}
