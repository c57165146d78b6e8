import { type RawBuilder, sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, parseName } from '../sql/nodes.ts'
import { tablesIn } from './lineage.ts'
import { isFixable, rowKeyOf } from './overlay.ts'
import { nameRows, walkedJoin } from './repair-keys.ts'
import { fromLines, type MappingParts } from './row.ts'
import { transformer } from './transform.ts'

/**
 * Names the rows that are made of a row of the source which has a fix: of the driving table or of one that is joined. Rows
 * in quarantine are left to those who ask for them. Null where no such table can be fixed.
 */
export function readersStatement(parts: MappingParts): string | null {
  const { mapping, target, source, context } = parts
  const conditions = [...source.tables]
    .filter(([, table]) => isFixable(table, context.overlay))
    .map(
      ([alias, table]) =>
        sql`${rowKeyOf(table, alias)} collate "C" in (select row_key from drover.overlay where ${isFix(parts, [qualifiedName(table)])})`,
    )
  if (conditions.length === 0) return null
  const transform = transformer(mapping, target, context, 'recompute')
  const key = sql`${expressionOf(transform.placeOnce(sourceKey(mapping.key.map(expressionOf)).toOperationNode()))}`
  const from = fromLines(parts, { transform }, [walkedJoin(parts, key).toOperationNode()])
  return compile(
    nameRows(
      mapping.name,
      sql`
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  ${expressionOf(from)}
  where walked.disposition <> 'quarantined' and (${sql.join(conditions, sql` or `)})`,
    ).toOperationNode(),
  )
}

/** Returns a row where the stored query of the mapping reads a table that has fixes. */
export function fixedSource(parts: MappingParts): string {
  const { source, context } = parts
  const names = source.driving.kind === 'query' ? tablesIn(source.driving.query) : []
  const fixable = names.filter((name) => {
    const table = findTable(context.catalog, qualifiedName(parseName(name)))
    return table !== undefined && isFixable(table, context.overlay)
  })
  return compile(sql`select from drover.overlay where ${isFix(parts, fixable)} limit 1`.toOperationNode())
}

function isFix({ context }: MappingParts, relations: readonly string[]): RawBuilder<unknown> {
  const isOne =
    relations.length === 0 ? sql`false` : sql`relation in (${sql.join(relations.map((name) => sql.lit(name)))})`
  return sql`migration = ${sql.lit(context.overlay.migration)} and ${isOne}`
}
