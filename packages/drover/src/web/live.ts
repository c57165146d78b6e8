import { setTimeout as sleep } from 'node:timers/promises'
import type { Html } from '../report/html/markup.ts'

/** A part of a page that is sent anew when it changes. */
export interface Fragment {
  /** The `id` of its element. */
  readonly id: string
  /** Tells its states apart. */
  readonly version: string
  /** What the element holds. */
  readonly markup: Html
}

/** What is shown of a run at one moment. */
export interface Moment {
  readonly fragments: readonly Fragment[]
  /** Nothing will change any more. */
  readonly isLast: boolean
}

/** Runs as they go, for as many who watch as there are. */
export interface Live {
  /**
   * Calls the listener with each moment of the run, the newest known one at once, until it is told to stop or it is the
   * last.
   */
  watch(runId: string, listener: (moment: Moment) => void): () => void
  /** The runs that somebody watches: nobody else's ledger is read. */
  watched(): readonly string[]
}

/** How a run is read, and how often. */
export interface LiveOptions {
  /** Never throws: a database that is out of reach is something to show. */
  readonly read: (runId: string) => Promise<Moment>
  /** Between the beginnings of two looks, in milliseconds. Default 1,000. */
  readonly everyMs?: number
}

/** A look takes at most this part of the time: a ledger that is slow to read is read less often. */
const mostShare = 1 / 5

interface Watch {
  readonly listeners: Set<(moment: Moment) => void>
  newest: Moment | undefined
}

/** One look at the ledger serves all who watch a run; where nobody does, there is none. */
export function createLive({ read, everyMs = 1_000 }: LiveOptions): Live {
  const watches = new Map<string, Watch>()
  const follow = async (runId: string, watch: Watch) => {
    while (watch.listeners.size > 0) {
      const startedMs = performance.now()
      const moment = await read(runId)
      watch.newest = moment
      for (const listener of watch.listeners) listener(moment)
      if (moment.isLast) break
      const tookMs = performance.now() - startedMs
      await sleep(Math.max(everyMs - tookMs, tookMs * (1 / mostShare - 1)), undefined, { ref: false })
    }
    // Whoever comes from now on begins anew.
    watches.delete(runId)
  }
  return {
    watch(runId, listener) {
      const known = watches.get(runId)
      const watch = known ?? { listeners: new Set(), newest: undefined }
      watch.listeners.add(listener)
      if (known === undefined) {
        watches.set(runId, watch)
        void follow(runId, watch)
      } else if (watch.newest !== undefined) listener(watch.newest)
      return () => void watch.listeners.delete(listener)
    },
    watched: () => [...watches.keys()],
  }
}
