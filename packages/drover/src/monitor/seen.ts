import type { Sample } from './sample.ts'
import type { HiddenFigure } from './server.ts'

/**
 * What a process has seen of the server in all its samples. Each sample is kept with it, so that nothing is lost where old
 * samples are joined: the newest one tells of all.
 */
export interface Seen {
  /** How often a session of the run was seen waiting, by what it waited for; `none`: at work. */
  readonly waits: Readonly<Record<string, number>>
  /** How often somebody was seen to hold a lock that the run waited for, by `application_name`; all of drover's as one. */
  readonly lockHolders: Readonly<Record<string, number>>
  /** The largest lag, and the least free disk; null where never seen. */
  readonly replicationLagSeconds: number | null
  readonly freeDiskBytes: number | null
  readonly hidden: readonly HiddenFigure[]
}

/** One sample more. */
export function seeMore(before: Seen | undefined, sample: Sample, hidden: readonly HiddenFigure[]): Seen {
  const waits: Record<string, number> = { ...before?.waits }
  for (const [event, sessions] of Object.entries(sample.waits)) waits[event] = (waits[event] ?? 0) + sessions
  const lockHolders: Record<string, number> = { ...before?.lockHolders }
  for (const { applicationName } of sample.lockWaits.flatMap(({ holders }) => holders)) {
    const name = applicationName.startsWith('drover ') ? 'drover' : applicationName
    lockHolders[name] = (lockHolders[name] ?? 0) + 1
  }
  return {
    waits,
    lockHolders,
    replicationLagSeconds: choose(Math.max, before?.replicationLagSeconds, sample.replicationLagSeconds),
    freeDiskBytes: choose(Math.min, before?.freeDiskBytes, sample.freeDiskBytes),
    hidden,
  }
}

function choose(of: (...values: number[]) => number, a: number | null | undefined, b: number | null): number | null {
  const values = [a, b].filter((value) => value !== null && value !== undefined)
  return values.length === 0 ? null : of(...values)
}
