import { sql } from 'kysely'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { ledgerTables } from './plan.ts'
import { rangeCondition } from './range.ts'
import { drivingRelation, fromLines, type MappingParts, unfixedOriginal } from './row.ts'
import { transformer } from './transform.ts'

/**
 * Takes the chunk's statement's place for a row that the database refuses: nothing is computed of it but its key and, if
 * `$8` says so, whether `where` excludes it. Its original is kept, and the counts are those of what was written (I2).
 */
export function setAside(parts: MappingParts): string {
  const { mapping, source, target, context } = parts
  const transform = transformer(mapping, target, context, 'resolve')
  const key = transform.placeOnce(sourceKey(mapping.key.map(expressionOf)).toOperationNode())
  const where = mapping.where && transform.place(mapping.where)
  // Within a case nothing of it is evaluated where it is not asked.
  const isRefused = where
    ? sql`case when $8::boolean then (${expressionOf(where)}) is not true end`
    : sql`$8::boolean is null`
  const from = expressionOf(fromLines(parts, { transform }))
  const range = expressionOf(rangeCondition(parts))
  return compile(
    sql`with source as (
  select count(*) as n
  from ${expressionOf(drivingRelation(parts))} as ${sql.id(source.alias)}
  where ${range}
), s as materialized (
  select ${expressionOf(key)} as source_key,
    case when ${isRefused} then 'excluded' else 'quarantined' end as disposition,
    ${unfixedOriginal(parts)} as original
  ${from}
  where ${range}
), walked as (
  insert into ${expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))} (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, ${sql.lit(mapping.name)}, source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
  from s
  where disposition = 'quarantined'
  returning 1
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = 0,
  merged = 0,
  matched = 0,
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = ${sql.lit(mapping.name)} and number = $2::bigint
returning quarantined`.toOperationNode(),
  )
}
