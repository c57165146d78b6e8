import type { Queryable } from '../db/connection.ts'
import type { ConflictKind } from '../ledger/conflict.ts'
import { queryIssues } from './issue-query.ts'
import type { MetIssues } from './issues.ts'

const conflicts: Readonly<Record<ConflictKind, (table: string) => string>> = {
  changed: (table) => `Rows of ${table} stood in the way of the rollback: others changed them since the run.`,
  deleted: (table) => `Rows of ${table} were gone before the rollback: others deleted them since the run.`,
  added: (table) =>
    `Rows of ${table} stood in the way of the rollback: others added them, and they refer to rows of the run.`,
  needed: (table) => `Rows of ${table} could not be taken back: rows that stay refer to them.`,
}

/** Rows that stood in the way of a rollback, by table. */
export function readConflicts(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select min(found_at) as at, max(found_at) as until, null::text as mapping, count(*) as times, kind,
  table_schema || '.' || table_name as table_name
from drover.conflict
where run_id = $1
group by table_schema, table_name, kind`,
    ({ kind, table_name: table }) => ({ kind: 'conflict', what: conflicts[kind as ConflictKind](table as string) }),
  )
}

/** Where a rollback did not end as the run began. */
export function readRollbackFailures(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select finished_at as at, finished_at as until, null::text as mapping, 1::bigint as times, finding ->> 'detail' as detail
from drover.rollback
cross join jsonb_array_elements(findings) as finding
where run_id = $1 and finished_at is not null and finding ->> 'verdict' = 'fail'`,
    ({ detail }) => ({ kind: 'failure', what: `After the rollback: ${detail}` }),
  )
}
