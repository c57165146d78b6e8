import type { Queryable } from '../db/connection.ts'

/** What is done about rows that stand in the way: kept, or put into the ledger and taken away. */
export type Decision = 'keep' | 'discard'

/** By table, as `schema.name`; `*` for those that are not named. */
export type Decisions = Readonly<Record<string, Decision>>

/** How triggers of the targets are kept from firing while rows are taken back; `fire`: they are not. */
export type TriggerMode = 'replica role' | 'disabled' | 'fire'

/** What the checks after a rollback came to. */
export type RollbackVerdict = 'pass' | 'warn' | 'fail'

/** What a rollback found when it compared the tables and the catalog with the start. */
export interface RollbackFinding {
  readonly check: 'fingerprint' | 'catalog' | 'sequence' | 'triggered rows'
  /** The table or sequence; null for the catalog as a whole. */
  readonly object: string | null
  readonly verdict: RollbackVerdict
  readonly detail: string
}

/** A rollback as the ledger holds it. */
export interface StoredRollback {
  readonly onConflict: Decisions
  readonly triggers: TriggerMode
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly verdict: RollbackVerdict | null
  readonly findings: readonly RollbackFinding[]
}

/** What is written about a rollback. `$1` run. */
export const rollbackStatements = {
  /** `$2` decisions, `$3` {@link TriggerMode}. */
  create: 'insert into drover.rollback (run_id, on_conflict, triggers) values ($1, $2, $3)',
  /** `$2` decisions. */
  changeDecisions: 'update drover.rollback set on_conflict = on_conflict || $2::jsonb where run_id = $1',
  /** `$2` verdict, `$3` findings. */
  finish: 'update drover.rollback set finished_at = clock_timestamp(), verdict = $2, findings = $3 where run_id = $1',
} as const

/** Notes that a rollback begins, with what was decided about conflicts. */
export async function createRollback(
  tx: Queryable,
  runId: string,
  { onConflict, triggers }: Pick<StoredRollback, 'onConflict' | 'triggers'>,
): Promise<void> {
  await tx.query(rollbackStatements.create, [runId, JSON.stringify(onConflict), triggers])
}

/** What is decided when a rollback goes on: later decisions stand above earlier ones. */
export async function changeDecisions(tx: Queryable, runId: string, onConflict: Decisions): Promise<void> {
  await tx.query(rollbackStatements.changeDecisions, [runId, JSON.stringify(onConflict)])
}

/** The rollback of a run; undefined where none has begun. */
export async function readRollback(tx: Queryable, runId: string): Promise<StoredRollback | undefined> {
  const [row] = await tx.query(
    `select on_conflict, triggers, started_at, finished_at, verdict, findings from drover.rollback where run_id = $1`,
    [runId],
  )
  if (row === undefined) return undefined
  return {
    onConflict: row.on_conflict as Decisions,
    triggers: row.triggers as TriggerMode,
    startedAt: row.started_at as string,
    finishedAt: row.finished_at as string | null,
    verdict: row.verdict as RollbackVerdict | null,
    findings: (row.findings ?? []) as readonly RollbackFinding[],
  }
}

/** Notes what the checks after a rollback have found. */
export async function finishRollback(
  tx: Queryable,
  runId: string,
  verdict: RollbackVerdict,
  findings: readonly RollbackFinding[],
): Promise<void> {
  await tx.query(rollbackStatements.finish, [runId, verdict, JSON.stringify(findings)])
}
