import type { Queryable } from '../db/connection.ts'
import { readPurge } from '../ledger/purge.ts'
import { isoInstant, isoInstantOrNull } from './instant.ts'

/** That the ledger has lost the keys and originals of the run; its counts are those from before. */
export interface ReportPurge {
  readonly by: string
  readonly begunAt: string
  /** Null while some of it is there. */
  readonly endedAt: string | null
}

/** The purge of a run; undefined where none has begun. */
export async function readReportPurge(tx: Queryable, runId: string): Promise<ReportPurge | undefined> {
  const purge = await readPurge(tx, runId)
  if (purge === undefined) return undefined
  return { by: purge.begunBy, begunAt: isoInstant(purge.begunAt), endedAt: isoInstantOrNull(purge.endedAt) }
}

/** What the verdict says of a purge. Pure. */
export function sentenceOfPurge({ by, begunAt, endedAt }: ReportPurge): string {
  return endedAt === null
    ? `A purge by ${by} began on ${begunAt.slice(0, 10)} and has not ended: give drover purge again. Keys and originals are no longer shown.`
    : `Purged on ${endedAt.slice(0, 10)} by ${by}: keys and originals are gone.`
}
