import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { repairStatement } from './selected.ts'

/** What became of the duplicates of a mapping. Counts are int8, as bigint. */
export interface MergedMapping {
  readonly mapping: string
  /** Rows that another one stands for. */
  readonly merged: bigint
  /** Rows that stand for others. */
  readonly survivors: bigint
  /** Rows of the largest group, its survivor included, and its survivor's source key. */
  readonly largest: bigint
  readonly largestSurvivor: string
}

/** The mappings whose rows were merged, in the order of the plan. */
export async function readMergedMappings(tx: Queryable, run: Run): Promise<readonly MergedMapping[]> {
  const query = sql`select step.mapping, sum(n) as merged, count(*) as survivors, max(n) + 1 as largest,
  (array_agg(survivor_key order by n desc, survivor_key))[1] as survivor_key
from (
  select mapping, survivor_key, count(*) as n
  from drover.merge
  where run_id = ${sql.lit(run.id)}
  group by mapping, survivor_key
) as merged
join drover.step on step.run_id = ${sql.lit(run.id)} and step.mapping = merged.mapping
group by step.mapping, step.position
order by step.position`
  const rows = await tx.query(repairStatement(run.id, 'merges list', query))
  return rows.map((row) => ({
    mapping: row.mapping as string,
    merged: BigInt(row.merged as string),
    survivors: BigInt(row.survivors as string),
    largest: BigInt(row.largest as string),
    largestSurvivor: row.survivor_key as string,
  }))
}

/** A row and how many others it stands for, as bigint. */
export interface ListedGroup {
  readonly survivor: string
  readonly merged: bigint
  /** The lowest few of their keys. */
  readonly sampleKeys: readonly string[]
}

/** A page of merged groups. */
export interface GroupPage {
  /** In the order of the survivors' keys. */
  readonly groups: readonly ListedGroup[]
  /** Where the next page begins: after this key. Null on the last one. */
  readonly after: string | null
}

/** The groups of one mapping, from the first survivor after `after` on. */
export async function readGroupPage(
  tx: Queryable,
  run: Run,
  mapping: string,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<GroupPage> {
  const isAfter = after === undefined ? sql`true` : sql`survivor_key > ${sql.lit(after)}`
  const query = sql`select survivor_key, count(*) as n, (array_agg(source_key order by source_key))[1:5] as keys
from drover.merge
where run_id = ${sql.lit(run.id)} and mapping = ${sql.lit(mapping)} and ${isAfter}
group by survivor_key
order by survivor_key
limit ${sql.lit(limit + 1)}`
  const rows = await tx.query(repairStatement(run.id, `${mapping} merges list`, query))
  const groups = rows.slice(0, limit).map((row) => ({
    survivor: row.survivor_key as string,
    merged: BigInt(row.n as string),
    sampleKeys: row.keys as readonly string[],
  }))
  return { groups, after: rows.length > limit ? groups.at(-1)!.survivor : null }
}
