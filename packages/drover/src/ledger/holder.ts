import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { ledgerTables } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { type TableKind, tableKinds } from './mapping-tables.ts'
import { endStates, type RunState } from './state.ts'

/**
 * The run that holds the name of a mapping: the ledger's own tables of a mapping are named by it alone, so only one run
 * at a time can have them.
 */
export interface Holder {
  readonly mapping: string
  /** An int8, as text. */
  readonly runId: string
  readonly migration: string
  readonly state: RunState
  /** The tables that are there; none where the run has not begun the mapping. */
  readonly tables: readonly TableKind[]
  /** Whether rows that the run loaded are in the target. */
  readonly loaded: boolean
  /** Whether it changed rows that existed. */
  readonly changed: boolean
}

/**
 * Who holds the names of these mappings, and of those that earlier runs of the migration had. The tables of a mapping are
 * those of the newest run that has begun it, because no other begins while they are held; a run that is not over holds
 * the names of mappings that it is yet to begin. Tables that are gone hold nothing.
 */
export async function readHolders(
  tx: Queryable,
  migration: string,
  mappings: readonly string[],
): Promise<readonly Holder[]> {
  const rows = await tx.query(
    `select distinct on (step.mapping) step.mapping, run.id, run.migration, run.state,
  step.state <> 'waiting' as begun,
  exists (
    select from drover.chunk
    where chunk.run_id = run.id and chunk.mapping = step.mapping
    having sum(chunk.loaded) > 0
  ) as loaded
from drover.step
join drover.run on run.id = step.run_id
where (step.state <> 'waiting' or run.state <> all ($3))
  and (step.mapping = any ($1) or step.mapping in (
    select own.mapping
    from drover.step as own
    join drover.run as owner on owner.id = own.run_id
    where owner.migration = $2
  ))
order by step.mapping, run.id desc`,
    [mappings, migration, endStates],
  )
  const holders: Holder[] = []
  for (const row of rows) {
    const mapping = row.mapping as string
    const tables = row.begun ? await findTables(tx, mapping) : []
    if (row.begun && tables.length === 0) continue
    holders.push({
      mapping,
      runId: row.id as string,
      migration: row.migration as string,
      state: row.state as RunState,
      tables,
      loaded: (row.loaded as boolean) && tables.includes('crosswalk'),
      changed: tables.includes('images') && (await hasRows(tx, mapping)),
    })
  }
  return holders
}

/** Drops the tables that are held. */
export async function dropHeldTables(tx: Queryable, { mapping, tables }: Holder): Promise<void> {
  for (const kind of tables) await tx.query(compile(sql`drop table ${tableOf(kind, mapping)}`.toOperationNode()))
}

async function findTables(tx: Queryable, mapping: string): Promise<readonly TableKind[]> {
  const names = tableKinds.map((kind) => ledgerTables[kind](mapping))
  const rows = await tx.query(
    `select to_regclass(format('%I.%I', table_schema, table_name)) is not null as present
from unnest($1::text[], $2::text[]) with ordinality as named (table_schema, table_name, position)
order by position`,
    [names.map(({ schema }) => schema), names.map(({ name }) => name)],
  )
  return tableKinds.filter((_, i) => rows[i]?.present === true)
}

async function hasRows(tx: Queryable, mapping: string): Promise<boolean> {
  const query = sql`select exists (select from ${tableOf('images', mapping)}) as written`
  const [row] = await tx.query(compile(query.toOperationNode()))
  return row?.written === true
}

function tableOf(kind: TableKind, mapping: string) {
  return expressionOf(tableNode(ledgerTables[kind](mapping)))
}
