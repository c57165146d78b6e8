import type { DataQuality } from './data-quality.ts'
import { renderCount, renderInstant } from './figures.ts'
import { left, none, renderName, renderNames, renderTable, right } from './markdown.ts'
import { declarerWords, outcomeWords } from './words.ts'

/** What a check foresaw before the run, beside what the run did. */
export function renderDataQuality(quality: DataQuality | null): string {
  if (quality === null) return 'No check of this plan was recorded: `drover check migration.ts --record`.'
  const { checkedAt, checkedBy, codes, violations, orphans } = quality
  const codeTable = renderTable(
    [left('mapping'), left('outcome'), left('code'), left('column'), right('foreseen'), right('actual')],
    codes.map(({ mapping, outcome, code, column, foreseen, actual }) => [
      renderName(mapping),
      outcomeWords[outcome],
      renderName(code),
      column === null ? '–' : renderName(column),
      foreseen === null ? '–' : renderCount(foreseen),
      foreseen === null || foreseen === actual ? renderCount(actual) : `**${renderCount(actual)}**`,
    ]),
  )
  const violationTable = renderTable(
    [left('mapping'), left('rule'), left('constraint'), left('columns'), right('rows'), left('keys, for example')],
    violations.map(({ mapping, kind, constraint, columns, rows, sampleKeys }) => [
      renderName(mapping),
      kind,
      constraint === null ? '–' : renderName(constraint),
      renderNames(columns),
      renderCount(rows),
      renderNames(sampleKeys),
    ]),
  )
  const orphanTable = renderTable(
    [
      left('mapping'),
      left('columns'),
      left('no row in'),
      left('declared by'),
      right('rows'),
      left('keys, for example'),
    ],
    orphans.map(({ mapping, columns, parent, kind, rows, sampleKeys }) => [
      renderName(mapping),
      renderNames(columns),
      renderName(parent),
      declarerWords[kind],
      renderCount(rows),
      renderNames(sampleKeys),
    ]),
  )
  return [
    `Checked ${renderInstant(checkedAt)} by ${renderName(checkedBy)}. A count that differs from what was foreseen is set in bold.`,
    codeTable === none ? 'No code was foreseen, and none was met.' : codeTable,
    `Rules that rows would break:${violationTable === none ? ' none.' : `\n\n${violationTable}`}`,
    `References that lead nowhere:${orphanTable === none ? ' none.' : `\n\n${orphanTable}`}`,
  ].join('\n\n')
}
