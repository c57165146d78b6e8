import { renderCount, renderRows } from '../../figures.ts'
import type { MaskedRow, QuarantineGroup } from '../../report.ts'
import { renderCommand, renderCommands, renderItem, renderQuery } from '../code.ts'
import { type Html, html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { boundless, fit, shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { name, names, remark } from '../text.ts'

/** Causes that are shown with rows, query and commands. */
const mostDetailed = 60

/** The rows that were set aside, by cause: how many, what they look like, how to see all of them and how to mend them. */
export const quarantineSection: Section = {
  id: 'quarantine',
  title: 'Quarantine',
  bytes: 160_000,
  render(report, space) {
    const { quarantine, run, purge } = report
    if (quarantine.length === 0) return remark('No row was set aside.')
    const rows = quarantine.reduce((sum, group) => sum + BigInt(group.rows), 0n)
    const accepted = quarantine.reduce((sum, group) => sum + BigInt(group.accepted), 0n)
    // After a purge no row can be listed any more: the figures alone are left.
    const list = purge === undefined ? renderCommand(`drover quarantine list --run ${run.id}`) : restOf(report)
    const causes = fit(shareOf(space, 0.6), quarantine, mostDetailed, (group, i) =>
      renderCause(group, i, restOf(report)),
    )
    return html`<p>${renderRows(rows, 'source row')} ${rows === 1n ? 'was' : 'were'} set aside${purge === undefined && ', the originals kept'};
${renderCount(accepted)} of them stay out for good. Values are shown by their shape: letters as a, digits as 9.</p>
${renderTable({
  caption: 'Rows that were set aside, by cause',
  columns: columnsOf(causes.shown.length),
  rows: quarantine.map((group, index) => ({ group, index })),
  space,
  rest: list,
})}
<h3>Each cause, and what can be done</h3>
${causes.shown}${causes.more > 0 && remark(html`${renderCount(causes.more)} more causes: ${list}`)}`
  },
}

interface Row {
  readonly group: QuarantineGroup
  readonly index: number
}

/** Each cause leads to what is told of it, as far as there is something. */
function columnsOf(detailed: number): readonly Column<Row>[] {
  return [
    {
      title: 'cause',
      kind: 'name',
      cell: ({ group, index }) =>
        index < detailed ? html`<a href="#cause-${index}">${name(group.code)}</a>` : name(group.code),
    },
    { title: 'mapping', kind: 'words', cell: ({ group }) => name(group.mapping) },
    { title: 'columns', kind: 'words', cell: ({ group }) => names(group.columns) },
    { title: 'rows', kind: 'figure', cell: ({ group }) => renderCount(group.rows) },
    { title: 'accepted', kind: 'figure', cell: ({ group }) => renderCount(group.accepted) },
  ]
}

/** The anchor stands inside: a browser that goes there opens what is folded around it. */
function renderCause(group: QuarantineGroup, index: number, rest: Html): Html {
  const { mapping, code, rows, sampleKeys, sample, query, commands } = group
  return renderItem(
    html`${renderRows(BigInt(rows), 'row')}: ${name(code)} of ${name(mapping)}`,
    html`<p id="cause-${index}">Keys, for example: ${names(sampleKeys)}</p>
${sample.length > 0 && renderSample(sample, rest)}
${commands.length > 0 && renderCommands(commands)}
${renderQuery('A query that shows all of them, with their values', query)}`,
  )
}

function renderSample(sample: readonly MaskedRow[], rest: Html): Html {
  const titles = [...new Set(sample.flatMap(({ values }) => Object.keys(values)))]
  return renderTable({
    caption: 'Some of these rows, masked',
    columns: [
      { title: 'key', kind: 'name', cell: ({ key }) => name(key) },
      ...titles.map(
        (title): Column<MaskedRow> => ({ title: name(title), kind: 'words', cell: (row) => maskedValue(row, title) }),
      ),
    ],
    rows: sample,
    space: boundless(),
    rest,
  })
}

function maskedValue({ values }: MaskedRow, column: string): Html {
  // A column may be called `toString`: what an object has from elsewhere is no value.
  const value = Object.hasOwn(values, column) ? (values[column] ?? null) : null
  return value === null ? html`<span class="soft">null</span>` : name(value)
}
