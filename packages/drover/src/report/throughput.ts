import type { Queryable } from '../db/connection.ts'
import type { ChunkTimes } from './chunk-times.ts'
import type { Throughput } from './course.ts'
import { isoInstant } from './instant.ts'

/** Slices at most of a run, and of all its mappings together as long as each can have a few. */
const most = { ofRun: 120, ofMappings: 6_000, ofMapping: 60, least: 6 }

/** Into how many slices the time of each mapping is cut, for a run of so many. */
export function slicesFor(mappings: number): number {
  return Math.min(most.ofMapping, Math.max(most.least, Math.floor(most.ofMappings / Math.max(1, mappings))))
}

/** The throughput of the whole load, whose chunks are counted in the slice in which they ended. */
export async function readThroughput(tx: Queryable, runId: string): Promise<Throughput | null> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
with span as materialized (
  select min(started_at) as first_at, least($2, count(*)) as slices,
    greatest((extract(epoch from max(finished_at) - min(started_at)) * 1000)::float8, 0) / least($2, count(*)) as slice_ms
  from drover.chunk
  where run_id = $1 and kind = 'range' and state = 'done'
  having count(*) > 0
)
select first_at, slices, slice_ms, ${slice} as slice, sum(read)::float8 as rows
from drover.chunk
cross join span
where run_id = $1 and kind = 'range' and state = 'done'
group by first_at, slices, slice_ms, slice`,
    [runId, most.ofRun],
  )
  const [span] = rows
  if (span === undefined) return null
  return {
    from: isoInstant(span.first_at as string),
    sliceMs: span.slice_ms as number,
    rows: inOrder(rows as unknown as readonly SliceRow[], Number(span.slices)),
  }
}

/** The throughput of each mapping that has a chunk which is done. */
export async function readThroughputs(
  tx: Queryable,
  runId: string,
  times: ReadonlyMap<string, ChunkTimes>,
): Promise<ReadonlyMap<string, Throughput>> {
  const limit = slicesFor(times.size)
  const spans = [...times].map(([mapping, { firstAt, spanMs, done }]) => {
    const slices = Math.min(limit, done)
    return { mapping, first_at: firstAt, slices, slice_ms: spanMs / slices }
  })
  const rows = await tx.query(
    `/* drover run ${runId} report */
select mapping, ${slice} as slice, sum(read)::float8 as rows
from drover.chunk
join jsonb_to_recordset($2) as span (mapping text, first_at timestamptz, slices integer, slice_ms float8) using (mapping)
where run_id = $1 and kind = 'range' and state = 'done'
group by mapping, slice`,
    [runId, JSON.stringify(spans)],
  )
  const byMapping = Map.groupBy(rows as unknown as readonly SliceRow[], ({ mapping }) => mapping)
  return new Map(
    spans.map(({ mapping, first_at, slices, slice_ms }) => [
      mapping,
      { from: isoInstant(first_at), sliceMs: slice_ms, rows: inOrder(byMapping.get(mapping) ?? [], slices) },
    ]),
  )
}

/** In which slice a chunk ended; a clock that was set back puts it into the first. */
const slice = `greatest(0, least(
    slices - 1, floor((extract(epoch from finished_at - first_at) * 1000)::float8 / greatest(slice_ms, 0.001))
  ))::integer`

interface SliceRow {
  readonly mapping: string
  readonly slice: number
  readonly rows: number
}

function inOrder(slices: readonly SliceRow[], count: number): readonly number[] {
  const bySlice = new Map(slices.map(({ slice: position, rows }) => [position, rows]))
  return Array.from({ length: count }, (_, i) => bySlice.get(i) ?? 0)
}
