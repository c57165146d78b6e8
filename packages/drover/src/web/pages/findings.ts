import { renderQuery } from '../../report/html/code.ts'
import { html } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name, nameOrDash, sentence } from '../../report/html/text.ts'
import { toneOf, verdictMark } from '../../report/html/verdict-mark.ts'
import type { Finding, Verdict } from '../../verify/verification.ts'
import type { Leaf } from './frame.ts'
import { pageBytes } from './space.ts'

const order: readonly Verdict[] = ['fail', 'warn', 'not run', 'pass']

/** What the last verification found, what failed first. */
export function findingsLeaf(runId: string, findings: readonly Finding[]): Leaf {
  const leaf = { title: `Findings of run ${runId}`, runId, part: 'findings' } as const
  if (findings.length === 0) {
    return { ...leaf, main: html`<p>The run was not verified: drover verify --run ${runId}.</p>` }
  }
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length
  return {
    ...leaf,
    main: html`<p>${order.map((verdict) => html`${verdictMark(toneOf(verdict), `${count(verdict)} ${verdict}`)} `)}</p>
${renderTable({
  caption: 'Checks of the last verification',
  columns: [
    { title: 'verdict', kind: 'words', cell: ({ verdict }) => verdictMark(toneOf(verdict), verdict) },
    {
      title: 'check',
      kind: 'name',
      cell: ({ check, rule }) => html`${check}${rule !== undefined && html`: ${name(rule)}`}`,
    },
    { title: 'mapping', kind: 'words', cell: ({ mapping }) => nameOrDash(mapping) },
    { title: 'what was found', kind: 'words', cell: renderFound },
    { title: 'expected', kind: 'figure', cell: ({ expected }) => nameOrDash(expected) },
    { title: 'actual', kind: 'figure', cell: ({ actual }) => nameOrDash(actual) },
  ],
  rows: findings.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict)),
  space: newSpace(pageBytes),
  most: 500,
  rest: 'the report as JSON holds all of them',
})}`,
  }
}

function renderFound({ detail, query }: Finding) {
  return html`${sentence(detail)}${query !== undefined && renderQuery('Query that shows the rows', query)}`
}
