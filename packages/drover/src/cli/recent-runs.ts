import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'

/** A run without the plan that it follows. */
export type RunSummary = Omit<Run, 'plan' | 'settings'>

/** The newest runs of every migration, the newest first. */
export async function readRecentRuns(tx: Queryable, limit: number): Promise<readonly RunSummary[]> {
  const rows = await tx.query(
    `select id, migration, plan_hash, state, started_by, created_at, started_at, finished_at
from drover.run
order by id desc
limit $1`,
    [limit],
  )
  return rows.map((row) => ({
    id: row.id as string,
    migration: row.migration as string,
    planHash: row.plan_hash as string,
    state: row.state as RunState,
    startedBy: row.started_by as string,
    createdAt: row.created_at as string,
    startedAt: row.started_at as string | null,
    finishedAt: row.finished_at as string | null,
  }))
}
