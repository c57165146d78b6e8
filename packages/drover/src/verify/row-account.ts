import type { RowClass } from '../plan/plan.ts'
import type { SampleRow } from './verification.ts'

/** What a comparison found, of a mapping or of a slice of it. A JSON value: an interrupted verification keeps it. */
export interface RowAccount {
  /** How many rows there are of each class, int8 as text; a class without rows may be absent. */
  readonly counts: Readonly<Partial<Record<RowClass, string>>>
  /** How many of the equivalent rows differ in each column, int8 as text. */
  readonly equivalentIn: Readonly<Record<string, string>>
  /** The first rows that are neither identical nor equivalent, {@link shownRows} at most. */
  readonly rows: readonly DifferingRow[]
  /** How many rows differed, and did not when they were looked at once more. */
  readonly agreed: number
  /** Rows that changed since were found, and no row of the target is known to be as the run wrote it. */
  readonly isUnknown: boolean
}

/** A row that is not what it should be. */
export interface DifferingRow {
  readonly key: string
  readonly class: RowClass
  /** The columns that differ; none where the row as a whole does. */
  readonly columns: readonly string[]
  readonly sample: SampleRow
}

/** Rows that a finding shows at most. */
export const shownRows = 5

/** The classes that come about after the load, by others than the run: no faults of the migration. */
export const classesSince = ['changed since', 'deleted since', 'no disposition', 'no source row'] as const

/** The classes that a migration is to blame for. */
export const faultClasses = ['different', 'disposition', 'quarantined, and would not be now'] as const

/** How many rows the account holds of these classes. */
export function countOf({ counts }: RowAccount, classes: readonly RowClass[]): bigint {
  return classes.reduce((sum, name) => sum + BigInt(counts[name] ?? 0), 0n)
}

/** One account of several slices. */
export function addAccounts(accounts: readonly RowAccount[]): RowAccount {
  return {
    counts: addCounts(accounts.map(({ counts }) => counts)),
    equivalentIn: addCounts(accounts.map(({ equivalentIn }) => equivalentIn)),
    // Slices follow each other in the order of the keys: within a rank the sort keeps that.
    rows: accounts
      .flatMap(({ rows }) => rows)
      .sort((one, other) => rankOf(one) - rankOf(other))
      .slice(0, shownRows),
    agreed: accounts.reduce((sum, { agreed }) => sum + agreed, 0),
    isUnknown: accounts.some(({ isUnknown }) => isUnknown),
  }
}

/** Faults of the migration stand before what came about since. */
function rankOf(row: DifferingRow): number {
  return isSince(row.class) ? 1 : 0
}

/** Whether the class is of what happened since the load. */
export function isSince(name: RowClass): boolean {
  return (classesSince as readonly RowClass[]).includes(name)
}

function addCounts(all: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const sum: Record<string, string> = {}
  for (const counts of all) {
    for (const [name, n] of Object.entries(counts)) sum[name] = String(BigInt(sum[name] ?? 0) + BigInt(n))
  }
  return sum
}
