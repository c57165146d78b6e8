import type { Queryable } from '../db/connection.ts'
import { describeSqlstate } from '../db/sqlstate.ts'
import type { ChunkFailures } from './course.ts'
import { describeFailure } from './failures.ts'
import { queryIssues } from './issue-query.ts'
import type { MetIssues } from './issues.ts'

/** What was done about a chunk; a row that was set aside is an issue of its own. */
const answers: Readonly<Record<Exclude<ChunkFailures['outcome'], 'set aside'>, string>> = {
  retried: 'A chunk was begun again',
  split: 'A chunk was halved',
  failed: 'A chunk failed',
}

/** Attempts at chunks that did not end well. */
export function readAttempts(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select min(at) as at, max(at) as until, mapping, count(*) as times, sqlstate, outcome
from drover.attempt
where run_id = $1 and outcome <> 'set aside'
group by date_trunc('hour', at), mapping, sqlstate, outcome`,
    ({ outcome, sqlstate }) => ({
      kind: 'attempt',
      what: `${answers[outcome as keyof typeof answers]}: ${describeFailure(sqlstate as string | null)}.`,
    }),
  )
}

/**
 * Chunks that were begun again without a word of how they had ended. Counted are attempts but for the last one, which is the
 * one that carried the chunk out, or may still be under way. Whoever takes a run up again forgets them.
 */
export function readLostWorkers(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select min(started_at) as at, max(started_at) as until, mapping, sum(attempts - 1) as times
from drover.chunk
where run_id = $1 and kind = 'range' and attempts > 1
group by date_trunc('hour', started_at), mapping`,
    () => ({ kind: 'attempt', what: `A chunk was begun by another worker: ${describeFailure(null)}.` }),
  )
}

/**
 * Rows that the database refused: while they were loaded one by one, and when what is unique was made again. One that was
 * mended since is in quarantine no more, but the attempt at it is told.
 */
export function readRefusedRows(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select min(at) as at, max(at) as until, mapping, count(*) as times, sqlstate, constraint_name
from (
  select coalesce(tried.at, refused.at) as at, mapping, sqlstate, constraint_name
  from (
    select mapping, chunk, sqlstate, at
    from drover.attempt
    where run_id = $1 and outcome = 'set aside'
  ) as tried
  full join (
    select mapping, chunk, sqlstate, set_aside_at as at, reasons #>> '{0,constraint}' as constraint_name
    from drover.quarantine
    where run_id = $1 and sqlstate is not null
  ) as refused using (mapping, chunk, sqlstate)
) as each
group by date_trunc('hour', at), mapping, sqlstate, constraint_name`,
    ({ sqlstate, constraint_name: constraint }) => ({
      kind: 'refused',
      what: `A row was set aside that the database refuses: ${describeSqlstate(sqlstate as string)}${
        constraint === null ? '' : `, ${constraint}`
      }.`,
    }),
  )
}
