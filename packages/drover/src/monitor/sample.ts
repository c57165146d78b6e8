import type { Queryable, Row } from '../db/connection.ts'

/** The state of the server at one moment, as far as the role may see it: null where it may not, or where there is none. */
export interface Sample {
  /** Milliseconds of the server's clock since 1970. */
  readonly atMs: number
  /** Of the slowest replica, in seconds. */
  readonly replicationLagSeconds: number | null
  /** Sessions of others that have been waiting for a lock of this run for more than a second. */
  readonly blockedSessions: number
  /** Sessions of others at work in this database. */
  readonly activeSessions: number
  /** Autovacuum workers at work in this database. */
  readonly autovacuums: number
  /** Write-ahead log since the beginning of time, in bytes; null on a server that does not say. */
  readonly walBytes: number | null
  readonly databaseBytes: number
  /** Nine out of ten of the chunks that ended in the last minute took at most this, in milliseconds. */
  readonly chunkMs: number | null
}

/** Reads a sample of the server that a run works in. */
export async function readSample(tx: Queryable, runId: string): Promise<Sample> {
  const [row] = await tx.query(sampleQuery, [runId])
  return {
    atMs: numberOf(row, 'at_ms')!,
    replicationLagSeconds: numberOf(row, 'replication_lag_seconds'),
    blockedSessions: numberOf(row, 'blocked_sessions')!,
    activeSessions: numberOf(row, 'active_sessions')!,
    autovacuums: numberOf(row, 'autovacuums')!,
    walBytes: numberOf(row, 'wal_bytes'),
    databaseBytes: numberOf(row, 'database_bytes')!,
    chunkMs: numberOf(row, 'chunk_ms'),
  }
}

function numberOf(row: Row | undefined, column: string): number | null {
  const value = row?.[column]
  return value === null || value === undefined ? null : Number(value)
}

/**
 * `$1` run. A replica's lag by time is unknown while nothing is written, then it is none. Who is blocked by whom is asked
 * only of sessions that wait for a lock: the question stops the lock manager for a moment.
 */
const sampleQuery = `
with others as (
  select pid, state, wait_event_type, state_change
  from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and application_name not like 'drover%'
), ours as (
  select pid
  from pg_stat_activity
  where datname = current_database() and application_name like 'drover run ' || $1::text || ' %'
)
select extract(epoch from clock_timestamp()) * 1000 as at_ms,
  (select coalesce(max(extract(epoch from replay_lag)), 0) from pg_stat_replication having count(*) > 0) as replication_lag_seconds,
  (
    select count(*)
    from others
    where wait_event_type = 'Lock' and state_change < clock_timestamp() - interval '1 second'
      and exists (select from ours where ours.pid = any (pg_blocking_pids(others.pid)))
  ) as blocked_sessions,
  (select count(*) from others where state = 'active') as active_sessions,
  (
    select count(*)
    from pg_stat_activity
    where datname = current_database() and backend_type = 'autovacuum worker'
  ) as autovacuums,
  case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') end as wal_bytes,
  pg_database_size(current_database()) as database_bytes,
  (
    select percentile_cont(0.9) within group (order by extract(epoch from finished_at - started_at) * 1000)
    from drover.chunk
    where run_id = $1::bigint and state = 'done' and kind = 'range'
      and finished_at > clock_timestamp() - interval '1 minute'
  ) as chunk_ms`
