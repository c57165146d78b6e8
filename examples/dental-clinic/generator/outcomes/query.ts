import type { LegacyTable } from '../scale.ts'

/** What becomes of a mapping's source rows: a query for its exceptions, as rows (id, kind, detail). */
export interface OutcomeQuery {
  readonly source: LegacyTable
  readonly exceptions: string
}

/** Every row is loaded as it is. */
export const noExceptions = `select null as id, null as kind, null as detail where false`
