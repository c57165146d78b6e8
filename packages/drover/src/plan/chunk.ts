import { type OperationNode, type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, printed, tableNode } from '../sql/nodes.ts'
import { remembered } from '../sql/tree.ts'
import { isResolved, mergesRows } from './decided.ts'
import { updatedColumns, updatedCtes } from './images.ts'
import type { Phase } from './late.ts'
import { ledgerTables } from './plan.ts'
import { rangeCondition } from './range.ts'
import {
  drivingColumn,
  drivingRelation,
  fromLines,
  hasPhysicalRows,
  type MappingParts,
  originalAt,
  rowNames,
  type TransformedRow,
  transformRow,
  unfixedOriginal,
} from './row.ts'
import type { PlacedGuard } from './transform.ts'

/** A transformed row as text, for all statements that hold it. */
export interface PrintedRow extends Pick<TransformedRow, 'key' | 'quarantines' | 'logs' | 'refused'> {
  readonly columns: OperationNode
  /** The columns without what is needed to keep the rows that are set aside. */
  readonly outcome: OperationNode
  readonly from: OperationNode
}

/** The row of a chunk: that of a repair is the same, and that of a comparison, where nothing is known later. */
export const chunkRow = remembered((parts: MappingParts) => printRow(parts, 'chunk'))

export function printRow(parts: MappingParts, phase: Phase): PrintedRow {
  const row = transformRow(parts, phase)
  const print = (node: OperationNode) => printed(compile(node))
  const printGuard = (guard: PlacedGuard) => ({ ...guard, when: print(guard.when), original: undefined })
  const columns = rowColumns(parts, row).map(({ name, node }) => ({ name, text: compile(namedColumn({ name, node })) }))
  const list = (listed: typeof columns) => printed(listed.map(({ text }) => text).join(betweenColumns))
  return {
    key: print(row.key),
    quarantines: row.quarantines.map(printGuard),
    logs: row.logs.map(printGuard),
    refused: row.refused && print(row.refused),
    columns: list(columns),
    outcome: list(columns.filter(({ name }) => !keeping.has(name))),
    from: print(fromLines(parts, row)),
  }
}

/**
 * One chunk in one statement (I1): rows into the target, the crosswalk, quarantine, corrections, merges, and the mark
 * in the ledger. `read` is counted from the driving relation alone and the dispositions from what was really written,
 * so a join that loses a row or a trigger that swallows one breaks the sum that the ledger checks (I2).
 */
export function chunkStatement(parts: MappingParts): string {
  const row = chunkRow(parts)
  const range = expressionOf(rangeCondition(parts))
  const ctes = [
    sql`source as (
  select count(*) as n
  from ${expressionOf(drivingRelation(parts))} as ${id(parts.source.alias)}
  where ${range}
)`,
    sql`s as materialized (
  select
    ${expressionOf(row.columns)}
  ${expressionOf(row.from)}
  where ${range}
)`,
    parts.mapping.kind === 'evolve' ? sql`loaded as (select where false)` : loadedCte(parts),
    ...updatedCtes(parts),
    walkedCte(parts),
    quarantinedCte(parts, row),
    ...(mergesRows(parts.mapping) ? [mergedCte(parts)] : []),
    ...loggedCtes(parts, row),
  ]
  return compile(
    sql`with ${sql.join(ctes, sql.raw(', '))}
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  merged = carried.merged,
  matched = carried.matched,
  quarantined = (select count(*) from quarantined),
  excluded = carried.excluded,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where disposition = 'merged') as merged,
    count(*) filter (where disposition = 'matched') as matched,
    count(*) filter (where disposition = 'excluded') as excluded
  from walked
) as carried
where run_id = $1::bigint and mapping = ${sql.lit(parts.mapping.name)} and number = $2::bigint`.toOperationNode(),
  )
}

/** Columns that keep the rows that are set aside. */
const keeping: ReadonlySet<string> = new Set([rowNames.place, rowNames.original])

const betweenColumns = ',\n    '

/** The columns of `s`. `outcome`: without what is needed to keep the rows that are set aside. */
export function transformedColumns(
  parts: MappingParts,
  row: TransformedRow,
  purpose: 'write' | 'outcome' = 'write',
): RawBuilder<unknown> {
  const columns = rowColumns(parts, row).filter(({ name }) => purpose === 'write' || !keeping.has(name))
  return sql.join(
    columns.map((column) => expressionOf(namedColumn(column))),
    sql.raw(betweenColumns),
  )
}

interface RowColumn {
  readonly name: string
  readonly node: OperationNode
}

function namedColumn({ name, node }: RowColumn): OperationNode {
  return sql`${expressionOf(node)} as ${id(name)}`.toOperationNode()
}

function rowColumns(parts: MappingParts, row: TransformedRow): readonly RowColumn[] {
  const isEvolved = parts.mapping.kind === 'evolve'
  const resolved = isResolved(parts.mapping)
  const simple = isEvolved ? sql`'matched'` : sql`'loaded'`
  const fallback = resolved ? sql`coalesce(resolution.disposition, ${simple})` : simple
  const disposition = sql`case${row.excluded === undefined ? sql`` : sql` when ${expressionOf(row.excluded)} then 'excluded'`}${
    row.refused === undefined ? sql`` : sql` when ${expressionOf(row.refused)} then 'quarantined'`
  } else ${fallback} end`
  const columns: RowColumn[] = [{ name: rowNames.key, node: row.key }, ...row.columns]
  const add = (name: string, value: { toOperationNode(): OperationNode }) =>
    void columns.push({ name, node: value.toOperationNode() })
  add(rowNames.disposition, row.excluded === undefined && row.refused === undefined ? fallback : disposition)
  if (resolved) {
    add('_survivor', sql`resolution.survivor_key`)
    for (const { name } of parts.targetKey) add(existingKey(name), expressionOf(columnNode('resolution', name)))
  }
  if (isEvolved)
    for (const { name } of parts.targetKey) add(existingKey(name), expressionOf(drivingColumn(parts, name)))
  if (row.refused !== undefined) {
    const refused = expressionOf(row.refused)
    const numbers = row.quarantines.map(
      (guard, i) => sql`case when ${expressionOf(guard.when)} then ${sql.lit(i + 1)} end`,
    )
    add(rowNames.reasons, sql`case when ${refused} then array_remove(array[${sql.join(numbers)}], null) end`)
    if (hasPhysicalRows(parts.source)) add(rowNames.place, expressionOf(drivingColumn(parts, 'ctid')))
    else add(rowNames.original, sql`case when ${refused} then ${unfixedOriginal(parts)} end`)
  }
  if (row.logs.length > 0) {
    const any = sql.join(
      row.logs.map((guard) => expressionOf(guard.when)),
      sql` or `,
    )
    const numbers = row.logs.map((guard, i) => sql`case when ${expressionOf(guard.when)} then ${sql.lit(i + 1)} end`)
    const originals = row.logs.map((guard) =>
      guard.original ? sql`(${expressionOf(guard.original)})::text` : sql`null`,
    )
    add(rowNames.logged, sql`case when ${any} then array[${sql.join(numbers)}] end`)
    add(rowNames.originals, sql`case when ${any} then array[${sql.join(originals)}]::text[] end`)
  }
  return columns
}

export function loadedCte(parts: MappingParts): RawBuilder<unknown> {
  const columns = parts.targetColumns.map((column) => id(column.name))
  const overriding = parts.targetColumns.some((column) => column.identity === 'always')
    ? sql` overriding system value`
    : sql``
  return sql`loaded as (
  insert into ${expressionOf(tableNode(parts.target))} (${sql.join(columns)})${overriding}
  select ${sql.join(columns)}
  from s
  where ${s(rowNames.disposition)} = 'loaded'
  returning 1
)`
}

/** The key of the target row that stands for the source row, by column of the crosswalk. */
export function carriedKey(
  parts: MappingParts,
): readonly { readonly name: string; readonly value: RawBuilder<unknown> }[] {
  const isEvolved = parts.mapping.kind === 'evolve'
  return parts.targetKey.map(({ name }) => {
    const loaded = isEvolved ? sql`` : sql` when 'loaded' then ${s(name)}`
    const existing =
      isEvolved || isResolved(parts.mapping)
        ? sql` when 'merged' then ${s(existingKey(name))} when 'matched' then ${s(existingKey(name))}`
        : sql``
    return { name, value: sql`case ${s(rowNames.disposition)}${loaded}${existing} end` }
  })
}

function walkedCte(parts: MappingParts): RawBuilder<unknown> {
  const names = parts.targetKey.map((column) => id(column.name))
  const values = carriedKey(parts).map(({ value }) => value)
  return sql`walked as (
  insert into ${expressionOf(tableNode(ledgerTables.crosswalk(parts.mapping.name)))} (source_key, disposition, ${sql.join(names)})
  select ${s(rowNames.key)}, ${s(rowNames.disposition)}, ${sql.join(values)}
  from s
  returning disposition
)`
}

/** `again`: rows may be in quarantine already; they keep the original that was kept first. */
export function quarantinedCte(
  parts: MappingParts,
  row: Pick<TransformedRow, 'quarantines' | 'refused'>,
  time: 'first' | 'again' = 'first',
): RawBuilder<unknown> {
  if (row.refused === undefined) return sql`quarantined as (select where false)`
  const { mapping, source } = parts
  const original = hasPhysicalRows(source) ? originalAt(parts, s(rowNames.place)) : s(rowNames.original)
  const acceptance = acceptanceOf(row)
  return sql`quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original${acceptance.columns})
  select $1::bigint, ${sql.lit(mapping.name)}, ${s(rowNames.key)}, $2::bigint,
    (array[${sql.join(row.quarantines.map((guard) => sql.lit(guard.code)))}])[${s(rowNames.reasons)}[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values ${sql.join(row.quarantines.map(guardValues))}) as guard (number, code, column_name)
      where guard.number = any (${s(rowNames.reasons)})
    ),
    ${original}${acceptance.values}
  from s
  where ${s(rowNames.disposition)} = 'quarantined'${time === 'first' ? sql`` : sql`${keepsOriginal}${acceptance.again}`}
  returning 1
)`
}

const keepsOriginal = sql`
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at`

/** Rows whose first reason is one that the migration accepts are accepted with the insert: nobody decides on them later. */
function acceptanceOf({ quarantines }: Pick<TransformedRow, 'quarantines'>) {
  const accepting = quarantines.flatMap(({ accepted }, i) => (accepted ? [sql.lit(i + 1)] : []))
  if (accepting.length === 0) return { columns: sql``, values: sql``, again: sql`` }
  const isAccepted = sql`${s(rowNames.reasons)}[1] in (${sql.join(accepting)})`
  return {
    columns: sql`, accepted_at, accepted_by, accepted_why`,
    values: sql`,
    case when ${isAccepted} then clock_timestamp() end,
    case when ${isAccepted} then session_user end,
    case when ${isAccepted} then ${declared} end`,
    // What the migration accepted, it may see otherwise after a fix; what a person did, it does not.
    again: sql.join(
      ['accepted_at', 'accepted_by', 'accepted_why'].map(
        (name) =>
          sql`,\n    ${id(name)} = case when quarantine.accepted_why <> ${declared} then quarantine.${id(name)} else excluded.${id(name)} end`,
      ),
      sql``,
    ),
  }
}

const declared = sql.lit('declared by the migration')

export function mergedCte(parts: MappingParts): RawBuilder<unknown> {
  return sql`merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, ${sql.lit(parts.mapping.name)}, ${s(rowNames.key)}, ${s('_survivor')}
  from s
  where ${s(rowNames.disposition)} = 'merged'
)`
}

/** Corrections and notes of the rows whose values reached the target: all, or those of which `further` holds for `guard`. */
export function loggedCtes(
  parts: MappingParts,
  row: Pick<TransformedRow, 'logs'>,
  further: RawBuilder<unknown> = sql``,
): readonly RawBuilder<unknown>[] {
  const all = row.logs.map((guard, i) => ({ guard, number: i + 1 }))
  const written = updatedColumns(parts).length > 0 ? sql`('loaded', 'matched')` : sql`('loaded')`
  const ofDuplicates = all.filter(({ guard }) => guard.ofDuplicates).map(({ number }) => sql.lit(number))
  const isWritten = sql`${s(rowNames.disposition)} in ${written}`
  const isLogged =
    ofDuplicates.length === 0
      ? isWritten
      : sql`(${isWritten} or ${s(rowNames.disposition)} = 'merged' and log.number in (${sql.join(ofDuplicates)}))`
  const insertInto = (outcome: PlacedGuard['outcome'], cte: string, original: boolean) => {
    const guards = all.filter(({ guard }) => guard.outcome === outcome)
    if (guards.length === 0) return []
    return [
      sql`${sql.raw(cte)}s as (
  insert into drover.${sql.raw(cte)} (run_id, mapping, source_key, code, column_name${original ? sql`, original` : sql``})
  select $1::bigint, ${sql.lit(parts.mapping.name)}, ${s(rowNames.key)}, guard.code, guard.column_name${original ? sql`, log.original` : sql``}
  from s
  cross join lateral unnest(${s(rowNames.logged)}, ${s(rowNames.originals)}) as log (number, original)
  join (values ${sql.join(guards.map(({ guard, number }) => guardValues(guard, number - 1)))}) as guard (number, code, column_name) on guard.number = log.number
  where ${isLogged} and ${s(rowNames.logged)} is not null${further}
)`,
    ]
  }
  return [...insertInto('correct', 'correction', true), ...insertInto('note', 'note', false)]
}

function guardValues(guard: PlacedGuard, index: number): RawBuilder<unknown> {
  return sql`(${sql.lit(index + 1)}, ${sql.lit(guard.code)}, ${sql.lit(guard.column)})`
}

/** The name of a column of the transformed row: the key of the target row that exists already. */
function existingKey(column: string): string {
  return `${rowNames.existing}${column}`
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}

function s(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(columnNode('s', name))}`
}
