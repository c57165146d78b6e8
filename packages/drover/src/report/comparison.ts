import type { Queryable } from '../db/connection.ts'
import { findRehearsal } from '../ledger/rehearsal.ts'
import type { Run } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import { readFindings } from '../verify/findings.ts'
import type { Finding } from '../verify/verification.ts'
import { compareCounts, compareFindings } from './compare.ts'
import { foreseenOf } from './foreseen.ts'
import { isoInstant, isoInstantOrNull } from './instant.ts'
import { type MeasuredParts, measuredOf, readMeasured } from './measured.ts'

/** What is new, gone or otherwise than in an earlier run of the migration, or than a rehearsal had foreseen. */
export interface ReportComparison {
  readonly with: ComparedRun | ComparedRehearsal
  /** Whether both followed one plan. */
  readonly samePlan: boolean
  /** Rows by mapping and disposition, and by code; those that are the same are only counted. */
  readonly counts: readonly ComparedCount[]
  readonly sameCounts: number
  /** Mappings that one of both has not carried out in full: their counts are not compared. */
  readonly notCompared: readonly string[]
  /** What did not pass in either; empty of a rehearsal, which ends at the first, and where one of both was not verified. */
  readonly findings: readonly ComparedFinding[]
}

/** Another run, with which this one is compared. */
export interface ComparedRun {
  readonly kind: 'run'
  readonly id: string
  readonly state: RunState
  readonly startedAt: string | null
}

/** A rehearsal, with which the run is compared. */
export interface ComparedRehearsal {
  readonly kind: 'rehearsal'
  readonly rehearsedAt: string
}

/** A count, now and then. */
export interface ComparedCount {
  readonly mapping: string
  /** A disposition, or the code of a cause. */
  readonly what: string
  /** What the code brings about; null of a disposition. */
  readonly outcome: 'quarantine' | 'correct' | 'note' | null
  /** Of a correction and a note. */
  readonly column: string | null
  /** Rows, an int8 as text; null where there is none now. */
  readonly now: string | null
  /** Of a run both are its rows; of a rehearsal the range that was foreseen. Null where there was none. */
  readonly before: { readonly least: string; readonly most: string } | null
  /** `more` and `fewer`: outside of what it was before. */
  readonly change: 'new' | 'gone' | 'more' | 'fewer'
}

/** A finding, and whether it was there before. */
export interface ComparedFinding {
  readonly check: string
  readonly mapping: string | null
  readonly rule: string | null
  readonly change: 'new' | 'gone' | 'same'
  readonly detail: string
}

/**
 * Compares a run with the one of its migration before it, the newest that carried out a chunk; where there is none,
 * with what the newest rehearsal of its plan before it had foreseen. Null where there was neither.
 */
export async function readComparison(
  tx: Queryable,
  run: Pick<Run, 'id' | 'migration' | 'planHash' | 'createdAt'>,
  now: MeasuredParts & { readonly findings: readonly Finding[] },
): Promise<ReportComparison | null> {
  const [earlier] = await tx.query(
    `/* drover run ${run.id} report */
select id, state, started_at, plan_hash
from drover.run
where migration = $1 and id < $2
  and exists (select from drover.chunk where chunk.run_id = run.id and chunk.kind = 'range' and chunk.state = 'done')
order by id desc
limit 1`,
    [run.migration, run.id],
  )
  if (earlier !== undefined) {
    const id = earlier.id as string
    return {
      with: {
        kind: 'run',
        id,
        state: earlier.state as RunState,
        startedAt: isoInstantOrNull(earlier.started_at as string | null),
      },
      samePlan: earlier.plan_hash === run.planHash,
      ...compareCounts(measuredOf(now), await readMeasured(tx, id)),
      findings: compareFindings(now.findings, await readFindings(tx, id)),
    }
  }
  const rehearsal = await findRehearsal(tx, run.planHash, { before: run.createdAt })
  const foreseen = rehearsal && foreseenOf(rehearsal.result)
  if (rehearsal === undefined || foreseen === undefined) return null
  return {
    with: { kind: 'rehearsal', rehearsedAt: isoInstant(rehearsal.rehearsedAt) },
    samePlan: true,
    ...compareCounts(measuredOf(now), foreseen),
    findings: [],
  }
}
