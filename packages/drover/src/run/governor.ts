import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Queryable } from '../db/connection.ts'
import { thinSamples, writeSample } from '../ledger/sample.ts'
import { decide } from '../monitor/decide.ts'
import type { ServerLimits } from '../monitor/limits.ts'
import { watchProcess } from '../monitor/process.ts'
import { readSample, type Sample } from '../monitor/sample.ts'
import { type Seen, seeMore } from '../monitor/seen.ts'
import type { Server } from '../monitor/server.ts'
import { type Throttle, throttle, unthrottled } from '../monitor/throttle.ts'

/** What holds the workers of one process back when the server has enough to do. */
export interface Gate {
  /** Whether the worker with this number, from 0, may take a task now. */
  admits(worker: number): boolean
  /** The share of the usual time that a chunk may aim at, from 1 down. */
  chunkShare(): number
}

/** Watches the server, and admits workers to their next chunk. */
export interface Governor extends Gate {
  /** Resolves when it has looked for the first time: before, nobody is admitted. */
  readonly looked: Promise<void>
  /** Resolves when the last sample is written. */
  stop(): Promise<void>
}

/** What the server may be burdened with, and by whom. */
export interface GovernorOptions {
  /** The workers of this process. */
  readonly workers: number
  readonly limits: ServerLimits
  readonly server: Server
  /** `host.pid` */
  readonly process: string
  /** Between two samples, in milliseconds. Default 1,000. */
  readonly everyMs?: number
  /** Between two times that old samples are joined, in milliseconds. Default 60,000. */
  readonly thinEveryMs?: number
}

/** How long the server may take to tell its state, in milliseconds. After that the governor fails closed. */
const sampleTimeoutMs = 5_000

/**
 * Looks at the server once a second, decides how much of its strength this process may use, and writes both into the
 * ledger. Where the server does not answer, no worker takes a new chunk.
 */
export function startGovernor(db: Database, runId: string, options: GovernorOptions): Governor {
  const { workers, limits, server, process: name, everyMs = 1_000, thinEveryMs = 60_000 } = options
  const stopped = new AbortController()
  const self = watchProcess()
  // A sample is not worth a wait for the disk.
  const settings = { application_name: `drover governor ${name}`, synchronous_commit: 'off' }
  const timeouts = { statementTimeoutMs: sampleTimeoutMs, lockTimeoutMs: sampleTimeoutMs, settings }
  let now: Throttle = { ...unthrottled(workers), workers: 0 }
  let previous: Sample | undefined
  let seen: Seen | undefined
  let thinnedAtMs = performance.now()
  const look = async () => {
    const sample = await db
      .transaction((tx) => readSample(tx, runId, server), { ...timeouts, readOnly: true })
      .catch(() => undefined)
    const decision = decide(sample, previous, limits)
    now = throttle(now, decision, workers)
    previous = sample ?? previous
    if (sample !== undefined) seen = seeMore(seen, sample, server.hidden)
    const isDue = performance.now() - thinnedAtMs >= thinEveryMs
    if (isDue) thinnedAtMs = performance.now()
    const record = {
      process: name,
      figures: sample === undefined ? null : { ...sample, seen },
      action: decision.action,
      limit: decision.action === 'go' ? null : decision.limit,
      reason: decision.action === 'go' ? null : decision.reason,
      workers: now.workers,
      processFigures: self.read(),
    }
    const write = async (tx: Queryable) => {
      await writeSample(tx, runId, record)
      if (isDue) await thinSamples(tx, runId, name)
    }
    // What cannot be noted is not worth a run.
    await db.transaction(write, timeouts).catch(() => {})
  }
  const first = look()
  const watch = async () => {
    await first
    while (!stopped.signal.aborted) {
      await sleep(everyMs, undefined, { signal: stopped.signal }).catch(() => {})
      if (!stopped.signal.aborted) await look()
    }
    // What there is in the end: a short run has no other sample to compare the first with.
    await look()
    self.stop()
  }
  const watching = watch()
  return {
    looked: first,
    admits: (worker) => worker < now.workers,
    chunkShare: () => now.chunkShare,
    stop: () => {
      stopped.abort()
      return watching
    },
  }
}
