import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import type { Outcome } from '../sql/annotation.ts'
import { compareTexts } from './compare.ts'
import { isoInstant } from './instant.ts'
import type { ColumnGroup, QuarantineGroup } from './report.ts'

/** What the newest check of the run's plan that was recorded before it foresaw, beside what the run did. */
export interface DataQuality {
  readonly checkedAt: string
  readonly checkedBy: string
  /** By mapping, in the plan's order, then by outcome and code. */
  readonly codes: readonly CodeComparison[]
  /**
   * Rules that rows would break: over `key-null`, `key-twice` and `match-twice` a run fails, the server refuses the
   * others.
   */
  readonly violations: readonly RecordedViolation[]
  /** References that lead to no row of the source, counted before any policy. */
  readonly orphans: readonly RecordedOrphans[]
}

/** What the check foresaw of a code, and what became true. */
export interface CodeComparison {
  readonly mapping: string
  readonly outcome: Outcome
  readonly code: string
  /** Null for a quarantine: a row is set aside once, for whatever column. */
  readonly column: string | null
  /** Null where the check could not foresee the mapping. */
  readonly foreseen: string | null
  readonly actual: string
}

/** Rows that were going to break a rule of the target, as the check has told. */
export interface RecordedViolation {
  readonly mapping: string
  /**
   * `key-null`, `key-twice`, `match-twice`, `standing`, `target-twice`, `not-null`, `length`, `precision`, `check`,
   * `unique` or `foreign-key`.
   */
  readonly kind: string
  readonly constraint: string | null
  readonly columns: readonly string[]
  readonly rows: string
  readonly sampleKeys: readonly string[]
}

/** Rows that lead nowhere, as the check has told. */
export interface RecordedOrphans {
  /** A mapping; of a guessed reference the table. */
  readonly mapping: string
  /** `foreign-key`: declared by the source · `reference`: by the mapping alone · `guessed`: by its name alone. */
  readonly kind: 'foreign-key' | 'reference' | 'guessed'
  readonly parent: string
  readonly columns: readonly string[]
  readonly rows: string
  readonly sampleKeys: readonly string[]
}

/** What a run did, by mapping and code. */
interface Actual {
  readonly mappings: readonly string[]
  readonly quarantine: readonly QuarantineGroup[]
  readonly corrections: readonly ColumnGroup[]
  readonly notes: readonly ColumnGroup[]
}

/** Null where no check of the plan was recorded before the run: one that comes later sees what the run has loaded. */
export async function readDataQuality(
  tx: Queryable,
  run: Pick<Run, 'id' | 'migration' | 'planHash' | 'createdAt'>,
  actual: Actual,
): Promise<DataQuality | null> {
  const [row] = await tx.query(
    `/* drover run ${run.id} report */
select checked_at, checked_by, outlook
from drover.outlook
where migration = $1 and plan_hash = $2 and checked_at <= $3
order by id desc
limit 1`,
    [run.migration, run.planHash, run.createdAt],
  )
  if (row === undefined) return null
  const recorded = row.outlook as Recorded
  return {
    checkedAt: isoInstant(row.checked_at as string),
    checkedBy: row.checked_by as string,
    codes: compareCodes(recorded, actual),
    violations: recorded.mappings.flatMap(({ mapping, violations }) =>
      violations.map(({ kind, constraint, columns, rows, keys }) => ({
        mapping,
        kind,
        constraint,
        columns,
        rows,
        sampleKeys: keys,
      })),
    ),
    orphans: [
      ...recorded.mappings.flatMap(({ mapping, orphans }) =>
        orphans.map(({ kind, parent, reads, rows, keys }) => ({
          mapping,
          kind,
          parent,
          columns: reads,
          rows,
          sampleKeys: keys,
        })),
      ),
      ...recorded.guessed.map(({ table, column, parent, rows, keys }) => ({
        mapping: table,
        kind: 'guessed' as const,
        parent,
        columns: [column],
        rows,
        sampleKeys: keys,
      })),
    ],
  }
}

/** The record of a check, version 1, as far as it is read here; written by check/record.ts. */
interface Recorded {
  readonly mappings: readonly {
    readonly mapping: string
    readonly codes: readonly {
      readonly outcome: Outcome
      readonly code: string
      readonly column: string
      readonly rows: string
    }[]
    readonly violations: readonly {
      readonly kind: string
      readonly constraint: string | null
      readonly columns: readonly string[]
      readonly rows: string
      readonly keys: readonly string[]
    }[]
    readonly orphans: readonly {
      readonly kind: 'foreign-key' | 'reference'
      readonly parent: string
      readonly reads: readonly string[]
      readonly rows: string
      readonly keys: readonly string[]
    }[]
  }[]
  readonly guessed: readonly {
    readonly table: string
    readonly column: string
    readonly parent: string
    readonly rows: string
    readonly keys: readonly string[]
  }[]
}

const outcomes: readonly Outcome[] = ['quarantine', 'correct', 'note']

interface Counted {
  readonly mapping: string
  readonly outcome: Outcome
  readonly code: string
  readonly column: string | null
  readonly rows: bigint
}

function compareCodes({ mappings }: Recorded, actual: Actual): readonly CodeComparison[] {
  const isForeseen = new Set(mappings.map(({ mapping }) => mapping))
  const foreseen = sum(
    mappings.flatMap(({ mapping, codes }) =>
      codes.map(({ outcome, code, column, rows }) => ({
        mapping,
        outcome,
        code,
        column: outcome === 'quarantine' ? null : column,
        rows: BigInt(rows),
      })),
    ),
  )
  const logged = (outcome: Outcome, groups: readonly ColumnGroup[]): readonly Counted[] =>
    groups.flatMap(({ mapping, column, code, rows }) =>
      // What is said once of a whole mapping is no count of rows.
      rows === null ? [] : [{ mapping, outcome, code, column, rows: BigInt(rows) }],
    )
  const done = sum([
    ...actual.quarantine.map(({ mapping, code, rows }) => ({
      mapping,
      outcome: 'quarantine' as const,
      code,
      column: null,
      rows: BigInt(rows),
    })),
    ...logged('correct', actual.corrections),
    ...logged('note', actual.notes),
  ])
  const all = new Map([...foreseen, ...done])
  return [...all.entries()]
    .map(([key, { mapping, outcome, code, column }]) => ({
      mapping,
      outcome,
      code,
      column,
      foreseen: isForeseen.has(mapping) ? String(foreseen.get(key)?.rows ?? 0n) : null,
      actual: String(done.get(key)?.rows ?? 0n),
    }))
    .toSorted(
      (a, b) =>
        actual.mappings.indexOf(a.mapping) - actual.mappings.indexOf(b.mapping) ||
        outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome) ||
        compareTexts(a.code, b.code) ||
        compareTexts(a.column ?? '', b.column ?? ''),
    )
}

function sum(counts: readonly Counted[]): ReadonlyMap<string, Counted> {
  const sums = new Map<string, Counted>()
  for (const count of counts) {
    const key = JSON.stringify([count.mapping, count.outcome, count.code, count.column])
    sums.set(key, { ...count, rows: count.rows + (sums.get(key)?.rows ?? 0n) })
  }
  return sums
}
