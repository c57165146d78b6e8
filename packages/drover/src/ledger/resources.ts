import type { Queryable, Row } from '../db/connection.ts'

/**
 * What a run took of the server, by all its samples. Counts are int8 as text. The log, temporary files and checkpoints are
 * all that there were in that time, by whomever.
 */
export interface ResourceUse {
  /** How long it was sampled, in seconds: pauses are left out, with the minute after one where its samples were joined. */
  readonly seconds: number
  /** Source rows of the chunks that ended in that time, and as many a second; null where it was no time. */
  readonly rows: string
  readonly rowsPerSecond: number | null
  readonly walBytes: string | null
  /** Bytes of the log for each source row, that of steps and of others included; null where there was no row. */
  readonly walBytesPerRow: number | null
  /** At the first sample, and at the last. */
  readonly databaseBytesBefore: string
  readonly databaseBytesAfter: string
  /** The least that was free; null where it is not visible. */
  readonly freeDiskBytes: string | null
  readonly tempFiles: string
  readonly tempBytes: string
  readonly checkpointsTimed: string
  readonly checkpointsRequested: string
  /** The most memory that one of the run's processes has held. */
  readonly peakMemoryBytes: string
  /** The largest; null where no replica was seen. */
  readonly replicationLagSeconds: number | null
  /** What the run's sessions were seen waiting for: the most frequent first, with its part of all that was seen. */
  readonly waits: readonly { readonly event: string; readonly part: number }[]
  /** Who was seen to hold locks that they waited for, by `application_name`, drover's own as one, and how often. */
  readonly lockHolders: readonly { readonly applicationName: string; readonly times: number }[]
  /** What the role could not see, and why. */
  readonly hidden: readonly { readonly figure: string; readonly why: string }[]
}

/** Samples that are further apart than this have a pause between them, in seconds. */
const longestGapSeconds = 15

/** Reads what a run took; null where no sample tells of the server. */
export async function readResourceUse(tx: Queryable, runId: string): Promise<ResourceUse | null> {
  const [row] = await tx.query(useQuery, [runId, longestGapSeconds])
  if (row === undefined || row.samples === 0) return null
  const text = (column: string) => row[column] as string
  const seconds = row.seconds as number
  const rows = Number(row.rows)
  return {
    seconds,
    rows: text('rows'),
    rowsPerSecond: seconds > 0 ? Math.round(rows / seconds) : null,
    walBytes: row.wal_bytes as string | null,
    walBytesPerRow: rows > 0 && row.wal_bytes !== null ? Math.round(Number(row.wal_bytes) / rows) : null,
    databaseBytesBefore: text('database_bytes_before'),
    databaseBytesAfter: text('database_bytes_after'),
    tempFiles: text('temp_files'),
    tempBytes: text('temp_bytes'),
    checkpointsTimed: text('checkpoints_timed'),
    checkpointsRequested: text('checkpoints_requested'),
    peakMemoryBytes: text('peak_memory_bytes'),
    ...(await readSeen(tx, runId)),
  }
}

/**
 * `$1` run, `$2` the longest gap. Samples that were joined stand for all from `since` on: where any later one reaches
 * back to the one before, there was no pause. A counter that was set back meanwhile counts as one that stood still.
 */
const useQuery = `
with sample as (
  select at, coalesce(since, at) as since, (figures ->> 'rows')::numeric as rows, (figures ->> 'walBytes')::numeric as wal_bytes,
    (figures ->> 'databaseBytes')::numeric as database_bytes, (figures ->> 'tempFiles')::numeric as temp_files,
    (figures ->> 'tempBytes')::numeric as temp_bytes, (figures ->> 'checkpointsTimed')::numeric as checkpoints_timed,
    (figures ->> 'checkpointsRequested')::numeric as checkpoints_requested, memory_bytes
  from drover.sample
  where run_id = $1 and figures is not null and figures ? 'rows'
), step as (
  select at, extract(epoch from at - lag(at) over earlier)::float8 as seconds,
    extract(epoch from min(since) over (earlier rows between current row and unbounded following) - lag(at) over earlier)
      <= $2 as is_next,
    greatest(rows - lag(rows) over earlier, 0) as rows,
    greatest(wal_bytes - lag(wal_bytes) over earlier, 0) as wal_bytes,
    greatest(temp_files - lag(temp_files) over earlier, 0) as temp_files,
    greatest(temp_bytes - lag(temp_bytes) over earlier, 0) as temp_bytes,
    greatest(checkpoints_timed - lag(checkpoints_timed) over earlier, 0) as checkpoints_timed,
    greatest(checkpoints_requested - lag(checkpoints_requested) over earlier, 0) as checkpoints_requested,
    database_bytes, memory_bytes
  from sample
  window earlier as (order by at)
)
select count(*)::integer as samples,
  coalesce(sum(seconds) filter (where is_next), 0) as seconds,
  coalesce(sum(rows) filter (where is_next), 0)::bigint as rows,
  sum(wal_bytes) filter (where is_next)::bigint as wal_bytes,
  coalesce(sum(temp_files) filter (where is_next), 0)::bigint as temp_files,
  coalesce(sum(temp_bytes) filter (where is_next), 0)::bigint as temp_bytes,
  coalesce(sum(checkpoints_timed) filter (where is_next), 0)::bigint as checkpoints_timed,
  coalesce(sum(checkpoints_requested) filter (where is_next), 0)::bigint as checkpoints_requested,
  max(memory_bytes) as peak_memory_bytes,
  (array_agg(database_bytes order by at))[1]::bigint as database_bytes_before,
  (array_agg(database_bytes order by at desc))[1]::bigint as database_bytes_after
from step`

/** The newest sample of each process tells what that process has seen in all of them. */
async function readSeen(
  tx: Queryable,
  runId: string,
): Promise<Pick<ResourceUse, 'freeDiskBytes' | 'replicationLagSeconds' | 'waits' | 'lockHolders' | 'hidden'>> {
  const rows = await tx.query(
    `select distinct on (process) figures -> 'seen' as seen
from drover.sample
where run_id = $1 and figures ? 'seen'
order by process, at desc`,
    [runId],
  )
  const all = rows.map(readStored)
  const waits = addUp(all.map((seen) => seen.waits))
  const total = waits.reduce((sum, [, count]) => sum + count, 0)
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null)
  const lags = known(all.map(({ replicationLagSeconds }) => replicationLagSeconds))
  const free = known(all.map(({ freeDiskBytes }) => freeDiskBytes))
  const hidden = new Map(all.flatMap((seen) => seen.hidden).map((each) => [`${each.figure} ${each.why}`, each]))
  return {
    replicationLagSeconds: lags.length === 0 ? null : Math.max(...lags),
    freeDiskBytes: free.length === 0 ? null : String(Math.min(...free)),
    waits: waits.map(([event, count]) => ({ event, part: count / total })),
    lockHolders: addUp(all.map((seen) => seen.lockHolders)).map(([applicationName, times]) => ({
      applicationName,
      times,
    })),
    hidden: [...hidden.values()],
  }
}

/** The sums of counts by name, the largest first. */
function addUp(all: readonly Readonly<Record<string, number>>[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>()
  for (const [name, count] of all.flatMap(Object.entries)) sums.set(name, (sums.get(name) ?? 0) + count)
  return [...sums].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}

interface StoredSeen {
  readonly waits: Readonly<Record<string, number>>
  readonly lockHolders: Readonly<Record<string, number>>
  readonly replicationLagSeconds: number | null
  readonly freeDiskBytes: number | null
  readonly hidden: ResourceUse['hidden']
}

function readStored(row: Row): StoredSeen {
  return row.seen as StoredSeen
}
