import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../db/connection.ts'
import type { Tally } from '../ledger/tally.ts'
import { type Absence, watchAbsence } from './absence.ts'
import { barsView } from './progress-bars.ts'
import { eventsView } from './progress-events.ts'
import { linesView } from './progress-lines.ts'
import { progressReader, type Reading } from './progress-reader.ts'

/** What is shown, where, and until when. */
export interface ProgressOptions {
  /** A connection of its own: the run never waits for it. */
  readonly db: Database
  readonly runId: string
  readonly output: NodeJS.WriteStream
  /** Aborted: the state of that moment is shown, and the promise resolves. */
  readonly signal: AbortSignal
  /** Aborted once this process was asked to stop. */
  readonly interrupt?: AbortSignal
  /** What stopping means: the run pauses, or this process leaves others at work. Default `pausing`. */
  readonly stopping?: Stopping
  /** Where the run was taken up or joined: how far it was then. Default: it was not begun. */
  readonly before?: readonly Tally[]
  /** Bars redrawn in place, plain lines, or a JSON value a line. Default: bars in a terminal, lines elsewhere. */
  readonly format?: 'bars' | 'lines' | 'events'
}

/** The ledger at one moment. */
export interface Sample extends Reading {
  readonly runId: string
  /** On a clock that only goes forward, in milliseconds. */
  readonly atMs: number
  /** What is being waited for; undefined while the run goes on. */
  readonly stopping?: Stopping | undefined
}

/** What a process that was asked to stop is about to do. */
export type Stopping = 'pausing' | 'leaving'

/** Turns samples, and news of the server itself, into what is written for them; knows what it wrote before. */
export type View = (shown: Sample | Absence) => string

/**
 * How often the ledger is read for people who watch, and for a log, in milliseconds; and how long the last reading may
 * take.
 */
const watchedMs = 200
const loggedMs = 500
const lastReadingMs = 1_000

/**
 * Shows how far a run is until `signal` aborts. Whatever goes wrong with it, the database's refusal or a closed terminal,
 * is kept from the run: the promise always resolves, and soon after the signal.
 */
export async function showProgress(options: ProgressOptions): Promise<void> {
  const { signal, db, runId } = options
  const format = options.format ?? (options.output.isTTY ? 'bars' : 'lines')
  const view = viewOf(options, format)
  const pollMs = format === 'bars' ? watchedMs : loggedMs
  const read = progressReader(db, runId)
  const watched = watchAbsence(runId, (absence) => write(options.output, () => view(absence)))
  for (;;) {
    const isLast = signal.aborted
    const startedAt = performance.now()
    const until = isLast ? AbortSignal.timeout(lastReadingMs) : signal
    const isRead = await showSample(options, view, () => watched(() => inTime(read(), until))).then(
      () => true,
      () => false,
    )
    if (isLast) return
    // A ledger of many chunks takes longer to add up: it is read at most a fifth of the time. A failure tells nothing of it.
    const readingMs = isRead ? performance.now() - startedAt : 0
    await sleep(Math.max(pollMs, 4 * readingMs), undefined, { signal }).catch(() => {})
  }
}

async function showSample(
  { runId, output, interrupt, stopping = 'pausing' }: ProgressOptions,
  view: View,
  read: () => Promise<Reading | undefined>,
): Promise<void> {
  const reading = await read()
  if (reading === undefined) return
  const isStopping = interrupt?.aborted ?? false
  write(output, () => view({ runId, ...reading, atMs: performance.now(), stopping: isStopping ? stopping : undefined }))
}

/** A terminal that does not keep up is given less to draw, not a longer queue. */
function write(output: NodeJS.WriteStream, text: () => string): void {
  if (!output.writableNeedDrain && output.writable) output.write(text())
}

function viewOf({ output, before }: ProgressOptions, format: ProgressOptions['format']): View {
  if (format === 'bars') return barsView(output)
  return format === 'lines' ? linesView(before) : eventsView()
}

/** The reading, or undefined where the signal aborts first. */
async function inTime<T>(reading: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const onAbort = () => resolve(undefined)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([reading, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
