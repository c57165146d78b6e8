import { renderBytes, renderDuration, renderInstant } from './figures.ts'
import { left, renderName, renderTable, renderText, right } from './markdown.ts'
import type { ReportRebuild } from './rebuilds.ts'

const states: Readonly<Record<ReportRebuild['state'], string>> = {
  kept: 'left in place',
  off: '**not made yet**',
  built: '**made in part**',
  done: 'made',
}

/** What was made after the load, and why the others were left in place. */
export function renderRebuilds(rebuilds: readonly ReportRebuild[]): string {
  return renderTable(
    [
      left('table'),
      left('name'),
      left('kind'),
      left('state'),
      left('begun'),
      right('took'),
      right('size'),
      left('why'),
    ],
    rebuilds.map(({ table, name, kind, state, startedAt, seconds, bytes, why }) => [
      renderName(table),
      renderName(name),
      kind,
      states[state],
      renderInstant(startedAt),
      state === 'kept' || state === 'off' ? '–' : renderDuration(seconds * 1000),
      bytes === null ? '–' : renderBytes(bytes),
      why === null ? '–' : renderText(why),
    ]),
  )
}
