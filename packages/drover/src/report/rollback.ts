import type { Queryable } from '../db/connection.ts'
import type { ConflictKind } from '../ledger/conflict.ts'
import { type Decision, type Decisions, type RollbackFinding, readRollback } from '../ledger/rollback.ts'
import { readRollbackTallies } from '../ledger/rollback-chunk.ts'
import { isoInstant, isoInstantOrNull } from './instant.ts'

/** How a run was taken back, and what stayed. Counts are int8, as text. */
export interface ReportRollback {
  /** `pass`: everything is as it was · `warn`: but for what others wrote or a decision keeps; null: it is not finished. */
  readonly verdict: RollbackFinding['verdict'] | null
  readonly startedAt: string
  readonly finishedAt: string | null
  /** What was decided about conflicts, by table; `*` for all others. */
  readonly decisions: Decisions
  readonly chunks: string
  readonly chunksDone: string
  /** The newest step first, as they were taken back. */
  readonly mappings: readonly ReportTakenBack[]
  readonly conflicts: readonly ConflictGroup[]
  /** Rows that a decision took away; the ledger keeps them until it is purged. */
  readonly discarded: readonly DiscardedRows[]
  /** What the comparison with the start found. */
  readonly findings: readonly RollbackFinding[]
}

/** Rows of others that a rollback discarded, because somebody had decided so. */
export interface DiscardedRows {
  readonly table: string
  readonly rows: string
}

/** What a rollback did with the rows of a mapping. */
export interface ReportTakenBack {
  readonly mapping: string
  /** Rows that the run had loaded. */
  readonly removed: string
  /** Rows that it had changed or deleted. */
  readonly restored: string
  /** Rows that stay by decision, or because one that stays needs them. */
  readonly kept: string
  /** Rows that somebody else had deleted. */
  readonly gone: string
}

/** Rows that others wrote since the run, by table, kind and what was decided. */
export interface ConflictGroup {
  readonly table: string
  readonly kind: ConflictKind
  readonly decision: Decision | null
  readonly rows: string
  /** Their own keys, the lowest few. */
  readonly sampleKeys: readonly string[]
}

/** The rollback of a run; null where none has begun. `kept`: what a purge has kept of it. */
export async function readReportRollback(
  tx: Queryable,
  runId: string,
  kept: Pick<ReportRollback, 'conflicts' | 'discarded'> | undefined,
): Promise<ReportRollback | null> {
  const stored = await readRollback(tx, runId)
  if (stored === undefined) return null
  const tallies = await readRollbackTallies(tx, runId)
  const sum = (of: 'chunks' | 'chunksDone') => String(tallies.reduce((all, tally) => all + tally[of], 0n))
  return {
    verdict: stored.verdict,
    startedAt: isoInstant(stored.startedAt),
    finishedAt: isoInstantOrNull(stored.finishedAt),
    decisions: stored.onConflict,
    chunks: sum('chunks'),
    chunksDone: sum('chunksDone'),
    mappings: tallies.map(({ mapping, removed, restored, kept, gone }) => ({
      mapping,
      removed: String(removed),
      restored: String(restored),
      kept: String(kept),
      gone: String(gone),
    })),
    conflicts: kept?.conflicts ?? (await readConflictGroups(tx, runId)),
    discarded: kept?.discarded ?? (await readDiscarded(tx, runId)),
    findings: stored.findings,
  }
}

/** Keys that a group shows at most. */
const sampled = 5

/** Conflicts by table, kind and what was decided. */
export async function readConflictGroups(tx: Queryable, runId: string): Promise<readonly ConflictGroup[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select table_schema || '.' || table_name as name, kind, decision, n, array_agg(row_key order by position) as keys
from (
  select table_schema, table_name, kind, decision, row_key, count(*) over own as n,
    row_number() over (own order by row_key collate "C") as position
  from drover.conflict
  where run_id = $1
  window own as (partition by table_schema, table_name, kind, decision)
) as numbered
where position <= $2
group by table_schema, table_name, kind, decision, n
order by table_schema collate "C", table_name collate "C", kind collate "C", decision collate "C"`,
    [runId, sampled],
  )
  return rows.map((row) => ({
    table: row.name as string,
    kind: row.kind as ConflictKind,
    decision: row.decision as Decision | null,
    rows: row.n as string,
    sampleKeys: row.keys as readonly string[],
  }))
}

/** Rows that were discarded, by table. */
export async function readDiscarded(tx: Queryable, runId: string): Promise<readonly DiscardedRows[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select table_schema || '.' || table_name as name, count(*) as n
from drover.discarded_row
where run_id = $1
group by table_schema, table_name
order by table_schema collate "C", table_name collate "C"`,
    [runId],
  )
  return rows.map((row) => ({ table: row.name as string, rows: row.n as string }))
}
