import { renderCount } from './figures.ts'
import { left, renderName, renderTable, renderText } from './markdown.ts'
import type { Coverage, ReportVerdict } from './report.ts'

/** The verdict: what the run came to, what it is judged by, how much of it was looked at, and what there is to do. */
export function renderVerdict({ sentences, criteria, coverage, next }: ReportVerdict): string {
  return [
    sentences.map((sentence) => `- ${renderText(sentence)}`).join('\n'),
    renderTable(
      [left('criterion'), left('holds'), left('why')],
      criteria.map(({ name, holds, detail }) => [
        renderText(name),
        holds === 'no' ? '**no**' : holds,
        renderText(detail),
      ]),
    ),
    renderCoverage(coverage),
    ...next.map(
      ({ question, answer, command }) =>
        `**${renderText(question)}** ${renderText(answer)}${command === null ? '' : ` ${renderName(command)}`}`,
    ),
  ].join('\n\n')
}

function renderCoverage({ passed, warned, failed, notRun, comparedMappings, mappings }: Coverage): string {
  if (passed + warned + failed + notRun === 0) return 'Coverage: nothing was verified.'
  return `Coverage: ${renderCount(passed)} checks passed, ${renderCount(warned)} warned, ${renderCount(failed)} failed, ${renderCount(notRun)} not run. Of ${renderCount(comparedMappings)} of ${renderCount(mappings)} mappings every row was compared with what it was made from.`
}
