import { renderCount } from './figures.ts'
import { left, none, renderName, renderTable, renderText, right } from './markdown.ts'
import type { Report } from './report.ts'
import { renderResourceFigures } from './resource-figures.ts'

/** What the run took of the server, and what its sessions waited for. */
export function renderResources({ resources }: Report): string {
  if (resources === null) return none
  const figures = renderTable([left('what'), right('figure')], renderResourceFigures(resources))
  const waits = renderTable(
    [left('sessions of the run were seen'), right('part')],
    resources.waits.map(({ event, part }) => [
      event === 'none' ? 'at work' : `waiting for ${renderName(event)}`,
      `${(part * 100).toFixed(1)} %`,
    ]),
  )
  const holders = renderTable(
    [left('held locks that the run waited for'), right('times seen')],
    resources.lockHolders.map(({ applicationName, times }) => [renderName(applicationName), renderCount(times)]),
  )
  const hidden = resources.hidden.map(
    ({ figure, why }) => `Not visible: ${renderName(figure)}, because ${renderText(why)}.`,
  )
  return [
    figures,
    ...(resources.waits.length === 0 ? [] : [waits]),
    ...(resources.lockHolders.length === 0 ? [] : [holders]),
    ...hidden,
  ].join('\n\n')
}
