import type { Row } from '../db/connection.ts'
import type { Disposition } from '../plan/disposition.ts'
import type { Foresight } from '../plan/foresee.ts'
import type { GuardPlan } from '../plan/plan.ts'
import { describeSum, describeViolation, type Violation } from './violation.ts'

/** What a run would do with the rows of one mapping, as they are now. Counts are int8, as bigint. */
export interface Outlook {
  readonly mapping: string
  readonly read: bigint
  readonly loaded: bigint
  readonly merged: bigint
  readonly matched: bigint
  readonly quarantined: bigint
  readonly excluded: bigint
  /** The guards that would hold for some row. */
  readonly codes: readonly CodeCount[]
  /** Rows that are the same thing by the mapping's identity; null where it has none. */
  readonly duplicates: DuplicateGroups | null
  /** Rules that rows would break. */
  readonly violations: readonly Violation[]
  /** References that lead to no row of the source, counted before any policy decides about them. */
  readonly orphans: readonly Orphans[]
  /** What would make a run fail, or the server refuse rows, a sentence each. */
  readonly findings: readonly string[]
  /** What the counts leave out, a sentence each. */
  readonly unforeseen: readonly string[]
  /** What of the target's rules was not looked at, a sentence each. */
  readonly notChecked: readonly string[]
}

/** How many rows a guard is going to concern. */
export interface CodeCount extends GuardPlan {
  /** For a guard that quarantines, the rows of which it is the first reason. */
  readonly rows: bigint
}

/** Rows of a mapping's source with a reference that leads to no row of the parent's source. */
export interface Orphans {
  /** `foreign-key`: the source declares the reference too · `reference`: only the mapping does. */
  readonly kind: 'foreign-key' | 'reference'
  /** The mapping that is referred to. */
  readonly parent: string
  /** What the key is made of, as `alias.column`. */
  readonly reads: readonly string[]
  readonly rows: bigint
  /** The lowest source keys, five at most. */
  readonly keys: readonly string[]
}

/** Groups of rows that are not set aside. */
export interface DuplicateGroups {
  readonly groups: bigint
  /** Rows beyond the first of each group. */
  readonly extra: bigint
  /** Rows of the largest group; 0 where there is none. */
  readonly largest: bigint
  /** Source keys of the rows that stand for the largest groups, five at most. */
  readonly keys: readonly string[]
}

/** The row of a foresight's statement. */
export function readRow(foresight: Foresight, row: Row): Outlook {
  const { mapping, target, guards, hasIdentity, rules, references, unforeseen, notChecked } = foresight
  const count = (value: unknown) => BigInt(value as string)
  const told = row.guards as readonly string[]
  const counts = {
    read: count(row.read),
    loaded: count(row.loaded),
    merged: count(row.merged),
    matched: count(row.matched),
    quarantined: count(row.quarantined),
    excluded: count(row.excluded),
  }
  const afterGuards = guards.length + (hasIdentity ? 1 : 0)
  const readVerdict = (i: number) => {
    const { n, keys } = JSON.parse(told[i]!) as { readonly n: string; readonly keys: readonly string[] | null }
    return { rows: BigInt(n), keys: keys ?? [] }
  }
  const violations = rules
    .map(({ kind, constraint, columns }, i) => ({ kind, constraint, columns, target, ...readVerdict(afterGuards + i) }))
    .filter(({ rows }) => rows > 0n)
  const orphans = references
    .map((reference, i) => ({ ...reference, ...readVerdict(afterGuards + rules.length + i) }))
    .filter(({ rows }) => rows > 0n)
  return {
    mapping,
    ...counts,
    codes: guards.map((guard, i) => ({ ...guard, rows: count(told[i]) })).filter(({ rows }) => rows > 0n),
    duplicates: hasIdentity ? readDuplicates(told[guards.length]!) : null,
    violations,
    orphans,
    findings: addsUp(counts) ? violations.map(describeViolation) : [describeSum(counts.read, dispositions(counts))],
    unforeseen,
    notChecked,
  }
}

function readDuplicates(text: string): DuplicateGroups {
  const { groups, extra, largest, keys } = JSON.parse(text) as Record<'groups' | 'extra' | 'largest', string> & {
    readonly keys: readonly string[] | null
  }
  return { groups: BigInt(groups), extra: BigInt(extra), largest: BigInt(largest), keys: keys ?? [] }
}

type Counts = Pick<Outlook, 'read' | Disposition>

/** I2, foreseen: every row of the source has one disposition. */
export function addsUp(counts: Counts): boolean {
  return counts.read === dispositions(counts)
}

function dispositions({ loaded, merged, matched, quarantined, excluded }: Counts): bigint {
  return loaded + merged + matched + quarantined + excluded
}
