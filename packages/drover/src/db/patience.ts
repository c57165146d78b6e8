/** How long a run waits for what passes by itself. */
export interface PatienceLimits {
  /** How many attempts in a row may fail of a conflict, a lock that was not to be had, or a full disk. */
  readonly tries: number
  /** How long a server may be away, in milliseconds, before a worker gives up. */
  readonly outageMs: number
}

/** Ten attempts at what fails by itself, and five minutes for a server that is out of reach. */
export const defaultPatience: PatienceLimits = { tries: 10, outageMs: 300_000 }

/** Pauses grow from the first to the longest, in milliseconds. */
const firstPauseMs = 100
const longestPauseMs = 5_000

/**
 * The pause before the `failures`th new attempt, in milliseconds; `random` from 0 to 1 keeps workers from coming back
 * at once.
 */
export function pauseMs(failures: number, random: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1)) * (0.5 + random / 2)
}

/** Counts failures in a row. */
export interface Patience {
  /** The pause before the next attempt, in milliseconds; undefined where patience is at its end. */
  afterFailure(reaction: 'retry' | 'reconnect', nowMs: number): number | undefined
  afterSuccess(): void
}

/** A fresh patience. `random` gives numbers from 0 to 1. */
export function patience({ tries, outageMs }: PatienceLimits, random: () => number = Math.random): Patience {
  let failures = 0
  let conflicts = 0
  let awaySinceMs: number | undefined
  return {
    afterFailure(reaction, nowMs) {
      failures++
      if (reaction === 'retry') {
        awaySinceMs = undefined
        if (++conflicts >= tries) return undefined
      } else {
        awaySinceMs ??= nowMs
        if (nowMs - awaySinceMs >= outageMs) return undefined
      }
      return pauseMs(failures, random())
    },
    afterSuccess() {
      failures = 0
      conflicts = 0
      awaySinceMs = undefined
    },
  }
}
