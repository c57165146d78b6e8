import type { Sample, View } from './progress.ts'
import { renderJsonLine } from './result.ts'

/** A JSON value a line: one for each mapping whose tally has changed, and one when the process begins to stop. */
export function eventsView(): View {
  const before = new Map<string, string>()
  let wasStopping = false
  return ({ runId, tallies, stopping }: Sample) => {
    const events: string[] = []
    if (stopping && !wasStopping) events.push(renderJsonLine({ event: stopping, runId }))
    wasStopping = stopping !== undefined
    for (const tally of tallies) {
      const event = renderJsonLine({ event: 'progress', runId, ...tally })
      if (before.get(tally.mapping) !== event) events.push(event)
      before.set(tally.mapping, event)
    }
    return events.map((event) => `${event}\n`).join('')
  }
}
