import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { hasTable } from './readable.ts'

/** That the keys and originals of a run are gone, or are going. */
export interface Purge {
  readonly begunBy: string
  readonly begunAt: string
  /** Null while some of it is there. */
  readonly endedAt: string | null
  /** What a report has counted of the rows that are gone. */
  readonly kept: unknown
}

/** The purge of a run; undefined where none has begun, also where the ledger is of a drover that knew of none. */
export async function readPurge(tx: Queryable, runId: string): Promise<Purge | undefined> {
  if (!(await hasTable(tx, 'purge'))) return undefined
  const [row] = await tx.query('select begun_by, begun_at, ended_at, kept from drover.purge where run_id = $1', [runId])
  if (row === undefined) return undefined
  return {
    begunBy: row.begun_by as string,
    begunAt: row.begun_at as string,
    endedAt: row.ended_at as string | null,
    kept: row.kept,
  }
}

/** The runs of which nothing is left to purge. */
export async function readPurgedRuns(tx: Queryable): Promise<ReadonlySet<string>> {
  if (!(await hasTable(tx, 'purge'))) return new Set()
  const rows = await tx.query('select run_id from drover.purge where ended_at is not null')
  return new Set(rows.map((row) => row.run_id as string))
}

/** @throws DroverError `run-purged` where rows of the run can no longer be asked about. */
export async function requireUnpurged(tx: Queryable, runId: string): Promise<void> {
  const purge = await readPurge(tx, runId)
  if (purge === undefined) return
  throw new DroverError('run-purged', `Run ${runId} was purged: its keys and originals are gone.`, {
    why: `${purge.begunBy} did so on ${purge.begunAt.slice(0, 10)}`,
    remedy: `drover report --run ${runId} tells what became of its rows, in numbers.`,
  })
}

/** Begins the purge of a run, whose row the caller has locked. */
export async function beginPurge(tx: Queryable, runId: string, kept: unknown): Promise<void> {
  await tx.query('insert into drover.purge (run_id, kept) values ($1, $2)', [runId, JSON.stringify(kept)])
}

/** Says whether this call ended it: another process may have done so. */
export async function endPurge(tx: Queryable, runId: string): Promise<boolean> {
  const rows = await tx.query(
    `update drover.purge
set ended_at = clock_timestamp()
where run_id = $1 and ended_at is null
returning run_id`,
    [runId],
  )
  return rows.length > 0
}
