import type { Queryable } from '../db/connection.ts'
import { readPurge } from '../ledger/purge.ts'
import type { Run } from '../ledger/run.ts'
import { readColumnGroups, readMerges, readQuarantine } from './groups.ts'
import type { MetIssues } from './issues.ts'
import { readRefusedRows } from './issues-of-chunks.ts'
import { readConflicts } from './issues-of-rollback.ts'
import type { ColumnGroup, MergeGroup, QuarantineGroup } from './report.ts'
import { type ConflictGroup, type DiscardedRows, readConflictGroups, readDiscarded } from './rollback.ts'

/** What a report counts of rows that a purge takes away: it says the same of them afterwards, without their keys. */
export interface KeptParts {
  readonly quarantine: readonly QuarantineGroup[]
  readonly corrections: readonly ColumnGroup[]
  readonly notes: readonly ColumnGroup[]
  readonly merges: readonly MergeGroup[]
  readonly conflicts: readonly ConflictGroup[]
  readonly discarded: readonly DiscardedRows[]
  /** Issues that are read from those rows. */
  readonly refusedRows: MetIssues
  readonly conflictIssues: MetIssues
}

/** Stands where a report shows how to see rows that are gone. */
const nothingToShow = '-- These rows were purged: only their number is known.'

/** Counts what is there now. */
export async function countParts(tx: Queryable, run: Pick<Run, 'id' | 'plan' | 'state'>): Promise<KeptParts> {
  const withoutKeys = <Group extends object>(groups: readonly Group[]) =>
    groups.map((group) => ({ ...group, sampleKeys: [], query: nothingToShow }))
  return {
    quarantine: withoutKeys(await readQuarantine(tx, run)).map((group) => ({ ...group, sample: [], commands: [] })),
    corrections: withoutKeys(await readColumnGroups(tx, run.id, 'correction')),
    notes: withoutKeys(await readColumnGroups(tx, run.id, 'note')),
    merges: (await readMerges(tx, run.id)).map((group) => ({ ...group, samplePairs: [] })),
    conflicts: (await readConflictGroups(tx, run.id)).map((group) => ({ ...group, sampleKeys: [] })),
    discarded: await readDiscarded(tx, run.id),
    refusedRows: await readRefusedRows(tx, run.id),
    conflictIssues: await readConflicts(tx, run.id),
  }
}

/** What was counted before the rows of a run were purged; undefined where they are there. */
export async function readKeptParts(tx: Queryable, runId: string): Promise<KeptParts | undefined> {
  return (await readPurge(tx, runId))?.kept as KeptParts | undefined
}
