import { renderCount, renderInstant } from './figures.ts'
import type { ReportIssue } from './issues.ts'
import { left, renderName, renderTable, renderText, right } from './markdown.ts'

/** What did not go as it might have, in order of time. */
export function renderIssues(issues: readonly ReportIssue[]): string {
  return renderTable(
    [left('first'), left('last'), left('mapping'), right('times'), left('what')],
    issues.map(({ at, until, mapping, times, what }) => [
      renderInstant(at),
      until === at ? '–' : renderInstant(until),
      mapping === null ? '–' : renderName(mapping),
      renderCount(times),
      renderText(what),
    ]),
  )
}
