import { findTable, qualifiedName } from '../catalog/catalog.ts'
import { readSourceRows } from '../check/source-rows.ts'
import type { Database } from '../db/connection.ts'
import type { Plan } from '../plan/plan.ts'
import { forecastRebuild } from '../plan/rebuild-forecast.ts'
import { renderBytes, renderDuration, renderRows } from '../report/figures.ts'
import { parseName } from '../sql/nodes.ts'

/**
 * What it will take to make again what a run takes off its targets, a line for each; none of tables about which nothing
 * is known.
 */
export async function rebuildForecast(db: Database, plan: Plan): Promise<readonly string[]> {
  const rows = await readSourceRows(db, plan)
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
