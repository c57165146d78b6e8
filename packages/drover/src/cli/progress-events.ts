import type { Sample, View } from './progress.ts'
import { renderJsonLine } from './result.ts'

/** A JSON value a line: one for each mapping whose tally has changed, and one when the run begins to pause. */
export function eventsView(): View {
  const before = new Map<string, string>()
  let wasPausing = false
  return ({ runId, tallies, isPausing }: Sample) => {
    const events: string[] = []
    if (isPausing && !wasPausing) events.push(renderJsonLine({ event: 'pausing', runId }))
    wasPausing = isPausing
    for (const tally of tallies) {
      const event = renderJsonLine({ event: 'progress', runId, ...tally })
      if (before.get(tally.mapping) !== event) events.push(event)
      before.set(tally.mapping, event)
    }
    return events.map((event) => `${event}\n`).join('')
  }
}
