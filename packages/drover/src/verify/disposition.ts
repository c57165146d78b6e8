import { type RawBuilder, sql } from 'kysely'
import { type Disposition, dispositions } from '../plan/disposition.ts'
import { ledgerTables, type MappingPlan } from '../plan/plan.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'

/** The dispositions whose rows have a row in the target, and its key in the crosswalk. */
export const carried = ['loaded', 'merged', 'matched'] as const satisfies readonly Disposition[]

/** How many rows there are of each disposition. */
export type DispositionCounts = Readonly<Record<Disposition, bigint>>

/** The counts on one line: `loaded 751, merged 0, matched 0, quarantined 249, excluded 0`. */
export function listCounts(counts: DispositionCounts): string {
  return dispositions.map((disposition) => `${disposition} ${counts[disposition]}`).join(', ')
}

/** All rows, whatever became of them. */
export function sumOf(counts: DispositionCounts): bigint {
  return dispositions.reduce((sum, disposition) => sum + counts[disposition], 0n)
}

/** The crosswalk of a mapping, as a relation. */
export function crosswalkOf(mapping: MappingPlan): RawBuilder<unknown> {
  return sql`${expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))}`
}

/** A condition that holds where `disposition` has a target row. */
export function isCarried(disposition: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`${disposition} in (${sql.join(carried.map((name) => sql.lit(name)))})`
}
