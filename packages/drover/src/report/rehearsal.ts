import type { Queryable } from '../db/connection.ts'
import { findRehearsal, type StoredRehearsal } from '../ledger/rehearsal.ts'
import { isoInstant } from './instant.ts'

/** The newest rehearsal of the run's plan. */
export interface ReportRehearsal {
  readonly rehearsedAt: string
  readonly rehearsedBy: string
  readonly verdict: StoredRehearsal['verdict']
  /** In the order in which they come. */
  readonly stages: readonly ReportStage[]
  /** What the scratch database had otherwise than the real one, and what the way back left: a sentence each. */
  readonly notes: readonly string[]
}

/** What came of a stage of the rehearsal. */
export interface ReportStage {
  readonly name: string
  readonly verdict: 'pass' | 'fail' | 'not run'
  readonly detail: string
}

/** Null where the plan was never rehearsed, or rehearsed against another ledger alone. */
export async function readReportRehearsal(tx: Queryable, planHash: string): Promise<ReportRehearsal | null> {
  const stored = await findRehearsal(tx, planHash)
  if (stored === undefined) return null
  const { rehearsedAt, rehearsedBy, verdict } = stored
  const { stages, notes } = stored.result as Pick<ReportRehearsal, 'stages' | 'notes'>
  return {
    rehearsedAt: isoInstant(rehearsedAt),
    rehearsedBy,
    verdict,
    stages: stages.map(({ name, verdict, detail }) => ({ name, verdict, detail })),
    notes,
  }
}
