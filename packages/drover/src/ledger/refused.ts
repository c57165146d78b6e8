import type { Queryable } from '../db/connection.ts'

/** Rows of a mapping that the database refused, and those that it took. */
export interface Refused {
  readonly rows: number
  /** Rows that went through their chunk, whatever became of them. */
  readonly taken: number
  readonly sourceRows: number
}

/** Reads how many rows of a mapping the database has refused, and of how many. */
export async function readRefused(tx: Queryable, runId: string, mapping: string): Promise<Refused> {
  const [row] = await tx.query(
    `select step.source_rows, refused.n as refused, coalesce(done.read, 0) as read
from drover.step
cross join lateral (
  select count(*) as n
  from drover.quarantine
  where run_id = step.run_id and mapping = step.mapping and sqlstate is not null
) as refused
cross join lateral (
  select sum(read) as read
  from drover.chunk
  where run_id = step.run_id and mapping = step.mapping and state = 'done'
) as done
where step.run_id = $1 and step.mapping = $2`,
    [runId, mapping],
  )
  const rows = Number(row?.refused)
  return { rows, taken: Number(row?.read) - rows, sourceRows: Number(row?.source_rows) }
}
