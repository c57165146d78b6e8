import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { dispositions } from '../plan/disposition.ts'
import { buildRun } from './account.ts'
import { canonicalJson } from './canonical-json.ts'
import { type CheckableReport, nameOf, type ReportCheck } from './check-report.ts'
import { renderCount, renderRows } from './figures.ts'
import type { ReportRun } from './report.ts'
import { type ChunkSegment, linesOf, readSegments } from './segments.ts'

/** What names a run in the chain. */
const named = [
  'migration',
  'planHash',
  'drover',
  'startedBy',
  'createdAt',
  'startedAt',
  'settings',
] as const satisfies readonly (keyof ReportRun)[]

/**
 * Compares what a report says of its run and of its chunks with the ledger as it is now. Rows that were mended since change
 * the ledger, too.
 */
export async function checkAgainstLedger(
  tx: Queryable,
  ledgerRun: Run,
  { run, evidence }: CheckableReport,
): Promise<readonly ReportCheck[]> {
  const now = buildRun(ledgerRun)
  // The same cut: what was added since comes after all others.
  const size = evidence.segments.reduce((most, segment) => (linesOf(segment) > most ? linesOf(segment) : most), 1n)
  const segments = await readSegments(tx, run.id, size)
  return [
    {
      name: 'run in the ledger',
      agreement: 'It is the run of the report.',
      differences: named
        .filter((member) => canonicalJson(run[member]) !== canonicalJson(now[member]))
        .map((member) => `${member} is another one.`),
    },
    {
      name: 'chunks in the ledger',
      agreement: `${renderRows(BigInt(segments.length), 'segment')}: all as in the report.`,
      differences: segmentDifferences(evidence.segments, segments),
    },
  ]
}

function segmentDifferences(told: readonly ChunkSegment[], now: readonly ChunkSegment[]): readonly string[] {
  const key = ({ mapping, first }: ChunkSegment) => JSON.stringify([mapping, first])
  const here = new Map(now.map((segment) => [key(segment), segment]))
  const known = new Set(told.map(key))
  return [
    ...told.flatMap((segment) => {
      const is = here.get(key(segment))
      if (is === undefined) return [`${nameOf(segment)}: not in the ledger.`]
      return canonicalJson(is) === canonicalJson(segment)
        ? []
        : [`${nameOf(segment)}: ${figuresThatDiffer(segment, is)}.`]
    }),
    ...now.filter((segment) => !known.has(key(segment))).map((segment) => `${nameOf(segment)}: not in the report.`),
  ]
}

const figures = ['chunks', 'chunksDone', 'adjustments', 'read', ...dispositions] as const

function figuresThatDiffer(told: ChunkSegment, is: ChunkSegment): string {
  const different = figures.filter((name) => told[name] !== is[name])
  return different.length === 0
    ? 'the same sums, of other chunks'
    : different.map((name) => `${name} ${renderCount(told[name])}, in the ledger ${renderCount(is[name])}`).join(', ')
}
