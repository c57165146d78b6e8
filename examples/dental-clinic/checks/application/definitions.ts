import { readCrosswalk } from './crosswalk.ts'
import type { World } from './world.ts'

/** The metrics, as they are now, and what each of them was before. */
export async function readDefinitions({ legacy, query }: World) {
  const crosswalk = await readCrosswalk(query, 'metric_definitions')
  const rows = await legacy.metricDefinition.findMany({ orderBy: { id: 'asc' } })
  const before = Map.groupBy(rows, ({ id }) => crosswalk.idOf(id) ?? `of legacy ${id}`)
  return {
    all: [...before.keys()],
    legacyIds: (definitionId: string) => (before.get(definitionId) ?? []).map(({ id }) => id),
  }
}
