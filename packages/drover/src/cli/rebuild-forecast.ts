import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import type { Plan } from '../plan/plan.ts'
import { forecastRebuild } from '../plan/rebuild-forecast.ts'
import { renderBytes, renderDuration, renderRows } from '../report/figures.ts'
import { parseName } from '../sql/nodes.ts'

/** What it will take to make again what a run takes off its targets, a line for each; none of tables about which nothing is known. */
export async function rebuildForecast(db: Database, plan: Plan): Promise<readonly string[]> {
  const rows = await sourceRows(db, plan)
  return plan.rebuilds.flatMap((rebuild) => {
    const table = findTable(plan.catalog, qualifiedName(parseName(rebuild.table)))
    const known = rebuild.mappings.map((mapping) => rows.get(mapping))
    if (table === undefined || known.some((count) => count === undefined)) return []
    const count = known.reduce((sum: number, each) => sum + each!, 0)
    if (count < fewRows) return []
    const { indexBytes, seconds } = forecastRebuild(rebuild, table, count)
    return [
      `Indexes and constraints of ${rebuild.table}, about ${renderRows(BigInt(count), 'row')}: ${renderBytes(indexBytes)} and as much for sorting, ${renderDuration(seconds * 1000)} on one core.`,
    ]
  })
}

/** Below this, nobody waits for it. */
const fewRows = 100_000

/** How many rows the sources of the mappings hold, as the server's statistics have it. */
async function sourceRows(db: Database, { mappings }: Plan): Promise<ReadonlyMap<string, number>> {
  const read = mappings.filter(({ source }) => source !== 'query')
  const found = await db.transaction(
    (tx) =>
      tx.query(
        `select named.mapping, c.reltuples::float8 as rows
from unnest($1::text[], $2::text[], $3::text[]) as named (mapping, schema_name, table_name)
join pg_namespace n on n.nspname = named.schema_name
join pg_class c on c.relnamespace = n.oid and c.relname = named.table_name
where c.reltuples >= 0`,
        [
          read.map(({ name }) => name),
          read.map(({ source }) => parseName(source).schema),
          read.map(({ source }) => parseName(source).name),
        ],
      ),
    { readOnly: true },
  )
  return new Map(found.map((row) => [row.mapping as string, Math.round(row.rows as number)]))
}
