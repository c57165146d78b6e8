import { statfs } from 'node:fs/promises'
import type { Queryable, Row } from '../db/connection.ts'
import type { Server } from './server.ts'

/** What the governor judges; null where the role may not see it, or where there is none. */
export interface Pressure {
  /** Milliseconds of the server's clock since 1970. */
  readonly atMs: number
  /** Of the slowest replica, in seconds. */
  readonly replicationLagSeconds: number | null
  /** Sessions of others that have been waiting for a lock of this run for more than a second. */
  readonly blockedSessions: number
  /** Sessions of others at work in this database; null where the role may not see them. */
  readonly activeSessions: number | null
  /** Write-ahead log since the beginning of time, in bytes; null on a server that does not say. */
  readonly walBytes: number | null
  readonly databaseBytes: number
  /** Nine out of ten of the chunks that ended in the last minute took at most this, in milliseconds. */
  readonly chunkMs: number | null
}

/** The state of the server and of a run at one moment. What grows is counted from the beginning of time. */
export interface Sample extends Pressure {
  /** Autovacuum workers at work in this database; null where the role may not see them. */
  readonly autovacuums: number | null
  /** Source rows of the run's chunks that are done. */
  readonly rows: number
  /** The run's sessions in a transaction, by what they wait for (`IO: DataFileRead`); `none` are those that work. */
  readonly waits: Readonly<Record<string, number>>
  /** The run's sessions that wait for a lock. */
  readonly lockWaits: readonly LockWait[]
  /** Temporary files of this database, by whomever: sorts and hashes that did not fit into `work_mem`. */
  readonly tempFiles: number
  readonly tempBytes: number
  /** Checkpoints of the server that were due by time, and those that something asked for: the log, mostly. */
  readonly checkpointsTimed: number
  readonly checkpointsRequested: number
  /** Free for the server where its data lies; null where that is not visible. */
  readonly freeDiskBytes: number | null
}

/** A session of the run that waits for a lock, and who holds it. */
export interface LockWait {
  readonly worker: string
  readonly holders: readonly { readonly pid: number; readonly applicationName: string }[]
}

/** Reads a sample of the server that a run works in: one query, and one look at the disk where that is here. */
export async function readSample(tx: Queryable, runId: string, server: Server): Promise<Sample> {
  const [row] = await tx.query(sampleQuery(server.version), [runId])
  return {
    atMs: numberOf(row, 'at_ms')!,
    replicationLagSeconds: numberOf(row, 'replication_lag_seconds'),
    blockedSessions: numberOf(row, 'blocked_sessions')!,
    activeSessions: numberOf(row, 'active_sessions'),
    autovacuums: numberOf(row, 'autovacuums'),
    walBytes: numberOf(row, 'wal_bytes'),
    databaseBytes: numberOf(row, 'database_bytes')!,
    chunkMs: numberOf(row, 'chunk_ms'),
    rows: numberOf(row, 'rows')!,
    waits: row?.waits as Sample['waits'],
    lockWaits: row?.lock_waits as Sample['lockWaits'],
    tempFiles: numberOf(row, 'temp_files')!,
    tempBytes: numberOf(row, 'temp_bytes')!,
    checkpointsTimed: numberOf(row, 'checkpoints_timed')!,
    checkpointsRequested: numberOf(row, 'checkpoints_requested')!,
    freeDiskBytes: await freeBytes(server.dataDirectory),
  }
}

async function freeBytes(directory: string | null): Promise<number | null> {
  if (directory === null) return null
  // The server, which is nobody special, gets what is left for everybody.
  const found = await statfs(directory).catch(() => undefined)
  return found === undefined ? null : found.bavail * found.bsize
}

function numberOf(row: Row | undefined, column: string): number | null {
  const value = row?.[column]
  return value === null || value === undefined ? null : Number(value)
}

/** Where the server counts its checkpoints, before and from version 17 on. */
const checkpoints = {
  old: 'select checkpoints_timed, checkpoints_req as checkpoints_requested from pg_stat_bgwriter',
  new: 'select num_timed as checkpoints_timed, num_requested as checkpoints_requested from pg_stat_checkpointer',
}

/**
 * `$1` run. A replica's lag by time is unknown while nothing is written, then it is none; of one that the role may not see
 * not even the state is known. Who is blocked by whom is asked only of sessions that wait for a lock: the question stops the
 * lock manager for a moment. What sessions of other roles do, `pg_stat_activity` tells members of pg_read_all_stats alone;
 * who they are and what they wait for in `pg_locks`, everybody.
 */
const sampleQuery = (version: number) => `
with session as (
  select pid, usesysid, backend_type, application_name, state, wait_event_type, wait_event
  from pg_stat_activity
  where datname = current_database()
), ours as (
  select pid, state, wait_event_type, wait_event, substr(application_name, length('drover run ' || $1::text || ' ') + 1) as worker
  from session
  where starts_with(application_name, 'drover run ' || $1::text || ' ')
)
select extract(epoch from clock_timestamp()) * 1000 as at_ms,
  (
    select case when count(state) = count(*) then coalesce(max(extract(epoch from replay_lag)), 0) end
    from pg_stat_replication
    having count(*) > 0
  ) as replication_lag_seconds,
  (
    select count(distinct waiting.pid)
    from pg_locks as waiting
    join session using (pid)
    where not waiting.granted and waiting.waitstart < clock_timestamp() - interval '1 second'
      and session.usesysid is not null and session.application_name not like 'drover%'
      and exists (select from ours where ours.pid = any (pg_blocking_pids(waiting.pid)))
  ) as blocked_sessions,
  case when pg_has_role('pg_read_all_stats', 'usage') then (
    select count(*)
    from session
    where backend_type = 'client backend' and application_name not like 'drover%' and state = 'active'
  ) end as active_sessions,
  case when pg_has_role('pg_read_all_stats', 'usage') then (
    select count(*) from session where backend_type = 'autovacuum worker'
  ) end as autovacuums,
  case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') end as wal_bytes,
  pg_database_size(current_database()) as database_bytes,
  (
    select percentile_cont(0.9) within group (order by extract(epoch from finished_at - started_at) * 1000)
    from drover.chunk
    where run_id = $1::bigint and state = 'done' and kind = 'range'
      and finished_at > clock_timestamp() - interval '1 minute'
  ) as chunk_ms,
  (
    select coalesce(sum(read), 0) from drover.chunk where run_id = $1::bigint and state = 'done' and kind = 'range'
  ) as rows,
  (
    select coalesce(jsonb_object_agg(waits_for, sessions), '{}')
    from (
      select coalesce(wait_event_type || ': ' || wait_event, 'none') as waits_for, count(*) as sessions
      from ours
      where state <> 'idle'
      group by 1
    ) as waiting
  ) as waits,
  (
    select coalesce(jsonb_agg(jsonb_build_object('worker', worker, 'holders', (
      select coalesce(jsonb_agg(
        jsonb_build_object('pid', holder.pid, 'applicationName', holder.application_name) order by holder.pid
      ), '[]')
      from session as holder
      where holder.pid = any (pg_blocking_pids(ours.pid))
    )) order by worker collate "C"), '[]')
    from ours
    where wait_event_type = 'Lock'
  ) as lock_waits,
  temp_files, temp_bytes, checkpoints_timed, checkpoints_requested
from pg_stat_database
cross join (${version >= 170_000 ? checkpoints.new : checkpoints.old}) as checkpointer
where datname = current_database()`
