import type { Queryable } from '../db/connection.ts'
import type { NewRebuild, RebuildName } from '../ledger/rebuild.ts'
import { isoInstantOrNull } from './instant.ts'

/** Something that was taken off an empty target and made again after the load, or that is made after it anyway. */
export interface ReportRebuild {
  /** Qualified. */
  readonly table: string
  /** Of a crosswalk's key and of statistics the name is that of the mapping. */
  readonly name: string
  readonly kind: RebuildName['kind']
  readonly state: NewRebuild['state'] | 'built' | 'done'
  /** Why it was left in place; null of all others. */
  readonly why: string | null
  /** When its latest part began and ended. */
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** What all parts of it took. */
  readonly seconds: number
  /** How large the index is, an int8; null of what is none. */
  readonly bytes: string | null
}

/** What a run makes after the load, in the order in which it is made. */
export async function readRebuilds(tx: Queryable, runId: string): Promise<readonly ReportRebuild[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select table_schema || '.' || table_name as name, object_name, kind, state, why, started_at, finished_at, seconds, bytes
from drover.rebuild
where run_id = $1
order by position`,
    [runId],
  )
  return rows.map((row) => ({
    table: row.name as string,
    name: row.object_name as string,
    kind: row.kind as ReportRebuild['kind'],
    state: row.state as ReportRebuild['state'],
    why: row.why as string | null,
    startedAt: isoInstantOrNull(row.started_at as string | null),
    finishedAt: isoInstantOrNull(row.finished_at as string | null),
    seconds: row.seconds as number,
    bytes: row.bytes as string | null,
  }))
}
