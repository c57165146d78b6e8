import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { splitRead } from '../plan/lineage.ts'
import { sourceColumns } from '../plan/source-columns.ts'
import { compile } from '../sql/compile.ts'
import { mask } from '../sql/mask.ts'
import { expressionOf, parameter } from '../sql/nodes.ts'
import type { MaskedRow } from './report.ts'

/** Rows that a group shows at most, and columns of each. */
const shownRows = 3
const shownColumns = 6

/** Quarantined rows of one cause, as far as it says what to show of them. */
export interface MaskedGroup {
  readonly mapping: string
  /** Target columns. */
  readonly columns: readonly string[]
  readonly sampleKeys: readonly string[]
}

/**
 * The first rows of each group as the ledger keeps them, masked in the database (I8): of the source columns that the
 * group's target columns were made from, or of all where that is not known, the first few. What is secret is not in the
 * ledger. In the order of the groups.
 */
export async function readMaskedRows(
  tx: Queryable,
  { id, plan }: Pick<Run, 'id' | 'plan'>,
  groups: readonly MaskedGroup[],
): Promise<readonly (readonly MaskedRow[])[]> {
  const known = new Map(plan.mappings.map(({ name }) => [name, sourceColumns(plan, name)]))
  const asked = groups.map(({ mapping, columns, sampleKeys }, place) => ({
    place,
    mapping,
    keys: sampleKeys.slice(0, shownRows),
    made_from: madeFrom(plan, mapping, columns),
    known: known.get(mapping) ?? [],
  }))
  const value = mask(sql`quarantine.original ->> shown.name`)
  // An original lists its columns by their length. Each row is looked up by the primary key, whatever the planner
  // thinks of a table without statistics: a join may compare every key with every row.
  const query = sql`select asked.place, quarantine.source_key, (
  select jsonb_agg(jsonb_build_array(shown.name, ${value}) order by shown.position)
  from (
    select own.name, row_number() over (
      order by array_position(asked.made_from, own.name), array_position(asked.known, own.name), own.name collate "C"
    ) as position
    from jsonb_object_keys(quarantine.original) as own (name)
    where own.name = any (asked.made_from) or not quarantine.original ?| asked.made_from
  ) as shown
  where shown.position <= ${sql.lit(shownColumns)}
) as cells
from jsonb_to_recordset(${expressionOf(parameter(2, 'jsonb'))})
  as asked (place integer, mapping text, keys text[], made_from text[], known text[])
cross join unnest(asked.keys) as named (key)
cross join lateral (
  select source_key, original
  from drover.quarantine
  where run_id = ${expressionOf(parameter(1, 'bigint'))} and mapping = asked.mapping and source_key = named.key
  limit 1
) as quarantine
order by asked.place, quarantine.source_key`
  const rows = await tx.query(`/* drover run ${id} report */\n${compile(query.toOperationNode())}`, [
    id,
    JSON.stringify(asked),
  ])
  const shown: MaskedRow[][] = groups.map(() => [])
  for (const row of rows) {
    const cells = (row.cells ?? []) as readonly (readonly [string, string | null])[]
    shown[row.place as number]!.push({ key: row.source_key as string, values: Object.fromEntries(cells) })
  }
  return shown
}

/** The source columns that target columns were made from. */
function madeFrom({ mappings }: Run['plan'], mapping: string, columns: readonly string[]): readonly string[] {
  const lineage = mappings.find(({ name }) => name === mapping)?.columns ?? []
  const reads = columns.flatMap((column) => lineage.find(({ name }) => name === column)?.reads ?? [])
  return [...new Set(reads.map((read) => splitRead(read)[1]))]
}
