import { type RawBuilder, sql } from 'kysely'
import type { RollbackKind } from '../../ledger/rollback-chunk.ts'
import type { MappingPlan } from '../../plan/plan.ts'
import { columnOf } from '../../sql/nodes.ts'

/**
 * Whether the entry `alias` of the crosswalk (`remove`, `unlink`) or of the before-images (`restore`) lies in a chunk
 * that a rollback has done. The chunks of a kind have one size, but for the last: an entry's chunk is computed, not
 * searched for.
 */
export function isTakenBack({ name }: MappingPlan, kind: RollbackKind, alias: string): RawBuilder<unknown> {
  const of = (select: string, further = sql``) => sql`(
      select ${sql.raw(select)}
      from drover.rollback_chunk as chunk
      where chunk.run_id = $1::bigint and chunk.mapping = ${sql.lit(name)} and chunk.kind = ${sql.lit(kind)}${further}
    )`
  const block = sql`(${columnOf(alias, 'ctid')}::text::point)[0]::bigint`
  const size = sql`coalesce(${of('max(chunk.upper - chunk.lower)')}, 1)`
  return sql`least(${of('max(chunk.lower)')}, ${block} / ${size} * ${size}) in ${of('chunk.lower', sql` and chunk.state = 'done'`)}`
}
