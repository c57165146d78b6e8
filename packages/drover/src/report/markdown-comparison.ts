import { stateWords } from '../ledger/state.ts'
import type { ComparedCount, ReportComparison } from './comparison.ts'
import { renderCount, renderInstant, renderRange, renderRows } from './figures.ts'
import { left, renderName, renderNames, renderTable, renderText, right } from './markdown.ts'
import { outcomeWords } from './words.ts'

/** What is otherwise than in the run before, or than a rehearsal had foreseen. */
export function renderComparison(comparison: ReportComparison | null): string {
  if (comparison === null) return 'There is no earlier run of this migration, and no rehearsal of this plan.'
  const { with: other, samePlan, counts, sameCounts, notCompared, findings } = comparison
  const plan = samePlan ? 'of the same plan' : 'of another plan'
  const subject =
    other.kind === 'run'
      ? `run ${renderText(other.id)}, started ${renderInstant(other.startedAt)}, now ${stateWords(other.state)}`
      : `what the rehearsal of ${renderInstant(other.rehearsedAt)} foresaw`
  return [
    `With ${subject}; ${plan}. ${renderRows(BigInt(sameCounts), 'count')} ${sameCounts === 1 ? 'is' : 'are'} the same${counts.length === 0 ? ', and none differs' : ''}.`,
    ...(notCompared.length === 0
      ? []
      : [`Not compared, because one of both has not carried them out in full: ${renderNames(notCompared)}.`]),
    ...(counts.length === 0
      ? []
      : [
          renderTable(
            [left('change'), left('mapping'), left('rows'), left('column'), right('then'), right('now')],
            counts.map((count) => [
              count.change,
              renderName(count.mapping),
              renderWhat(count),
              count.column === null ? '–' : renderName(count.column),
              renderRange(count.before),
              renderCount(count.now),
            ]),
          ),
        ]),
    ...(findings.length === 0
      ? []
      : [
          renderTable(
            [left('change'), left('check'), left('about'), left('detail')],
            findings.map(({ change, check, mapping, rule, detail }) => [
              change,
              renderText(check),
              rule !== null || mapping !== null ? renderName(rule ?? mapping!) : '–',
              renderText(detail),
            ]),
          ),
        ]),
  ].join('\n\n')
}

function renderWhat({ what, outcome }: ComparedCount): string {
  return outcome === null ? renderText(what) : `${outcomeWords[outcome]}: ${renderName(what)}`
}
