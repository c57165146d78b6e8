import type { Catalog } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import type { Tally } from '../ledger/tally.ts'
import type { MappingPlan, Plan } from '../plan/plan.ts'
import type { CheckName, Finding } from './verification.ts'

/** The run as a whole, as checks see it. */
export interface RunSubject {
  readonly runId: string
  readonly plan: Plan
}

/** One mapping, as checks see it. */
export interface MappingSubject {
  readonly runId: string
  readonly plan: Plan
  readonly mapping: MappingPlan
  readonly tally: Tally
  /** The target as the plan knows it. */
  readonly table: Table
}

/** One target table, as checks see it. */
export interface TableSubject {
  readonly runId: string
  readonly plan: Plan
  /** The table as the plan knows it. */
  readonly table: Table
  /** The mappings that load it, with their tallies: two may share a target. */
  readonly mappings: readonly MappingPlan[]
  readonly tallies: readonly Tally[]
  /** The schemas of the targets, and of what they refer to, as they are now. */
  readonly now: Catalog
}

/** One question asked of the database, inside a read-only transaction of its own (I5). */
export interface Check<Subject> {
  readonly name: CheckName
  /** The verdict where a table or column that the check reads is gone. */
  readonly whenGone: 'fail' | 'warn'
  readonly run: (tx: Queryable, subject: Subject) => Promise<readonly Finding[]>
}

/** The mapping to name in a finding about a table: the only one that loads it, or null. */
export function soleMapping({ mappings }: Pick<TableSubject, 'mappings'>): string | null {
  return mappings.length === 1 ? mappings[0]!.name : null
}

/** The mappings that load a table, as a list. */
export function namesOf({ mappings }: Pick<TableSubject, 'mappings'>): string {
  return mappings.map(({ name }) => name).join(', ')
}

/** Two accounts of one thing; the check passes where they read the same. */
export interface Comparison {
  readonly check: CheckName
  readonly mapping: string | null
  readonly expected: string
  readonly actual: string
  /** The detail where they are equal. */
  readonly equal: string
  /** The detail where they are not. */
  readonly unequal: string
}

/** The finding of a comparison. */
export function judge({ check, mapping, expected, actual, equal, unequal }: Comparison): Finding {
  const verdict = expected === actual ? 'pass' : 'fail'
  return { check, mapping, verdict, expected, actual, detail: verdict === 'pass' ? equal : unequal }
}

/** A count with its noun: `1 row`, `19 rows`. */
export function counted(count: bigint | number, noun: string): string {
  return `${count} ${noun}${BigInt(count) === 1n ? '' : 's'}`
}
