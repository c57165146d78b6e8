import { type RawBuilder, sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { ledgerSchema } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, parameter } from '../sql/nodes.ts'
import type { Gone } from './purged.ts'

// What people decide about rows outlives the run, because the next one of the migration reads it. It goes with the last.
const tables = ['overlay', 'apart'] as const

const migration = expressionOf(parameter(1, 'text'))
const isLast = sql`not exists (
  select from drover.run
  where run.migration = ${migration} and run.id <> all (${expressionOf(parameter(2, 'bigint[]'))})
)`

/** Fixes of a migration's rows, and rows that are nobody's duplicate: those that go where all its runs are among `gone`. */
export function measureMigrationRows(tx: Queryable, name: string, gone: readonly string[]): Promise<readonly Gone[]> {
  return act(
    tx,
    [name, gone],
    (table) => sql`select pg_column_size(entry.*) as bytes
  from ${table} as entry
  where migration = ${migration} and ${isLast}`,
  )
}

/** Deletes them. */
export function deleteMigrationRows(tx: Queryable, name: string, gone: readonly string[]): Promise<readonly Gone[]> {
  return act(
    tx,
    [name, gone],
    (table) => sql`delete from ${table} as entry
  where migration = ${migration} and ${isLast}
  returning pg_column_size(entry.*) as bytes`,
  )
}

async function act(
  tx: Queryable,
  values: readonly unknown[],
  statement: (table: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<readonly Gone[]> {
  const all: Gone[] = []
  for (const table of tables) {
    const query = sql`with entry as (
  ${statement(sql.id(ledgerSchema, table))}
)
select count(*) as rows, coalesce(sum(bytes), 0)::bigint as bytes
from entry`
    const [row] = await tx.query(compile(query.toOperationNode()), values)
    const rows = BigInt(row!.rows as string)
    if (rows > 0n) all.push({ table: `${ledgerSchema}.${table}`, rows, bytes: BigInt(row!.bytes as string) })
  }
  return all
}

/**
 * Takes the keys out of what checks of the migration foresaw, up to the end of the run: of plans that no other run follows.
 * The counts stay.
 */
export async function stripOutlooks(
  tx: Queryable,
  { name, until, gone }: { readonly name: string; readonly until: string; readonly gone: readonly string[] },
): Promise<void> {
  const rows = await tx.query(
    `select id, outlook
from drover.outlook
where migration = $1 and checked_at <= $2::timestamptz and not exists (
  select from drover.run
  where run.plan_hash = outlook.plan_hash and run.id <> all ($3::bigint[])
)
for update`,
    [name, until, gone],
  )
  for (const { id, outlook } of rows) {
    await tx.query('update drover.outlook set outlook = $2::jsonb where id = $1', [
      id,
      JSON.stringify(outlook, (member, value) => (member === 'keys' ? [] : value)),
    ])
  }
}
