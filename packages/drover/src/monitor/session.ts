import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Queryable } from '../db/connection.ts'
import { readThrottling } from '../ledger/sample.ts'

/** A transaction of a worker, as the server sees it at one moment. */
export interface Session {
  readonly pid: number
  /** The worker's name: its machine, its process, a number. */
  readonly worker: string
  /** The machine that the server sees; null for a local socket, or behind a pooler that of the pooler. */
  readonly clientAddress: string | null
  /** As in pg_stat_activity: `active`, `idle in transaction`, … */
  readonly state: string
  /** What it waits for, e.g. `Lock: transactionid`; null where it waits for nothing. */
  readonly waitEvent: string | null
  readonly transactionMs: number
  /** Sessions that hold the lock it waits for. */
  readonly blockers: readonly Blocker[]
}

/** A session that others wait for. */
export interface Blocker {
  readonly pid: number
  readonly applicationName: string
  readonly state: string
  /** How long its transaction has been open. */
  readonly transactionMs: number
}

/** The workers of a run that are in a transaction now, on any machine: known by their `application_name`. */
export async function readSessions(tx: Queryable, runId: string): Promise<readonly Session[]> {
  const rows = await tx.query(
    `select activity.pid, substr(activity.application_name, length($1) + 1) as worker,
  host(activity.client_addr) as client_address, coalesce(activity.state, 'unknown') as state,
  activity.wait_event_type || ': ' || activity.wait_event as wait_event,
  coalesce(extract(epoch from clock_timestamp() - activity.xact_start) * 1000, 0)::float8 as transaction_ms,
  coalesce((
    select json_agg(json_build_object(
      'pid', blocker.pid,
      'applicationName', blocker.application_name,
      'state', coalesce(blocker.state, 'unknown'),
      'transactionMs', coalesce(extract(epoch from clock_timestamp() - blocker.xact_start) * 1000, 0)::float8
    ) order by blocker.pid)
    from pg_stat_activity as blocker
    where blocker.pid = any (pg_blocking_pids(activity.pid))
  ), '[]') as blockers
from pg_stat_activity as activity
where activity.datname = current_database() and activity.pid <> pg_backend_pid()
  and starts_with(activity.application_name, $1) and activity.application_name ~ '[.][0-9]+[.][0-9]+$'
order by activity.application_name collate "C", activity.pid`,
    [`drover run ${runId} `],
  )
  return rows.map((row) => ({
    pid: row.pid as number,
    worker: row.worker as string,
    clientAddress: row.client_address as string | null,
    state: row.state as string,
    waitEvent: row.wait_event as string | null,
    transactionMs: row.transaction_ms as number,
    blockers: row.blockers as readonly Blocker[],
  }))
}

/** How often one looks: between two transactions a worker cannot be seen; and the pause between, in milliseconds. */
const looks = 4
const lookPauseMs = 25

/** The workers of a run that are seen while one looks for a tenth of a second, each as it was seen last. */
export async function watchSessions(db: Database, runId: string): Promise<readonly Session[]> {
  const seen = new Map<string, Session>()
  for (let look = 1; ; look++) {
    const sessions = await db.transaction((tx) => readSessions(tx, runId), { readOnly: true })
    for (const session of sessions) seen.set(session.worker, session)
    if (look === looks) return [...seen.values()].toSorted((a, b) => (a.worker < b.worker ? -1 : 1))
    await sleep(lookPauseMs)
  }
}

/** The names of the workers that a run has now, and of the processes whose workers all wait for the server. */
export async function findWorkers(db: Database, runId: string): Promise<readonly string[]> {
  const sessions = await watchSessions(db, runId)
  const throttled = await db.transaction((tx) => readThrottling(tx, runId), { readOnly: true })
  const waiting = throttled.filter(({ workers }) => workers === 0).map(({ process }) => process)
  return [...sessions.map(({ worker }) => worker), ...waiting]
}
