import { elapsedMs, isoInstantOrNull } from '../report/instant.ts'

/** The times of a run or mapping, as the ledger holds them. */
interface Times {
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

/** How long a run or mapping took, in milliseconds; null while it has not ended. */
export function tookMs(work: Times): number | null {
  return elapsedMs(isoInstantOrNull(work.startedAt), isoInstantOrNull(work.finishedAt))
}

/** A run or mapping with its times as ISO 8601, for programs. */
export function withIsoTimes<T extends Times>(work: T): T {
  return { ...work, startedAt: isoInstantOrNull(work.startedAt), finishedAt: isoInstantOrNull(work.finishedAt) }
}
