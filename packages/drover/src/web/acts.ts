import { setTimeout as sleep } from 'node:timers/promises'
import type { DroverError } from '../error.ts'
import { describeBug, failureOf } from './failure.ts'

/** Something that was asked for from the page. It may take longer than a browser waits. */
export interface Act {
  readonly id: number
  readonly runId: string
  /** What is done, as a sentence: `Row v1 of vals is tried again.` */
  readonly what: string
  readonly startedAt: Date
  /** Null while it is under way. */
  readonly outcome: ActOutcome | null
}

/** What came of something that was asked for. */
export type ActOutcome = { readonly told: string } | { readonly error: DroverError }

/** What was asked for since the page was started, the newest last. */
export interface Acts {
  /** Begins it, and resolves when it is over, or after three seconds, with what is known then. */
  begin(runId: string, what: string, work: () => Promise<string>): Promise<Act>
  find(runId: string, id: number): Act | undefined
  of(runId: string): readonly Act[]
  underWay(): readonly Act[]
}

/** How long a browser is kept waiting for an act, in milliseconds: longer than it takes to see that workers fail at once. */
const waitMs = 3_000

/** Acts that are remembered after they are over. */
const remembered = 50

/** Keeps what was asked for from the page: all that is under way, and the last that are over. */
export function createActs(onBug: (thrown: unknown) => void): Acts {
  let count = 0
  let acts: readonly Act[] = []
  const end = (id: number, outcome: ActOutcome) => {
    acts = acts.map((act) => (act.id === id ? { ...act, outcome } : act))
    const over = acts.filter((act) => act.outcome !== null)
    const forgotten = new Set(over.slice(0, Math.max(0, over.length - remembered)))
    acts = acts.filter((act) => !forgotten.has(act))
  }
  return {
    async begin(runId, what, work) {
      const id = ++count
      acts = [...acts, { id, runId, what, startedAt: new Date(), outcome: null }]
      const ended = work().then(
        (told) => end(id, { told }),
        (thrown: unknown) => {
          const failure = failureOf(thrown)
          if (failure === undefined) onBug(thrown)
          end(id, { error: failure?.error ?? describeBug() })
        },
      )
      const waiting = new AbortController()
      await Promise.race([ended, sleep(waitMs, undefined, { signal: waiting.signal, ref: false }).catch(() => {})])
      waiting.abort()
      return acts.find((act) => act.id === id)!
    },
    find: (runId, id) => acts.find((act) => act.id === id && act.runId === runId),
    of: (runId) => acts.filter((act) => act.runId === runId),
    underWay: () => acts.filter((act) => act.outcome === null),
  }
}
