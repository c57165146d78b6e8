import type { Run } from '../ledger/run.ts'
import { balances, type Tally } from '../ledger/tally.ts'
import { elapsedMs, isoInstant, isoInstantOrNull } from './instant.ts'
import type { ReportMapping, ReportRun } from './report.ts'

/** What the ledger tells of a run, as a report shows it. */
export function buildRun(run: Run): ReportRun {
  const { id, migration, state, planHash, plan, settings } = run
  const startedAt = isoInstantOrNull(run.startedAt)
  const finishedAt = isoInstantOrNull(run.finishedAt)
  return {
    id,
    migration,
    state,
    planHash,
    drover: plan.drover,
    server: renderServerVersion(plan.catalog.serverVersion),
    startedBy: run.startedBy,
    createdAt: isoInstant(run.createdAt),
    startedAt,
    finishedAt,
    durationMs: elapsedMs(startedAt, finishedAt),
    settings: {
      workers: null,
      rowsPerChunk: settings.chunkRows,
      allowed: settings.allowed,
      cutover: plan.cutover,
      working: settings.working ?? null,
    },
  }
}

/** What the ledger tells of one mapping, as a report shows it. */
export function buildMapping({ plan }: Run, tally: Tally): ReportMapping {
  const { source, target, columns } = plan.mappings.find(({ name }) => name === tally.mapping)!
  const text = (count: bigint | null) => (count === null ? null : String(count))
  const durationMs = elapsedMs(isoInstantOrNull(tally.startedAt), isoInstantOrNull(tally.finishedAt))
  return {
    name: tally.mapping,
    source,
    target,
    lineage: columns.map(({ name, reads }) => ({ column: name, reads })),
    state: tally.state,
    sourceRows: text(tally.sourceRows),
    sourceRowsBefore: text(tally.sourceRowsBefore),
    loaded: String(tally.loaded),
    merged: String(tally.merged),
    matched: String(tally.matched),
    quarantined: String(tally.quarantined),
    excluded: String(tally.excluded),
    balances: balances(tally),
    targetRowsBefore: text(tally.targetRowsBefore),
    targetRowsAfter: text(tally.targetRowsAfter),
    chunks: String(tally.chunks),
    chunksDone: String(tally.chunksDone),
    durationMs,
    rowsPerSecond: durationMs ? Math.round((Number(tally.read) * 1000) / durationMs) : null,
  }
}

/** 180004 as `18.4`. */
function renderServerVersion(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`
}
