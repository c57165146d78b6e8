import type { Tally } from '../ledger/tally.ts'
import { elapsedMs, isoInstantOrNull } from '../report/instant.ts'

/** How long a run or mapping took, in milliseconds, from its times as the ledger holds them; null while it has not ended. */
export function tookMs(work: { readonly startedAt: string | null; readonly finishedAt: string | null }): number | null {
  return elapsedMs(isoInstantOrNull(work.startedAt), isoInstantOrNull(work.finishedAt))
}

/**
 * When the load of a run ended: with its last mapping. Before that the time of its latest end or pause, which the
 * ledger notes with the run and moves with each change of state.
 */
export function loadEndOf(run: { readonly finishedAt: string | null }, tallies: readonly Tally[]): string | null {
  const isLoaded = tallies.every((tally) => tally.state === 'done')
  const ends = isLoaded ? tallies.flatMap((tally) => tally.finishedAt ?? []) : []
  return ends.toSorted().at(-1) ?? run.finishedAt
}
