import type { Queryable } from '../db/connection.ts'
import { chainOf } from './chain.ts'
import { isoInstant } from './instant.ts'
import type { ReportRun } from './report.ts'
import { type ChunkSegment, readSegments } from './segments.ts'

/**
 * What makes a report worth keeping: where and when it was read, and a chain of digests over the sums of all chunks, which
 * anybody can recompute from the file alone. Digests are SHA-256 in hexadecimal, in lower case.
 */
export interface ReportEvidence {
  readonly readAt: string
  readonly readBy: string
  /** The server's own: which transactions the report has seen, and where its log stood; null where it may not be told. */
  readonly snapshot: string
  readonly walPosition: string | null
  /** Of the mappings in the plan's order, of each in the order of chunk numbers. */
  readonly segments: readonly ChunkSegment[]
  /**
   * The last link of the chain over `segments`, as {@link chainOf} makes it: the same as long as the run stays what it
   * is.
   */
  readonly chain: string
  /** Over everything else in the report, `chain` included, as {@link sealOf} makes it. */
  readonly seal: string
}

/** The evidence of a run as the transaction sees it, but for the seal, which is set when the report is complete. */
export async function readEvidence(tx: Queryable, run: ReportRun): Promise<Omit<ReportEvidence, 'seal'>> {
  const [row] = await tx.query(
    `/* drover run ${run.id} report */
select now() as read_at, session_user as read_by, pg_current_snapshot()::text as snapshot, pg_is_in_recovery() as is_standby`,
  )
  const segments = await readSegments(tx, run.id)
  return {
    readAt: isoInstant(row!.read_at as string),
    readBy: row!.read_by as string,
    snapshot: row!.snapshot as string,
    walPosition: await readWalPosition(tx, row!.is_standby as boolean),
    segments,
    chain: chainOf(run, segments),
  }
}

/** Asked of what the role may execute alone: a refusal would end the transaction. */
async function readWalPosition(tx: Queryable, isStandby: boolean): Promise<string | null> {
  const name = isStandby ? 'pg_last_wal_replay_lsn()' : 'pg_current_wal_lsn()'
  const [right] = await tx.query(`select has_function_privilege($1, 'execute') as may`, [name])
  if (right!.may !== true) return null
  const [row] = await tx.query(`select ${name}::text as position`)
  return row!.position as string | null
}
