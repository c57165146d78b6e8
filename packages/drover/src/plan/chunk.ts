import { type Expression, type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifierOf, literal, tableNode } from '../sql/nodes.ts'
import { mergesRows } from './decided.ts'
import { updatedCtes } from './images.ts'
import { ledgerTables } from './plan.ts'
import { chunkRow } from './printed-row.ts'
import { rangeCondition } from './range.ts'
import { drivingRelation, type MappingParts, rowNames } from './row.ts'
import { carriedKey, loadedCte, loggedCtes, mergedCte, quarantinedCte } from './written.ts'

/**
 * One chunk in one statement (I1): rows into the target, the crosswalk, quarantine, corrections, merges, and the mark
 * in the ledger. `read` is counted from the driving relation alone, what was loaded or set aside from what was really
 * written, so a join that loses a row or a trigger that swallows one breaks the sum that the ledger checks (I2).
 */
export function chunkStatement(parts: MappingParts): string {
  const row = chunkRow(parts)
  const range = sql`${expressionOf(rangeCondition(parts))}`
  const ctes = [
    sql`source as (
  select count(*) as n
  from ${expressionOf(drivingRelation(parts))} as ${id(parts.source.alias)}
  where ${range}
)`,
    sql`s as materialized (
  ${row.query(range)}
)`,
    parts.mapping.kind === 'evolve' ? sql`loaded as (select where false)` : loadedCte(parts),
    ...updatedCtes(parts),
    walkedCte(parts),
    quarantinedCte(parts, row),
    ...(mergesRows(parts.mapping) ? [mergedCte(parts)] : []),
    ...loggedCtes(parts, row),
  ]
  const carried = carriedDispositions(parts)
  const marks = dispositionMarks.map((name) =>
    carried.includes(name) ? sql`${id(name)} = carried.${id(name)}` : sql`${id(name)} = 0`,
  )
  const counts = carried.map(
    (name) => sql`count(*) filter (where ${s(rowNames.disposition)} = ${literal(name)}) as ${id(name)}`,
  )
  const from = sql`
from (
  select ${sql.join(counts, sql.raw(',\n    '))}
  from s
) as carried`
  return compile(
    sql`with ${sql.join(ctes, sql.raw(', '))}
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  ${sql.join(marks, sql.raw(',\n  '))},
  finished_at = clock_timestamp()${carried.length === 0 ? sql`` : from}
where run_id = $1::bigint and mapping = ${sql.lit(parts.mapping.name)} and number = $2::bigint`.toOperationNode(),
  )
}

/** Rows that are neither loaded nor set aside. */
const dispositionMarks = ['merged', 'matched', 'excluded'] as const

/** Those of {@link dispositionMarks} that rows of the mapping can have: to count what cannot be is a look at every row. */
function carriedDispositions({ mapping }: MappingParts): readonly (typeof dispositionMarks)[number][] {
  const isPossible = {
    merged: mergesRows(mapping),
    matched: mapping.kind === 'evolve' || mapping.match !== undefined,
    excluded: mapping.where !== undefined,
  }
  return dispositionMarks.filter((name) => isPossible[name])
}

function walkedCte(parts: MappingParts): RawBuilder<unknown> {
  const names = parts.targetKey.map((column) => id(column.name))
  const values = carriedKey(parts).map(({ value }) => value)
  return sql`walked as (
  insert into ${expressionOf(tableNode(ledgerTables.crosswalk(parts.mapping.name)))} (source_key, disposition, ${sql.join(names)})
  select ${s(rowNames.key)}, ${s(rowNames.disposition)}, ${sql.join(values)}
  from s
)`
}

function id(name: string): Expression<unknown> {
  return identifierOf(name)
}

function s(name: string): Expression<unknown> {
  return columnOf('s', name)
}
