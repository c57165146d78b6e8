import { stateWords } from '../../../ledger/state.ts'
import type { ComparedCount, ComparedFinding, ReportComparison } from '../../comparison.ts'
import { renderCount, renderInstant, renderRange, renderRows } from '../../figures.ts'
import { outcomeWords } from '../../words.ts'
import { type Html, html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { dash, name, nameOrDash, names, remark, sentence } from '../text.ts'

/** What is new, gone or otherwise than in the run before, or than a rehearsal had foreseen. */
export const comparisonSection: Section = {
  id: 'comparison',
  title: 'Compared with before',
  bytes: 70_000,
  render(report, space) {
    const { comparison } = report
    if (comparison === null) {
      return remark('There is no earlier run of this migration, and no rehearsal of this plan, to compare with.')
    }
    const { counts, sameCounts, notCompared, findings } = comparison
    const rest = restOf(report)
    return html`<p>${renderWith(comparison)} ${renderRows(BigInt(sameCounts), 'count')} ${sameCounts === 1 ? 'is' : 'are'} the same.</p>
${notCompared.length > 0 && renderNotCompared(notCompared)}
${
  counts.length > 0 &&
  renderTable({
    caption: 'Counts that are otherwise',
    columns: countColumns(comparison),
    rows: counts,
    space: shareOf(space, 0.6),
    rest,
  })
}
${findings.length > 0 && renderTable({ caption: 'What did not pass, now or then', columns: findingColumns, rows: findings, space, rest })}`
  },
}

function renderWith({ with: other, samePlan }: ReportComparison): Html {
  const plan = samePlan ? 'of the same plan' : 'of another plan'
  return other.kind === 'rehearsal'
    ? html`Compared with what the rehearsal of ${renderInstant(other.rehearsedAt)} foresaw, ${plan}.`
    : html`Compared with run ${sentence(other.id)} (${stateWords(other.state)}, started ${renderInstant(other.startedAt)}), ${plan}.`
}

/** Names that one sentence holds. */
const mostNames = 50

function renderNotCompared(mappings: readonly string[]): Html {
  const more = mappings.length - mostNames
  return html`<p>Not compared, because one of both has not carried them out in full: ${names(mappings.slice(0, mostNames))}${
    more > 0 && ` and ${renderCount(more)} more`
  }.</p>`
}

function countColumns({ with: { kind } }: ReportComparison): readonly Column<ComparedCount>[] {
  return [
    { title: 'change', kind: 'words', cell: ({ change }) => change },
    { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
    { title: 'what', kind: 'words', cell: ({ what, outcome }) => (outcome === null ? sentence(what) : name(what)) },
    { title: 'outcome', kind: 'words', cell: ({ outcome }) => (outcome === null ? dash : outcomeWords[outcome]) },
    { title: 'column', kind: 'words', cell: ({ column }) => nameOrDash(column) },
    { title: kind === 'run' ? 'then' : 'foreseen', kind: 'figure', cell: ({ before }) => renderRange(before) },
    { title: 'now', kind: 'figure', cell: ({ now }) => renderCount(now) },
  ]
}

const findingColumns: readonly Column<ComparedFinding>[] = [
  { title: 'change', kind: 'words', cell: ({ change }) => change },
  { title: 'check', kind: 'name', cell: ({ check }) => sentence(check) },
  { title: 'about', kind: 'words', cell: ({ rule, mapping }) => nameOrDash(rule ?? mapping) },
  { title: 'detail', kind: 'sentence', cell: ({ detail }) => sentence(detail) },
]
