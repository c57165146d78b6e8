import { elapsedMs, isoInstantOrNull } from '../report/instant.ts'

/** How long a run or mapping took, in milliseconds, from its times as the ledger holds them; null while it has not ended. */
export function tookMs(work: { readonly startedAt: string | null; readonly finishedAt: string | null }): number | null {
  return elapsedMs(isoInstantOrNull(work.startedAt), isoInstantOrNull(work.finishedAt))
}
