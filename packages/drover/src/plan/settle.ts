import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { adjustment } from './adjust.ts'
import { readsDeferred } from './late.ts'
import { ledgerTables, type SettleStatements } from './plan.ts'
import { transformedColumns } from './printed-row.ts'
import { fromLines, type MappingParts, rowNames, transformRow } from './row.ts'
import { loggedCtes, quarantinedCte } from './written.ts'

/** The columns that are loaded as null and filled when the references in them can be followed. */
export function deferredColumns({ mapping, targetColumns, context }: MappingParts): readonly Column[] {
  return targetColumns.filter(({ name }) => readsDeferred(mapping.columns[name], context.deferred))
}

/** The statements that fill them, over all loaded rows of the mapping at once. */
export function settleStatements(parts: MappingParts, after: string): SettleStatements | null {
  const columns = deferredColumns(parts)
  if (columns.length === 0) return null
  const late = { ...parts, targetColumns: columns }
  const row = transformRow(late, 'settle')
  const loaded = walkedRow(parts)
  const rows = sql`s as materialized (
  select
    ${transformedColumns(late, row)},
    ${sql.join(loaded.columns, sql.raw(',\n    '))}
  ${expressionOf(fromLines(late, row, [loaded.join(expressionOf(row.key)).toOperationNode()]))}
  where walked.disposition = 'loaded'
)`
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(parts.mapping.name)))
  const target = expressionOf(tableNode(parts.target))
  const noKey = parts.targetKey.map(({ name }) => sql`${id(name)} = null`)
  const refused = sql`${s(rowNames.disposition)} = 'quarantined'`
  const values = columns.map(({ name }) => sql`${id(name)} = ${s(name)}`)
  const isFilled = columns.map(({ name }) => sql`${s(name)} is not null`)
  return {
    after,
    quarantine:
      row.refused === undefined
        ? null
        : compile(
            sql`with ${rows}, deleted as (
  delete from ${target} as t
  using s
  where ${refused} and ${isSameRow(parts)}
), walked as (
  update ${crosswalk} as walked
  set disposition = 'quarantined', ${sql.join(noKey)}
  from s
  where ${refused} and walked.source_key = ${s(rowNames.key)}
), ${quarantinedCte(late, row)}
${adjustment(parts.mapping.name, 'loaded', 'quarantined', sql`quarantined`)}`.toOperationNode(),
          ),
    fill: compile(
      sql`with ${sql.join([rows, ...loggedCtes(late, row)], sql.raw(', '))}
update ${target} as t
set ${sql.join(values)}
from s
where (${sql.join(isFilled, sql` or `)}) and ${isSameRow(parts)}
  and exists (select from drover.run where id = $1::bigint)`.toOperationNode(),
    ),
  }
}

/** The row of the crosswalk that says what became of the source row. */
function walkedRow({ mapping, targetKey }: MappingParts) {
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))
  return {
    columns: targetKey.map(
      ({ name }) => sql`${expressionOf(columnNode('walked', name))} as ${id(`${rowNames.walked}${name}`)}`,
    ),
    join: (key: RawBuilder<unknown> | ReturnType<typeof expressionOf>) =>
      sql`join ${crosswalk} as walked on walked.source_key = ${key} collate "C"`,
  }
}

function isSameRow({ targetKey }: MappingParts): RawBuilder<unknown> {
  return sql.join(
    targetKey.map(({ name }) => sql`${expressionOf(columnNode('t', name))} = ${s(`${rowNames.walked}${name}`)}`),
    sql` and `,
  )
}

function s(name: string) {
  return expressionOf(columnNode('s', name))
}

function id(name: string) {
  return expressionOf(identifier(name))
}
