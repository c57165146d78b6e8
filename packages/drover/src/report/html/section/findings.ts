import type { Finding, SampleRow } from '../../../verify/verification.ts'
import { renderCount } from '../../figures.ts'
import { renderItem, renderQuery } from '../code.ts'
import { type FindingGroup, findingGroups, findingsOf } from '../finding-group.ts'
import { type Html, html, type Part } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { boundless, fit, type Space, shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { dash, name, nameOrDash, remark, sentence } from '../text.ts'
import { toneOf, verdictMark } from '../verdict-mark.ts'

/** What the verification found, by what it is about: what did not pass with the rows that show it, what passed by name. */
export const findingsSection: Section = {
  id: 'findings',
  title: 'Findings',
  bytes: 180_000,
  render(report, space) {
    const { findings, run } = report
    if (findings.length === 0) {
      return remark(html`There was no verification: <code>drover verify --run ${run.id}</code>.`)
    }
    const groups = findingGroups.filter((group) => findingsOf(group, findings).length > 0)
    return html`${groups.map((group, i) =>
      renderGroup(group, findingsOf(group, findings), shareOf(space, 1 / (groups.length - i)), restOf(report)),
    )}`
  },
}

function renderGroup(group: FindingGroup, findings: readonly Finding[], space: Space, rest: Html): Html {
  const complaints = findings.filter(({ verdict }) => verdict !== 'pass')
  const passed = findings.filter(({ verdict }) => verdict === 'pass')
  const shownSpace = shareOf(space, 0.4)
  const passedSpace = shareOf(space, 0.3)
  const shown = fit(shownSpace, complaints.filter(isShown), 40, (finding) => renderShown(finding, rest))
  return html`<h3>${group}</h3>
${
  complaints.length > 0 &&
  renderTable({ caption: 'What did not pass', columns, rows: complaints, space, most: 150, rest })
}
${shown.shown}${shown.more > 0 && remark(html`Rows and queries of ${renderCount(shown.more)} more findings: ${rest}`)}
${passed.length > 0 && renderPassed(passed, passedSpace, rest)}`
}

const columns: readonly Column<Finding>[] = [
  { title: 'verdict', kind: 'words', cell: ({ verdict }) => verdictMark(toneOf(verdict), verdict) },
  { title: 'check', kind: 'name', cell: ({ check }) => check },
  { title: 'about', kind: 'words', cell: ({ rule, mapping }) => nameOrDash(rule ?? mapping) },
  { title: 'expected', kind: 'words', cell: ({ expected }) => account(expected) },
  { title: 'found', kind: 'words', cell: ({ actual }) => account(actual) },
  { title: 'detail', kind: 'sentence', cell: ({ detail }) => sentence(detail) },
]

/** A count gets its separators, any other account stands as it is. */
function account(text: string | null): Html {
  if (text === null) return dash
  return /^\d+$/.test(text) ? html`${renderCount(text)}` : sentence(text)
}

function isShown({ sample = [], query }: Finding): boolean {
  return sample.length > 0 || query !== undefined
}

/** The rows that show a complaint, and the query that shows them all. */
function renderShown({ check, rule, mapping, sample = [], query }: Finding, rest: Html): Html {
  const about = rule ?? mapping
  return renderItem(
    html`${check}${about !== null && html`: ${name(about)}`}`,
    html`${
      sample.length > 0 &&
      renderTable({
        caption: 'Some of the rows, values masked',
        columns: sampleColumns,
        rows: sample,
        space: boundless(),
        rest,
      })
    }
${query !== undefined && renderQuery('A query that shows all of them, with their values', query)}`,
  )
}

const sampleColumns: readonly Column<SampleRow>[] = [
  { title: 'row', kind: 'name', cell: ({ key }) => cells(key) },
  { title: 'what', kind: 'words', cell: ({ fault }) => (fault === undefined ? dash : sentence(fault)) },
  { title: 'source', kind: 'words', cell: ({ source }) => side(source) },
  { title: 'target', kind: 'words', cell: ({ target }) => side(target) },
]

function side(values: SampleRow['source']): Part {
  if (values === undefined) return dash
  return values === null ? 'no row' : cells(values)
}

function cells(values: Readonly<Record<string, string | null>>): Part {
  const texts = Object.entries(values).map(([column, value]) => `${column} ${value ?? 'null'}`)
  return texts.length === 0 ? dash : texts.map((text, i) => html`${i > 0 && html`<br>`}${name(text)}`)
}

/** What passed, by the names of checks; what was expected and found opens at a click. */
function renderPassed(passed: readonly Finding[], space: Space, rest: Html): Html {
  const checks = [...new Set(passed.map(({ check }) => check))].join(', ')
  return html`<details class="item long"><summary>${verdictMark('pass', 'pass')} ${renderCount(passed.length)} passed: ${checks}</summary>
<div>${renderTable({ caption: 'What passed', columns: columns.slice(1), rows: passed, space, rest })}</div>
</details>`
}
