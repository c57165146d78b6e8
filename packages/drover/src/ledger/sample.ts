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
  /** What the process takes of its machine. */
  readonly processFigures: ProcessFigures
}

/** What a process takes of its machine at one moment. */
export interface ProcessFigures {
  /** Time on a processor since the process began, in seconds. */
  readonly cpuUserSeconds: number
  readonly cpuSystemSeconds: number
  /** The part of one core that it took since the figures before: 0.5 is half a core. */
  readonly cpuPart: number
  readonly rssBytes: number
  /** What V8's heap holds. */
  readonly heapBytes: number
  /** The most memory that it has held. */
  readonly peakBytes: number
  /** How late the event loop came to what was due, 99 times of 100, since the figures before, in milliseconds. */
  readonly eventLoopP99Ms: number
  /** The largest of those since it was watched. */
  readonly eventLoopPeakMs: number
}

/** Notes what a process has seen of the server, and what it decided. */
export async function writeSample(tx: Queryable, runId: string, sample: SampleRecord): Promise<void> {
  const { process, figures, action, limit, reason, workers, processFigures } = sample
  await tx.query(
    `insert into drover.sample (
  run_id, process, figures, action, limit_name, reason, workers, process_figures, memory_bytes
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      runId,
      process,
      figures === null ? null : JSON.stringify(figures),
      action,
      limit,
      reason,
      workers,
      JSON.stringify(processFigures),
      processFigures.peakBytes,
    ],
  )
}

/**
 * Joins the samples of a process that have become ten minutes old, one a minute for each action and limit, so that the
 * ledger stays small in a run of days. To be called once a minute; a second time does no harm.
 */
export async function thinSamples(tx: Queryable, runId: string, process: string): Promise<void> {
  await tx.query(
    `with old as (
  delete from drover.sample
  where run_id = $1 and process = $2
    and at >= date_trunc('minute', clock_timestamp()) - interval '12 minutes'
    and at < date_trunc('minute', clock_timestamp()) - interval '10 minutes'
  returning at, since, samples, figures, action, limit_name, reason, workers, process_figures, memory_bytes
)
insert into drover.sample (
  run_id, process, at, since, samples, figures, action, limit_name, reason, workers, process_figures, memory_bytes
)
select $1, $2, max(at), min(coalesce(since, at)), sum(samples),
  (array_agg(figures order by at desc) filter (where figures is not null))[1], action, limit_name,
  (array_agg(reason order by at desc))[1], max(workers), (array_agg(process_figures order by at desc))[1],
  max(memory_bytes)
from old
group by action, limit_name, date_trunc('minute', at)`,
    [runId, process],
  )
}

/** A process that works on a run now. */
export interface WorkingProcess {
  /** `host.pid` */
  readonly process: string
  readonly figures: ProcessFigures
}

/** The processes that have spoken in the last ten seconds, and what they take. */
export async function readWorkingProcesses(tx: Queryable, runId: string): Promise<readonly WorkingProcess[]> {
  const rows = await tx.query(
    `select distinct on (process collate "C") process, process_figures as figures
from drover.sample
where run_id = $1 and at > clock_timestamp() - interval '10 seconds' and process_figures is not null
order by process collate "C", at desc`,
    [runId],
  )
  return rows as unknown as readonly WorkingProcess[]
}

/**
 * Why processes that work on the run are held back now: the newest reason of each that has spoken in the last ten
 * seconds.
 */
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

/** A process that holds back at the moment. */
export interface Throttling {
  readonly process: string
  readonly action: 'wait' | 'fewer-workers' | 'smaller-chunks'
  /** The limit that is exceeded, by its name in the settings; null where the server does not tell its state. */
  readonly limit: string | null
  readonly reason: string
  readonly workers: number
}
