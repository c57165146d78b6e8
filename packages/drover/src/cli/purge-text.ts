import { waysToEnd } from '../ending/ended-runs.ts'
import type { Gone, PurgedRun, PurgeOutcome, SparedRun } from '../ending/purged.ts'
import { stateWords } from '../ledger/state.ts'
import { renderBytes, renderRows } from '../report/figures.ts'

/** What went, or would go, by run and table; then the runs that keep everything, and why. */
export function renderPurge({ dryRun, purged, spared }: PurgeOutcome): string {
  return [
    ...(purged.length === 0 ? ['No run is left to purge that ended that long ago.'] : []),
    ...purged.flatMap((run) => renderRun(run, dryRun)),
    ...spared.map(renderSpared),
  ].join('\n')
}

function renderRun({ runId, migration, state, endedAt, gone }: PurgedRun, dryRun: boolean): readonly string[] {
  const bytes = gone.reduce((sum, each) => sum + each.bytes, 0n)
  const name = `Run ${runId} of ${migration}, ${stateWords(state)} on ${endedAt.slice(0, 10)}`
  return [
    `${name}: ${renderBytes(String(bytes))} of keys and originals ${dryRun ? 'would go' : 'are gone'}.`,
    ...gone.map((each) => renderGone(each)),
  ]
}

function renderGone({ table, rows, bytes }: Gone): string {
  return `  ${table}: ${renderRows(rows, 'row')}, ${renderBytes(String(bytes))}`
}

function renderSpared({ runId, migration, state, endedAt }: SparedRun): string {
  const name = `Run ${runId} of ${migration}`
  return endedAt === null
    ? `${name} is ${stateWords(state)} and keeps everything: it can still be taken back. What ends it for good: ${waysToEnd(runId, state)}.`
    : `${name} ended on ${endedAt.slice(0, 10)}, which is not that long ago.`
}
