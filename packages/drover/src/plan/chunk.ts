import { type OperationNode, type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { isResolved } from './decided.ts'
import { updatedColumns, updatedCtes } from './images.ts'
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

/**
 * One chunk in one statement (I1): rows into the target, the crosswalk, quarantine, corrections, merges, and the mark
 * in the ledger. `read` is counted from the driving relation alone and the dispositions from what was really written,
 * so a join that loses a row or a trigger that swallows one breaks the sum that the ledger checks (I2).
 */
export function chunkStatement(parts: MappingParts): string {
  const row = transformRow(parts, 'chunk')
  const range = expressionOf(rangeCondition(parts))
  const ctes = [
    sql`source as (
  select count(*) as n
  from ${expressionOf(drivingRelation(parts))} as ${id(parts.source.alias)}
  where ${range}
)`,
    sql`s as materialized (
  select
    ${transformedColumns(parts, row)}
  ${expressionOf(fromLines(parts, row))}
  where ${range}
)`,
    parts.mapping.kind === 'evolve' ? sql`loaded as (select where false)` : loadedCte(parts),
    ...updatedCtes(parts),
    walkedCte(parts),
    quarantinedCte(parts, row),
    ...(parts.mapping.identity ? [mergedCte(parts)] : []),
    ...loggedCtes(parts, row),
  ]
  return compile(
    sql`with ${sql.join(ctes, sql.raw(', '))}
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = ${sql.lit(parts.mapping.name)} and number = $2::bigint`.toOperationNode(),
  )
}

/** The columns of `s`. `outcome`: without what is needed to keep the rows that are set aside. */
export function transformedColumns(
  parts: MappingParts,
  row: TransformedRow,
  purpose: 'write' | 'outcome' = 'write',
): RawBuilder<unknown> {
  const isEvolved = parts.mapping.kind === 'evolve'
  const resolved = isResolved(parts.mapping)
  const simple = isEvolved ? sql`'matched'` : sql`'loaded'`
  const fallback = resolved ? sql`coalesce(resolution.disposition, ${simple})` : simple
  const disposition = sql`case${row.excluded === undefined ? sql`` : sql` when ${expressionOf(row.excluded)} then 'excluded'`}${
    row.refused === undefined ? sql`` : sql` when ${expressionOf(row.refused)} then 'quarantined'`
  } else ${fallback} end`
  const columns: [OperationNode | RawBuilder<unknown>, string][] = [
    [row.key, rowNames.key],
    ...row.columns.map((column): [OperationNode, string] => [column.node, column.name]),
    [row.excluded === undefined && row.refused === undefined ? fallback : disposition, rowNames.disposition],
  ]
  if (resolved) {
    columns.push([sql`resolution.survivor_key`, '_survivor'])
    for (const { name } of parts.targetKey) columns.push([columnNode('resolution', name), existingKey(name)])
  }
  if (isEvolved) for (const { name } of parts.targetKey) columns.push([drivingColumn(parts, name), existingKey(name)])
  if (row.refused !== undefined) {
    const numbers = row.quarantines.map(
      (guard, i) => sql`case when ${expressionOf(guard.when)} then ${sql.lit(i + 1)} end`,
    )
    columns.push([
      sql`case when ${expressionOf(row.refused)} then array_remove(array[${sql.join(numbers)}], null) end`,
      rowNames.reasons,
    ])
    if (purpose === 'write')
      columns.push(
        hasPhysicalRows(parts.source)
          ? [drivingColumn(parts, 'ctid'), rowNames.place]
          : [sql`case when ${expressionOf(row.refused)} then ${unfixedOriginal(parts)} end`, rowNames.original],
      )
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
    columns.push([sql`case when ${any} then array[${sql.join(numbers)}] end`, rowNames.logged])
    columns.push([sql`case when ${any} then array[${sql.join(originals)}]::text[] end`, rowNames.originals])
  }
  return sql.join(
    columns.map(([node, name]) => sql`${'kind' in node ? expressionOf(node) : node} as ${id(name)}`),
    sql.raw(',\n    '),
  )
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
  row: TransformedRow,
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
function acceptanceOf({ quarantines }: TransformedRow) {
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
  row: TransformedRow,
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
