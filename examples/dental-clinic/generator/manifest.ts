import type { Cells } from './cells.ts'
import type { Documents } from './documents.ts'
import type { Figures } from './figures.ts'
import type { LegacyTable, Scale } from './scale.ts'

/**
 * What the generator put into a database, and what a migration must therefore make of it. It lists exceptions only: a
 * row that is named nowhere is loaded as it is.
 *
 * Ids are legacy ids, in the order of their bytes; where a mapping reads from a query, they are that query's keys.
 */
export interface Manifest {
  readonly version: 1
  readonly seed: number
  readonly scale: Scale
  readonly foreignKeys: 'strict' | 'loose'
  readonly cutover: typeof cutover
  /** Rows per legacy table, compound rows included. */
  readonly tables: Readonly<Record<LegacyTable, number>>
  /** By code: V01 … V26 for metric values, `table/defect` for the others. */
  readonly defects: Readonly<Record<string, DefectRecord>>
  readonly mappings: Readonly<Record<string, MappingOutcome>>
  readonly figures: Figures & Cells
  /** Provider → the user who is the same person. */
  readonly logins: Readonly<Record<string, string>>
  /** User → the password hash that his auth account must hold. */
  readonly passwords: Readonly<Record<string, string>>
  readonly documents: Documents
  /** Metric values with several defects each; no other part of the manifest counts them, except `tables`. */
  readonly compound: readonly string[]
}

export interface DefectRecord {
  /** How many rows were injected; equals `ids.length`. */
  readonly count: number
  readonly outcome: string
  readonly ids: readonly string[]
}

/** Dispositions of one mapping's source rows: source = loaded + merged + matched + quarantined + excluded. */
export interface MappingOutcome {
  readonly source: number
  readonly loaded: number
  readonly merged: number
  readonly matched: number
  readonly quarantined: number
  readonly excluded: number
  /** Loser → survivor. */
  readonly mergedInto: Readonly<Record<string, string>>
  readonly quarantinedBy: Readonly<Record<string, readonly string[]>>
  readonly excludedIds: readonly string[]
  readonly matchedIds: readonly string[]
  /** Rows that are loaded with a value changed by a rule. Rows that are merged away are not listed. */
  readonly correctedBy: Readonly<Record<string, readonly string[]>>
  readonly notedBy: Readonly<Record<string, readonly string[]>>
}

/** The moment the fixture takes for now: no date of it is later, but for the injected ones. */
export const cutover = '2025-06-01T00:00:00Z'

/** One thing about one source row that is not "loaded as it is". */
export interface Exception {
  readonly id: string
  readonly kind: 'merged' | 'matched' | 'quarantined' | 'excluded' | 'corrected' | 'noted'
  /** The survivor's id of a merged row, else the code; null where there is none. */
  readonly detail: string | null
}

/** Sums up the exceptions of one mapping. */
export function summarise(source: number, exceptions: readonly Exception[]): MappingOutcome {
  const ofKind = (kind: Exception['kind']) => exceptions.filter((exception) => exception.kind === kind)
  const ids = (kind: Exception['kind']) => ofKind(kind).map((exception) => exception.id)
  const merged = ofKind('merged')
  const quarantined = ofKind('quarantined')
  const excludedIds = ids('excluded').sort()
  const matchedIds = ids('matched').sort()
  return {
    source,
    loaded: source - merged.length - matchedIds.length - quarantined.length - excludedIds.length,
    merged: merged.length,
    matched: matchedIds.length,
    quarantined: quarantined.length,
    excluded: excludedIds.length,
    mergedInto: Object.fromEntries(merged.map(({ id, detail }) => [id, detail!] as const).sort(byId)),
    quarantinedBy: idsByCode(quarantined),
    excludedIds,
    matchedIds,
    correctedBy: idsByCode(ofKind('corrected')),
    notedBy: idsByCode(ofKind('noted')),
  }
}

function idsByCode(exceptions: readonly Exception[]): Record<string, string[]> {
  const groups = Map.groupBy(exceptions, ({ detail }) => detail!)
  return Object.fromEntries(
    [...groups].map(([code, group]) => [code, group.map(({ id }) => id).sort()] as const).sort(byId),
  )
}

function byId([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : Number(left > right)
}
