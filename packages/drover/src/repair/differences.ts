import { type RawBuilder, sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { sourceKey } from '../define/reference.ts'
import type { Run } from '../ledger/run.ts'
import { ledgerTables, type MappingPlan } from '../plan/plan.ts'
import { mask } from '../sql/mask.ts'
import { columnOf, expressionOf, parseName, tableNode } from '../sql/nodes.ts'
import { isMasked, type Sight } from './cells.ts'
import { repairStatement } from './selected.ts'

/** Rows whose values are shown at most. */
const shownRows = 20

/** In which columns of the source the rows of a group differ. */
export interface Differences {
  readonly columns: readonly { readonly column: string; readonly isMasked: boolean }[]
  /** The values of those columns: of the survivor, then of the first few others. */
  readonly rows: readonly { readonly key: string; readonly values: readonly (string | null)[] }[]
}

interface Group {
  readonly mapping: string
  readonly survivor: string
  readonly merged: readonly string[]
  readonly sight: Sight
}

/**
 * Compares the source rows of a group, read by their keys as they stand today, without the columns that are secret. Null
 * where the source is gone, or where the key is more than a list of columns: then no row is found by it.
 */
export async function readDifferences(tx: Queryable, run: Run, group: Group): Promise<Differences | null> {
  const plan = run.plan.mappings.find(({ name }) => name === group.mapping)!
  const named = plan.source === 'query' ? ledgerTables.source(plan.name) : parseName(plan.source)
  const columns = await readColumns(tx, run, named)
  const key = keyOf(plan, run.plan.catalog.tables, columns)
  if (key === undefined) return null
  const compared = columns.filter((column) => !plan.secret.includes(column))
  const keys = [group.survivor, ...group.merged]
  const member = sql`select ${sourceKey(key)} as source_key, ${sql.join(compared.map((column, i) => sql`t.${sql.id(column)}::text as ${sql.id(`c${i}`)}`))}
from ${expressionOf(tableNode(named))} as t
where ${sourceKey(key)} collate "C" in (${listOf(keys)})`
  const differing = await readDiffering(tx, run, { member, columns: compared, rows: keys.length })
  if (differing === null) return null
  const shown = keys.slice(0, shownRows)
  const values = differing.map((column) => {
    const value = sql.id(`c${compared.indexOf(column)}`)
    return isMasked(column, group.sight) ? mask(sql`${value}`) : sql`${value}`
  })
  const rows = await tx.query(
    repairStatement(
      run.id,
      `${group.mapping} merges show`,
      sql`select source_key, jsonb_build_array(${sql.join(values)}) as shown
from (
${member}
) as member
where source_key in (${listOf(shown)})
order by source_key <> ${sql.lit(group.survivor)}, source_key collate "C"`,
    ),
  )
  return {
    columns: differing.map((column) => ({ column, isMasked: isMasked(column, group.sight) })),
    rows: rows.map((row) => ({ key: row.source_key as string, values: row.shown as readonly (string | null)[] })),
  }
}

async function readColumns(
  tx: Queryable,
  run: Run,
  named: { schema: string; name: string },
): Promise<readonly string[]> {
  const query = sql`select attribute.attname
from pg_catalog.pg_attribute as attribute
join pg_catalog.pg_class as class on class.oid = attribute.attrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
where namespace.nspname = ${sql.lit(named.schema)} and class.relname = ${sql.lit(named.name)}
  and attribute.attnum > 0 and not attribute.attisdropped
order by attribute.attnum`
  const rows = await tx.query(repairStatement(run.id, 'merges show', query))
  return rows.map((row) => row.attname as string)
}

/**
 * The columns that make the source key; undefined where they cannot be known. The plan lists what the key reads, not in
 * which order: a key of several columns is taken to have the order of the table's primary key.
 */
function keyOf({ source, key }: MappingPlan, tables: readonly Table[], columns: readonly string[]) {
  const read = key.map((name) => name.slice(name.indexOf('.') + 1))
  const primary = tables.find((table) => qualifiedName(table) === source)?.primaryKey ?? []
  const isPrimary = primary.length === read.length && primary.every((column) => read.includes(column))
  const names = isPrimary ? primary : read
  if (names.length === 0 || !names.every((name) => columns.includes(name))) return undefined
  return names.map((name) => columnOf('t', name))
}

interface Members {
  readonly member: RawBuilder<unknown>
  readonly columns: readonly string[]
  /** How many there must be. */
  readonly rows: number
}

/** The columns in which not all rows agree; null where the rows were not found. */
async function readDiffering(
  tx: Queryable,
  run: Run,
  { member, columns, rows }: Members,
): Promise<readonly string[] | null> {
  const differs = columns.map((_, i) => {
    const value = sql.id(`c${i}`)
    return sql`count(distinct ${value}) + (count(${value}) < count(*))::integer > 1`
  })
  const query = sql`select count(*) as n, jsonb_build_array(${sql.join(differs)}) as differs
from (
${member}
) as member`
  const [row] = await tx.query(repairStatement(run.id, 'merges show', query))
  if (row?.n !== String(rows)) return null
  const flags = row.differs as readonly boolean[]
  return columns.filter((_, i) => flags[i])
}

function listOf(texts: readonly string[]): RawBuilder<unknown> {
  return sql.join(texts.map((text) => sql.lit(text)))
}
