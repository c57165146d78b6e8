import { renderForeseen } from '../../chart/before-after.ts'
import type { CodeComparison, DataQuality, RecordedOrphans, RecordedViolation } from '../../data-quality.ts'
import { renderCount, renderInstant } from '../../figures.ts'
import { declarerWords, outcomeWords } from '../../words.ts'
import { type Html, html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { type Space, shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { name, nameOrDash, names, remark } from '../text.ts'

/** What a check foresaw before the run, beside what the run did. */
export const dataQualitySection: Section = {
  id: 'data-quality',
  title: 'Data quality',
  bytes: 60_000,
  render(report, space) {
    const { dataQuality } = report
    if (dataQuality === null) {
      return remark(html`No check of this plan was recorded: <code>drover check migration.ts --record</code>.`)
    }
    return renderQuality(dataQuality, space, restOf(report))
  },
}

function renderQuality(
  { checkedAt, checkedBy, codes, violations, orphans }: DataQuality,
  space: Space,
  rest: Html,
): Html {
  return html`<p>Checked ${renderInstant(checkedAt)} by ${name(checkedBy)}, before the run. A count that differs from what was
foreseen is set in bold.</p>
${codes.length > 0 && renderForeseen(codes, 'foreseen')}
${
  codes.length === 0
    ? remark('No code was foreseen, and none was met.')
    : renderTable({
        caption: 'Foreseen and met',
        columns: codeColumns,
        rows: codes,
        space: shareOf(space, 0.4),
        rest,
      })
}
${
  violations.length === 0
    ? remark('Rules that rows would break: none.')
    : renderTable({
        caption: 'Rules that rows would break',
        columns: violationColumns,
        rows: violations,
        space: shareOf(space, 0.5),
        rest,
      })
}
${
  orphans.length === 0
    ? remark('References that lead nowhere: none.')
    : renderTable({ caption: 'References that lead nowhere', columns: orphanColumns, rows: orphans, space, rest })
}`
}

const codeColumns: readonly Column<CodeComparison>[] = [
  { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
  { title: 'outcome', kind: 'words', cell: ({ outcome }) => outcomeWords[outcome] },
  { title: 'code', kind: 'name', cell: ({ code }) => name(code) },
  { title: 'column', kind: 'words', cell: ({ column }) => nameOrDash(column) },
  { title: 'foreseen', kind: 'figure', cell: ({ foreseen }) => renderCount(foreseen) },
  {
    title: 'actual',
    kind: 'figure',
    cell: ({ foreseen, actual }) =>
      foreseen === null || foreseen === actual ? renderCount(actual) : html`<b>${renderCount(actual)}</b>`,
  },
]

const violationColumns: readonly Column<RecordedViolation>[] = [
  { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
  { title: 'rule', kind: 'words', cell: ({ kind }) => kind },
  { title: 'constraint', kind: 'words', cell: ({ constraint }) => nameOrDash(constraint) },
  { title: 'columns', kind: 'words', cell: ({ columns }) => names(columns) },
  { title: 'rows', kind: 'figure', cell: ({ rows }) => renderCount(rows) },
  { title: 'keys, for example', kind: 'words', cell: ({ sampleKeys }) => names(sampleKeys) },
]

const orphanColumns: readonly Column<RecordedOrphans>[] = [
  { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
  { title: 'columns', kind: 'words', cell: ({ columns }) => names(columns) },
  { title: 'no row in', kind: 'words', cell: ({ parent }) => name(parent) },
  { title: 'declared by', kind: 'words', cell: ({ kind }) => declarerWords[kind] },
  { title: 'rows', kind: 'figure', cell: ({ rows }) => renderCount(rows) },
  { title: 'keys, for example', kind: 'words', cell: ({ sampleKeys }) => names(sampleKeys) },
]
