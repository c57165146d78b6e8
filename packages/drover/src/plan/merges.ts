import { sql } from 'kysely'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { adjustment } from './adjust.ts'
import { mergesRows } from './decided.ts'
import { ledgerTables } from './plan.ts'
import { fromLines, type MappingParts, unfixedOriginal } from './row.ts'
import { transformer } from './transform.ts'

/**
 * Sets the duplicates aside whose survivor was not loaded after all: a guard that only the chunk could judge refused it.
 * The merge is undone in the ledger, and an entry adjusts the counts (I2).
 */
export function settleMerges(parts: MappingParts): string | null {
  const { mapping, target, context } = parts
  if (!mergesRows(mapping)) return null
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))
  const name = sql.lit(mapping.name)
  const transform = transformer(mapping, target, context, 'resolve')
  const key = expressionOf(transform.placeOnce(sourceKey(mapping.key.map(expressionOf)).toOperationNode()))
  const noTarget = parts.targetKey.map((column) => sql`${expressionOf(identifier(column.name))} = null`)
  return compile(
    sql`with lost as (
  delete from drover.merge as merge
  using ${crosswalk} as survivor
  where merge.run_id = $1::bigint and merge.mapping = ${name}
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update ${crosswalk} as walked
  set disposition = 'quarantined', ${sql.join(noTarget)}
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, ${name}, ${key}, $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, ${unfixedOriginal(parts)}
  ${expressionOf(fromLines(parts, { transform }))}
  where ${key} collate "C" in (select source_key from lost)
)
${adjustment(mapping.name, 'merged', 'quarantined', sql`lost`)}`.toOperationNode(),
  )
}
