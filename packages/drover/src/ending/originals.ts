import { type RawBuilder, sql } from 'kysely'
import { ledgerSchema } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, parameter } from '../sql/nodes.ts'

/** Rows of the ledger that hold keys or values of a run's rows, in a table that runs share. */
export interface Originals {
  /** In drover's schema. */
  readonly table: string
  /** Those of the run `$1`. */
  readonly ofRun: RawBuilder<unknown>
}

const run = expressionOf(parameter(1, 'bigint'))

/** What a purge deletes, in the order in which it goes. */
export const originals: readonly Originals[] = [
  ...['correction', 'note', 'merge', 'quarantine', 'discarded_row', 'conflict', 'repair_key'].map((table) => ({
    table,
    ofRun: sql`run_id = ${run}`,
  })),
  {
    table: 'verification_part',
    ofRun: sql`verification_id in (select verification.id from drover.verification where run_id = ${run})`,
  },
]

/** Counts them as `rows`, and the bytes of what they hold as `bytes`, both int8. `$1` run. */
export function measureStatement({ table, ofRun }: Originals): string {
  return print(sql`select count(*) as rows, coalesce(sum(pg_column_size(original.*)), 0)::bigint as bytes
from ${sql.id(ledgerSchema, table)} as original
where ${ofRun}`)
}

/**
 * Deletes those of a range, and measures them in the same way. `$1` run, `$2` the first `ctid`, `$3` the one after the
 * last.
 */
export function deleteStatement({ table, ofRun }: Originals): string {
  return print(sql`with gone as (
  delete from ${sql.id(ledgerSchema, table)} as original
  where ${inRange()} and ${ofRun}
  returning pg_column_size(original.*) as bytes
)
select count(*) as rows, coalesce(sum(bytes), 0)::bigint as bytes
from gone`)
}

/** Whether others are in the table. `$1` run. */
export function othersStatement({ table, ofRun }: Originals): string {
  return print(sql`select exists (
  select from ${sql.id(ledgerSchema, table)}
  where not (${ofRun})
) as others`)
}

/** Locks the table for good, and empties it. */
export function emptyStatements({ table }: Originals): { readonly lock: string; readonly empty: string } {
  return {
    lock: print(sql`lock table ${sql.id(ledgerSchema, table)} in access exclusive mode`),
    empty: print(sql`truncate ${sql.id(ledgerSchema, table)}`),
  }
}

/** Ranges of keys, which chunks keep as their bounds. `$1` to `$3` as of {@link deleteStatement}. */
export const unboundStatement = print(sql`update drover.chunk
set lower = null, upper = null
where ${inRange()} and run_id = ${run} and num_nonnulls(lower, upper) > 0`)

function inRange(): RawBuilder<unknown> {
  return sql`ctid >= ${expressionOf(parameter(2, 'tid'))} and ctid < ${expressionOf(parameter(3, 'tid'))}`
}

function print(query: RawBuilder<unknown>): string {
  return compile(query.toOperationNode())
}
