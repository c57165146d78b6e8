import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../db/connection.ts'
import { writeSample } from '../ledger/sample.ts'
import { decide } from '../monitor/decide.ts'
import type { ServerLimits } from '../monitor/limits.ts'
import { readSample, type Sample } from '../monitor/sample.ts'
import { type Throttle, throttle, unthrottled } from '../monitor/throttle.ts'

/** What holds the workers of one process back when the server has enough to do. */
export interface Gate {
  /** Whether the worker with this number, from 0, may take a task now. */
  admits(worker: number): boolean
  /** The share of the usual time that a chunk may aim at, from 1 down. */
  chunkShare(): number
}

export interface Governor extends Gate {
  /** Resolves when the last sample is written. */
  stop(): Promise<void>
}

export interface GovernorOptions {
  /** The workers of this process. */
  readonly workers: number
  readonly limits: ServerLimits
  /** `host.pid` */
  readonly process: string
  /** Between two samples, in milliseconds. Default 1,000. */
  readonly everyMs?: number
}

/** How long the server may take to tell its state, in milliseconds. After that the governor fails closed. */
const sampleTimeoutMs = 5_000

/**
 * Looks at the server once a second, decides how much of its strength this process may use, and writes both into the
 * ledger. Where the server does not answer, no worker takes a new chunk.
 */
export function startGovernor(db: Database, runId: string, options: GovernorOptions): Governor {
  const { workers, limits, process: name, everyMs = 1_000 } = options
  const stopped = new AbortController()
  let now: Throttle = { ...unthrottled(workers), workers: 0 }
  let previous: Sample | undefined
  const look = async () => {
    const settings = { application_name: `drover governor ${name}` }
    const timeouts = { statementTimeoutMs: sampleTimeoutMs, lockTimeoutMs: sampleTimeoutMs, settings }
    const sample = await db
      .transaction((tx) => readSample(tx, runId), { ...timeouts, readOnly: true })
      .catch(() => undefined)
    const decision = decide(sample, previous, limits)
    now = throttle(now, decision, workers)
    previous = sample ?? previous
    const record = {
      process: name,
      figures: sample ?? null,
      action: decision.action,
      limit: decision.action === 'go' ? null : decision.limit,
      reason: decision.action === 'go' ? null : decision.reason,
      workers: now.workers,
      memoryBytes: process.resourceUsage().maxRSS * 1024,
    }
    // What cannot be noted is not worth a run.
    await db.transaction((tx) => writeSample(tx, runId, record), timeouts).catch(() => {})
  }
  const watch = async () => {
    while (!stopped.signal.aborted) {
      await look()
      await sleep(everyMs, undefined, { signal: stopped.signal }).catch(() => {})
    }
  }
  const watching = watch()
  return {
    admits: (worker) => worker < now.workers,
    chunkShare: () => now.chunkShare,
    stop: () => {
      stopped.abort()
      return watching
    },
  }
}
