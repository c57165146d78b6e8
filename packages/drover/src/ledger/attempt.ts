import type { Queryable } from '../db/connection.ts'
import type { ChunkName } from './chunk.ts'

/** Counts an attempt at a locked chunk and notes who makes it: a count, never a lease. */
export async function beginAttempt(tx: Queryable, runId: string, chunk: ChunkName, worker: string): Promise<void> {
  await tx.query(
    `update drover.chunk
set attempts = attempts + 1, worker = $4, started_at = clock_timestamp()
where run_id = $1 and mapping = $2 and number = $3`,
    [runId, chunk.mapping, chunk.number, worker],
  )
}

/** What came of an attempt that did not end well. */
export interface FailedAttempt {
  readonly worker: string
  /** Null where the worker did not live to tell. */
  readonly sqlstate: string | null
  readonly outcome: 'retried' | 'split' | 'set aside' | 'failed'
}

/** Notes a failed attempt at a chunk. */
export async function recordAttempt(
  tx: Queryable,
  runId: string,
  chunk: ChunkName,
  { worker, sqlstate, outcome }: FailedAttempt,
): Promise<void> {
  await tx.query(
    `insert into drover.attempt (run_id, mapping, chunk, worker, sqlstate, outcome) values ($1, $2, $3, $4, $5, $6)`,
    [runId, chunk.mapping, chunk.number, worker, sqlstate, outcome],
  )
}

/** Sets the attempts of a locked chunk back to none: its worker lived to see the error. */
export async function endAttempt(tx: Queryable, runId: string, chunk: ChunkName): Promise<void> {
  await tx.query(`update drover.chunk set attempts = 0 where run_id = $1 and mapping = $2 and number = $3`, [
    runId,
    chunk.mapping,
    chunk.number,
  ])
}

/** Whoever takes a run up again starts afresh: what ended the workers before may be mended. */
export async function forgetAttempts(tx: Queryable, runId: string): Promise<void> {
  await tx.query(
    `update drover.chunk
set attempts = 0
from (
  select mapping, number
  from drover.chunk
  where run_id = $1 and state = 'open' and attempts > 0
  for update skip locked
) as begun
where chunk.run_id = $1 and chunk.mapping = begun.mapping and chunk.number = begun.number`,
    [runId],
  )
}
