import type { Queryable } from '../db/connection.ts'

/** What a worker has picked and not ended. */
export interface BegunTask {
  readonly worker: string
  /** Of `build`, which makes statistics, or an index or a constraint again: its table. */
  readonly mapping: string
  readonly kind: 'prepare' | 'chunk' | 'close' | 'build'
  /** Of a chunk: its number, an int8 as text; of `build` the name, of statistics that word. */
  readonly chunk: string | null
  readonly rows: number | null
}

/** What the workers of a run have picked; one that died is still noted with what it had. */
export async function readBegunTasks(tx: Queryable, runId: string): Promise<readonly BegunTask[]> {
  const rows = await tx.query(
    `select worker, mapping, 'chunk' as kind, number::text as chunk, rows
from drover.chunk
where run_id = $1 and state = 'open' and attempts > 0
union all
select worker, mapping, case state when 'waiting' then 'prepare' else 'close' end, null, null
from drover.step
where run_id = $1 and state <> 'done' and worker is not null and not exists (
    select from drover.chunk
    where chunk.run_id = step.run_id and chunk.mapping = step.mapping and chunk.state = 'open'
  )
union all
select worker, table_schema || '.' || table_name, 'build', case kind when 'statistics' then 'statistics' else object_name end, null
from drover.rebuild
where run_id = $1 and state in ('off', 'built') and worker is not null
order by worker, mapping, chunk`,
    [runId],
  )
  return rows.map((row) => ({
    worker: row.worker as string,
    mapping: row.mapping as string,
    kind: row.kind as BegunTask['kind'],
    chunk: row.chunk as string | null,
    rows: row.rows === null ? null : Number(row.rows),
  }))
}

/** The rows of chunks that ended in the last `slices` times `sliceMs`, the oldest slice first. */
export async function readRecentRows(
  tx: Queryable,
  runId: string,
  { slices, sliceMs }: { readonly slices: number; readonly sliceMs: number },
): Promise<readonly number[]> {
  const rows = await tx.query(
    `select floor(extract(epoch from clock_timestamp() - finished_at) * 1000 / $3)::integer as slice,
  sum(read)::float8 as rows
from drover.chunk
where run_id = $1 and state = 'done' and finished_at > clock_timestamp() - make_interval(secs => $2::float8 * $3 / 1000)
group by slice`,
    [runId, slices, sliceMs],
  )
  const bySlice = new Map(rows.map((row) => [row.slice as number, row.rows as number]))
  return Array.from({ length: slices }, (_, i) => bySlice.get(slices - 1 - i) ?? 0)
}

/** Attempts at chunks that did not end well. */
export interface RecentAttempts {
  readonly mapping: string
  readonly sqlstate: string | null
  readonly outcome: string
  readonly count: number
}

/** Those of the last `withinMs`, by mapping and reason. */
export async function readRecentAttempts(
  tx: Queryable,
  runId: string,
  withinMs: number,
): Promise<readonly RecentAttempts[]> {
  const rows = await tx.query(
    `select mapping, sqlstate, outcome, count(*)::integer as count
from drover.attempt
where run_id = $1 and at > clock_timestamp() - make_interval(secs => $2::float8 / 1000)
group by mapping, sqlstate, outcome
order by count desc, mapping, sqlstate, outcome`,
    [runId, withinMs],
  )
  return rows as unknown as readonly RecentAttempts[]
}

/** Source rows that are left, and the mappings of which they are not counted yet. */
export interface Remaining {
  readonly rows: number
  readonly uncounted: readonly string[]
}

/** Reads what is left of the mappings that are not done. */
export async function readRemaining(tx: Queryable, runId: string): Promise<Remaining> {
  const rows = await tx.query(
    `select step.mapping, step.state, greatest(step.source_rows - coalesce(sum(chunk.read), 0), 0)::float8 as rows
from drover.step
left join drover.chunk on chunk.run_id = step.run_id and chunk.mapping = step.mapping and chunk.state = 'done'
where step.run_id = $1 and step.state <> 'done'
group by step.run_id, step.mapping
order by step.position`,
    [runId],
  )
  return {
    rows: rows.reduce((sum, row) => sum + ((row.rows as number | null) ?? 0), 0),
    uncounted: rows.filter((row) => row.state === 'waiting').map((row) => row.mapping as string),
  }
}
