import type { Queryable } from '../db/connection.ts'
import { compareTexts } from './compare.ts'
import { readHeldBack } from './issues-held-back.ts'
import { readAttempts, readLostWorkers, readRefusedRows } from './issues-of-chunks.ts'
import { readConflicts, readRollbackFailures } from './issues-of-rollback.ts'
import { readInterruptions, readStops, readUnmade } from './issues-of-run.ts'
import { readComplaints } from './issues-of-verification.ts'

/** Something that did not go as it might have, alike things of one hour as one; in order of time. */
export interface ReportIssue {
  /** When it was met first and last. */
  readonly at: string
  readonly until: string
  /** Null where it concerns the run as a whole. */
  readonly mapping: string | null
  /** `more`, the last one: `times` issues are left out. */
  readonly kind: 'attempt' | 'failure' | 'refused' | 'held back' | 'pause' | 'verification' | 'conflict' | 'more'
  readonly times: string
  /** For people, without times and counts. Keys, never values (I8). */
  readonly what: string
}

/** What there is of one sort: the first of them, and how many there are. */
export interface MetIssues {
  readonly issues: readonly ReportIssue[]
  readonly found: number
}

/** Issues that a report tells at most. */
export const mostIssues = 200

/** What goes first where there are more, before the order of time. */
const byWeight: readonly ReportIssue['kind'][] = [
  'failure',
  'conflict',
  'verification',
  'pause',
  'refused',
  'attempt',
  'held back',
]

/** What did not go as it might have, from the load to the rollback, in order of time. `kept`: of rows that were purged. */
export async function readIssues(
  tx: Queryable,
  runId: string,
  kept: { readonly refusedRows: MetIssues; readonly conflictIssues: MetIssues } | undefined,
): Promise<readonly ReportIssue[]> {
  const sources = [
    readStops,
    readInterruptions,
    readUnmade,
    readAttempts,
    readLostWorkers,
    kept === undefined ? readRefusedRows : () => kept.refusedRows,
    readHeldBack,
    readComplaints,
    kept === undefined ? readConflicts : () => kept.conflictIssues,
    readRollbackFailures,
  ]
  const met: MetIssues[] = []
  for (const read of sources) met.push(await read(tx, runId))
  return shorten(met)
}

/** The weightiest in order of time, and how many more there are. Pure. */
export function shorten(met: readonly MetIssues[]): readonly ReportIssue[] {
  const all = met.flatMap(({ issues }) => issues)
  const found = met.reduce((sum, each) => sum + each.found, 0)
  if (found <= mostIssues) return inOrder(all)
  const weighed = inOrder(all).toSorted((a, b) => byWeight.indexOf(a.kind) - byWeight.indexOf(b.kind))
  const kept = inOrder(weighed.slice(0, mostIssues - 1))
  const left = inOrder(weighed.slice(mostIssues - 1))
  const ends = [...kept, ...left].map(({ until }) => until).toSorted(compareInstants)
  return [
    ...kept,
    {
      at: left[0]?.at ?? kept[0]!.at,
      until: ends.at(-1)!,
      mapping: null,
      kind: 'more',
      times: String(found - kept.length),
      what: 'Further issues are left out here, those of least weight; the ledger holds all of them.',
    },
  ]
}

function inOrder(issues: readonly ReportIssue[]): readonly ReportIssue[] {
  return issues.toSorted((a, b) => compareInstants(a.at, b.at))
}

/** Of ISO instants in UTC, whose fractions have as many digits as they need: without the Z they compare as texts. */
function compareInstants(a: string, b: string): number {
  return compareTexts(a.slice(0, -1), b.slice(0, -1))
}
