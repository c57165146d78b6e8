import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { type Sight, sightOf } from './cells.ts'
import { type Differences, readDifferences } from './differences.ts'
import { type NamedRow, requireAll, requireMapping } from './named-rows.ts'
import { repairStatement } from './selected.ts'

/** Rows that are one thing. */
export interface MergeGroup {
  readonly mapping: string
  readonly survivor: string
  /** Source keys of the rows that the survivor stands for, in their order. */
  readonly merged: readonly string[]
  /** Null where the rows cannot be read from their source by their keys. */
  readonly differences: Differences | null
}

/**
 * The groups of merged rows that a key belongs to, as survivor or as one of the others: one for each mapping.
 *
 * @throws DroverError `row-missing`, `key-ambiguous`.
 */
export async function findMerged(
  tx: Queryable,
  run: Run,
  { mapping, key }: { readonly mapping?: string | undefined; readonly key: string },
): Promise<readonly NamedRow[]> {
  requireMapping(run, mapping)
  const query = sql`select distinct step.mapping, step.position
from drover.merge
join drover.step on step.run_id = merge.run_id and step.mapping = merge.mapping
where merge.run_id = ${sql.lit(run.id)} and ${sql.lit(key)} in (merge.source_key, merge.survivor_key)
  and ${mapping === undefined ? sql`true` : sql`merge.mapping = ${sql.lit(mapping)}`}
order by step.position`
  const rows = await tx.query(repairStatement(run.id, 'merges find', query))
  const found = rows.map((row) => ({ mapping: row.mapping as string, key }))
  const named = { ...(mapping === undefined ? {} : { mapping }), keys: [key] }
  requireAll(run, found, named, 'merged', 'drover merges list')
  return found
}

/** A group of merged rows, values masked unless they are asked for. */
export async function readMergeGroup(
  tx: Queryable,
  run: Run,
  { mapping, key }: NamedRow,
  { showsValues }: Pick<Sight, 'showsValues'>,
): Promise<MergeGroup> {
  const query = sql`select survivor_key, array_agg(source_key order by source_key) as keys
from drover.merge
where run_id = ${sql.lit(run.id)} and mapping = ${sql.lit(mapping)} and survivor_key = (
  select survivor_key
  from drover.merge
  where run_id = ${sql.lit(run.id)} and mapping = ${sql.lit(mapping)} and ${sql.lit(key)} in (source_key, survivor_key)
  limit 1
)
group by survivor_key`
  const [row] = await tx.query(repairStatement(run.id, `${mapping} merges show`, query))
  const survivor = row!.survivor_key as string
  const merged = row!.keys as readonly string[]
  const sight = sightOf(run.plan, mapping, showsValues)
  return {
    mapping,
    survivor,
    merged,
    differences: await readDifferences(tx, run, { mapping, survivor, merged, sight }),
  }
}
