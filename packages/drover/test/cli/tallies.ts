import { PassThrough } from 'node:stream'
import type { Sample } from '../../src/cli/progress.ts'
import type { Tally } from '../../src/ledger/tally.ts'

/** Tallies of mappings at every stage, for views that never meet a database. */
export const untouched: Tally = {
  mapping: 'values',
  state: 'waiting',
  sourceRows: null,
  sourceRowsBefore: null,
  read: 0n,
  loaded: 0n,
  merged: 0n,
  matched: 0n,
  quarantined: 0n,
  excluded: 0n,
  targetRowsBefore: null,
  targetRowsAfter: null,
  chunks: 0n,
  chunksDone: 0n,
  startedAt: null,
  finishedAt: null,
}
export const loading: Tally = { ...untouched, state: 'loading', sourceRows: 2_000_000n, chunks: 40n }
export const halfway: Tally = { ...loading, read: 1_000_000n, loaded: 999_990n, quarantined: 10n, chunksDone: 20n }
export const done: Tally = {
  ...loading,
  mapping: 'providers',
  state: 'done',
  read: 2_000_000n,
  loaded: 2_000_000n,
  chunksDone: 40n,
  startedAt: '2025-06-01 00:00:00.000000+00',
  finishedAt: '2025-06-01 00:00:40.5+00',
}

/** A moment of a run that nothing holds back, and that has no estimate yet. */
export function sample(atMs: number, ...tallies: readonly Tally[]): Sample {
  const outstanding = { estimate: null, remaining: { rows: 0, uncounted: [] } }
  return { runId: '7', tallies, atMs, outstanding, throttling: [], rebuilds: { done: 0, all: 0 } }
}

/** A terminal of the given size that nobody looks at. */
export function terminal(columns: number, rows = 24): NodeJS.WriteStream {
  return Object.assign(new PassThrough(), { columns, rows }) as unknown as NodeJS.WriteStream
}
