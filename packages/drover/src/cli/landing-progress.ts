import { qualifiedName } from '../catalog/catalog.ts'
import type { LandingEvent, OnLandingEvent } from '../landing/progress.ts'
import { renderBytes, renderCount, renderRows } from '../report/figures.ts'
import type { Io } from './io.ts'
import { renderJsonLine } from './result.ts'

/** At most how often a line tells how far a table is, in milliseconds. */
const everyMs = 2_000

/** Writes to stderr what happens while tables land: plain lines, or a JSON value a line. */
export function landingProgress(io: Io, format: 'lines' | 'events'): OnLandingEvent {
  if (format === 'events') {
    return ({ kind, ...event }) => {
      const table = 'table' in event ? { table: qualifiedName(event.table) } : {}
      const rows = 'rows' in event ? { rows: String(event.rows) } : {}
      io.stderr.write(`${renderJsonLine({ event: `landing-${kind}`, ...event, ...table, ...rows })}\n`)
    }
  }
  let toldAt = performance.now()
  return (event) => {
    if (event.kind === 'chunk') {
      const isLast = event.chunksDone === event.chunks
      if (isLast || performance.now() - toldAt < everyMs) return
      toldAt = performance.now()
    }
    io.stderr.write(`${describe(event)}\n`)
  }
}

function describe(event: LandingEvent): string {
  switch (event.kind) {
    case 'begun': {
      const { tables, bytes, chunks, chunksDone } = event
      const goesOn = chunksDone === 0 ? '' : `; ${chunksDone} of ${chunks} parts had landed`
      return `Landing ${renderRows(BigInt(tables), 'table')}, ${renderBytes(bytes)} at the source${goesOn}.`
    }
    case 'note':
      return event.text
    case 'chunk':
      return `${qualifiedName(event.table)}: ${renderCount(event.rows)} rows have landed (part ${event.chunksDone} of ${event.chunks}).`
    case 'kept':
      return `${qualifiedName(event.table)} had landed and is the same: it stays.`
    case 'landed': {
      const proven = event.proof === null ? 'counted' : `the same ${event.proof.algorithm} on both sides`
      return `${qualifiedName(event.table)} has landed: ${renderRows(BigInt(event.rows), 'row')}, ${proven}.`
    }
  }
}
