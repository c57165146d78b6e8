import type { Queryable } from '../db/connection.ts'

/** A moment of a process at work, as the ledger keeps it. */
export interface SampleRecord {
  /** `host.pid` */
  readonly process: string
  /** What was seen of the server; null where it could not be read. */
  readonly figures: object | null
  readonly action: string
  /** The limit that was exceeded, by its name in the settings. */
  readonly limit: string | null
  readonly reason: string | null
  /** Workers of the process that may take chunks. */
  readonly workers: number
  /** The most memory that the process has held, in bytes. */
  readonly memoryBytes: number
}

export async function writeSample(tx: Queryable, runId: string, sample: SampleRecord): Promise<void> {
  const { process, figures, action, limit, reason, workers, memoryBytes } = sample
  await tx.query(
    `insert into drover.sample (run_id, process, figures, action, limit_name, reason, workers, memory_bytes)
values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [runId, process, figures === null ? null : JSON.stringify(figures), action, limit, reason, workers, memoryBytes],
  )
}

/** Why processes that work on the run are held back now: the newest reason of each that has spoken in the last ten seconds. */
export async function readThrottling(tx: Queryable, runId: string): Promise<readonly Throttling[]> {
  const rows = await tx.query(
    `select process, action, limit_name as "limit", reason, workers
from (
  select distinct on (process) process, action, limit_name, reason, workers
  from drover.sample
  where run_id = $1 and at > clock_timestamp() - interval '10 seconds'
  order by process, at desc
) as newest
where action <> 'go'
order by process`,
    [runId],
  )
  return rows as unknown as readonly Throttling[]
}

export interface Throttling {
  readonly process: string
  readonly action: 'wait' | 'fewer-workers' | 'smaller-chunks'
  /** The limit that is exceeded, by its name in the settings; null where the server does not tell its state. */
  readonly limit: string | null
  readonly reason: string
  readonly workers: number
}
