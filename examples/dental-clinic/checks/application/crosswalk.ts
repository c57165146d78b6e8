import type { ProbeContext } from 'drover'

/** Which new row each legacy row became, by legacy id. */
export interface Crosswalk {
  /** The new id; undefined where the row has none. */
  idOf(legacyId: string | null): string | undefined
  /** Whether the row itself became the new row, rather than one that is the same thing. */
  isSurvivor(legacyId: string): boolean
}

type Mapping =
  | 'clinics'
  | 'profiles'
  | 'user_clinic_roles'
  | 'providers'
  | 'metric_definitions'
  | 'connection_sheets'
  | 'spreadsheet_connections'
  | 'goals'
  | 'dashboards'

/** Reads a mapping's whole crosswalk. */
export async function readCrosswalk(query: ProbeContext['query'], mapping: Mapping): Promise<Crosswalk> {
  const rows = await query(`select source_key, id, disposition from drover.crosswalk_${mapping}`)
  const ids = new Map(rows.flatMap(({ source_key, id }) => (id === null ? [] : [[source_key, String(id)] as const])))
  const losers = new Set(rows.flatMap(({ source_key, disposition }) => (disposition === 'merged' ? [source_key] : [])))
  return {
    idOf: (legacyId) => (legacyId === null ? undefined : ids.get(legacyId)),
    isSurvivor: (legacyId) => !losers.has(legacyId),
  }
}

/** The new ids of some metric values: there are too many to read all. */
export async function readValueIds(
  query: ProbeContext['query'],
  legacyIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await query(
    'select source_key, id from drover.crosswalk_metric_values where source_key = any ($1) and id is not null',
    [legacyIds],
  )
  return new Map(rows.map(({ source_key, id }) => [String(source_key), String(id)]))
}
