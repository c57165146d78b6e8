import { absenceEvent } from './absence.ts'
import type { Sample, View } from './progress.ts'
import { renderJsonLine } from './result.ts'
import { type ThrottleChange, throttleChanges } from './throttle-changes.ts'
import { withIsoTimes } from './took.ts'

/**
 * A JSON value a line: for each mapping whose tally has changed, for an estimate that has, for indexes and constraints that
 * are made again, when a process begins to hold back and when it has stopped doing so, and when this process begins to stop.
 */
export function eventsView(): View {
  const before = new Map<string, string>()
  const changesOf = throttleChanges()
  let wasStopping = false
  return (shown) => {
    if ('absence' in shown) return `${absenceEvent(shown)}\n`
    const { runId, tallies, outstanding, throttling, rebuilds, atMs, stopping } = shown
    const events: string[] = []
    const addIfChanged = (of: string, value: object | undefined) => {
      if (value === undefined) return
      const event = renderJsonLine(value)
      if (before.get(of) !== event) events.push(event)
      before.set(of, event)
    }
    if (stopping && !wasStopping) events.push(renderJsonLine({ event: stopping, runId }))
    wasStopping = stopping !== undefined
    events.push(...changesOf(throttling, atMs).map((change) => renderJsonLine(throttleEvent(runId, change))))
    for (const tally of tallies)
      addIfChanged(`mapping ${tally.mapping}`, { event: 'progress', runId, ...withIsoTimes(tally) })
    addIfChanged('estimate', estimateEvent(runId, outstanding))
    if (rebuilds.all > 0) addIfChanged('rebuilds', { event: 'rebuilds', runId, ...rebuilds })
    return events.map((event) => `${event}\n`).join('')
  }
}

/** Whole milliseconds, and counts as text, as in every other event. */
function estimateEvent(runId: string, { estimate, remaining }: Sample['outstanding']): object | undefined {
  if (estimate === null) return undefined
  return {
    event: 'estimate',
    runId,
    remainingRows: String(remaining.rows),
    uncounted: remaining.uncounted,
    rowsPerSecond: Math.round(estimate.rowsPerSecond),
    leastMs: Math.round(estimate.leastMs),
    mostMs: Math.round(estimate.mostMs),
  }
}

function throttleEvent(runId: string, change: ThrottleChange): object {
  if (change.kind === 'released') return { event: 'released', runId, process: change.process }
  const { process, action, limit, reason, workers } = change.throttling
  return { event: 'throttled', runId, process, action, limit, reason, workers }
}
