import type { Catalog } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import type { ServerError } from '../db/server-error.ts'
import type { ProbeFunction } from '../define/probe.ts'
import type { Tally } from '../ledger/tally.ts'
import type { DeclaredPlan } from '../plan/declared-plan.ts'
import type { MappingPlan, Plan } from '../plan/plan.ts'
import type { SliceSizes } from './slices.ts'
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
  /** The source keys that are looked at, in the order of `collate "C"`; null: no bound. Absent: all. */
  readonly slice?: { readonly lower: string | null; readonly upper: string | null }
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

/** A check that the migration declares. */
export interface DeclaredSubject {
  readonly runId: string
  readonly plan: Plan
  readonly declared: DeclaredPlan
}

/** One question asked of the database, inside a read-only transaction of its own (I5). */
export interface Check<Subject> {
  readonly name: CheckName
  /** The verdict where a table or column that the check reads is gone. */
  readonly whenGone: 'fail' | 'warn'
  /** It reads all rows of a target, and takes longer than most others: it is begun before them. */
  readonly isLong?: true
  /** Settings of its transactions, beside the usual ones. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * What is found where the server refuses what the check asks, be it that something it reads is gone, and not because of
   * the state that the server is in. Default: what is gone has the verdict of {@link whenGone}, else the verification stops.
   */
  readonly refused?: (error: ServerError, subject: Subject) => readonly Finding[]
  readonly run: (tx: Queryable, subject: Subject, context: CheckContext) => Promise<readonly Finding[]>
  /** Cuts a large subject into slices, which are checked apart. Absent: it is checked as a whole. */
  readonly slices?: (tx: Queryable, subject: Subject, sizes: SliceSizes) => Promise<readonly Subject[]>
  /** Makes one account of what was found in each slice, also where there is only one. Absent: it stands as it was found. */
  readonly combine?: (
    subject: Subject,
    found: readonly (readonly Finding[])[],
    context: Pick<CheckContext, 'afterCutover'>,
  ) => readonly Finding[]
}

/** Undefined column, undefined table, invalid schema name: the object that a check reads is gone. */
export const gone: ReadonlySet<string> = new Set(['42703', '42P01', '3F000'])

/** What a check may need besides its transaction. */
export interface CheckContext {
  /** The application has written to the target since the load: what it changed, added or deleted is no fault. */
  readonly afterCutover: boolean
  /** Writes that must be refused may be tried, in transactions that are rolled back. */
  readonly triesWrites: boolean
  readonly probes: ReadonlyMap<string, ProbeFunction>
  /** The connection string for probes; undefined where there is none to give. */
  readonly url: string | undefined
  readonly signal: AbortSignal
  /** Another read-only transaction, of a later moment. */
  readonly again: <T>(work: (tx: Queryable) => Promise<T>) => Promise<T>
  /** A transaction that may write and is always rolled back. Only where {@link triesWrites}. */
  readonly attempt: <T>(work: (tx: Queryable) => Promise<T>) => Promise<T>
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

/** The text with a capital at its head. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
