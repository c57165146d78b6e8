import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../db/connection.ts'
import type { RunSummary } from '../ledger/run.ts'
import { type RunState, transitions } from '../ledger/state.ts'
import { type ReportCourse, readCourses, type Throughput } from '../report/course.ts'
import { type ReportRebuild, readRebuilds } from '../report/rebuilds.ts'
import { readThroughput } from '../report/throughput.ts'

/** How the load of a run went so far, chunk by chunk: of a large run it takes long to add up. */
export interface RunCourse {
  readonly courses: readonly ReportCourse[]
  readonly throughput: Throughput | null
  readonly rebuilds: readonly ReportRebuild[]
}

type Mappings = readonly { readonly name: string }[]

/** Reads the course of a run: the newest that is known, null as long as none is. */
export type ReadCourse = (run: RunSummary, mappings: Mappings) => Promise<RunCourse | null>

/** How long a course is taken for new: so many milliseconds, and so many times what it took to read. */
const age = { leastMs: 2_000, timesTook: 5 }

/** How long a newer one is waited for, in milliseconds. */
const patienceMs = 1_000

interface Known {
  readonly course: RunCourse
  readonly state: RunState
  readonly untilMs: number
}

/**
 * A reader that remembers the courses of runs. While a newer one is read, which may take longer than anybody waits, it gives
 * the one before; the last one of a run that is over is always waited for.
 */
export function createCourseReader(db: Database): ReadCourse {
  const known = new Map<string, Known>()
  const underWay = new Map<string, Promise<RunCourse>>()
  const renew = async ({ id, state }: RunSummary, mappings: Mappings): Promise<RunCourse> => {
    const startedMs = performance.now()
    const course = await readCourse(db, id, mappings).finally(() => underWay.delete(id))
    const endedMs = performance.now()
    known.set(id, { course, state, untilMs: endedMs + Math.max(age.leastMs, (endedMs - startedMs) * age.timesTook) })
    return course
  }
  return async (run, mappings) => {
    const before = known.get(run.id)
    // A run that comes to its end is shown to its end.
    if (before?.state === run.state && performance.now() < before.untilMs) return before.course
    const reading = underWay.get(run.id) ?? renew(run, mappings)
    underWay.set(run.id, reading)
    if (isOver(run.state)) return reading
    // Where nobody waits for it any more, whoever looks next meets what was the matter.
    reading.catch(() => {})
    const soon = await Promise.race([reading, sleep(patienceMs, undefined, { ref: false })])
    return soon ?? before?.course ?? null
  }
}

/** Whether nothing can happen to a run any more. */
export function isOver(state: RunState): boolean {
  return !transitions.some(({ from }) => from === state)
}

function readCourse(db: Database, runId: string, mappings: Mappings): Promise<RunCourse> {
  return db.transaction(
    async (tx) => ({
      courses: await readCourses(tx, runId, mappings),
      throughput: await readThroughput(tx, runId),
      rebuilds: await readRebuilds(tx, runId),
    }),
    { readOnly: true, settings: { transaction_isolation: 'repeatable read' } },
  )
}
