import type { Queryable } from '../db/connection.ts'
import type { ReportChunk } from './course.ts'

/** When the chunks of a mapping that are done were carried out, and how long they took: from the pick to the end. */
export interface ChunkTimes {
  /** As the server prints them. */
  readonly firstAt: string
  readonly lastAt: string
  readonly spanMs: number
  readonly done: number
  readonly medianMs: number
  readonly p95Ms: number
  /** The slowest first. */
  readonly slowest: readonly ReportChunk[]
}

/** How many of the slowest are told. */
const told = 5

const ms = `(extract(epoch from finished_at - started_at) * 1000)::float8`

/** The times by mapping; none of those of which no chunk is done. */
export async function readTimes(tx: Queryable, runId: string): Promise<ReadonlyMap<string, ChunkTimes>> {
  const slowest = await readSlowest(tx, runId)
  const rows = await tx.query(
    `/* drover run ${runId} report */
select mapping, first_at, last_at, span_ms, done, quantiles[1] as median_ms, quantiles[2] as p95_ms
from (
  select mapping, min(started_at) as first_at, max(finished_at) as last_at,
    greatest((extract(epoch from max(finished_at) - min(started_at)) * 1000)::float8, 0) as span_ms, count(*)::float8 as done,
    percentile_disc(array[0.5, 0.95]) within group (order by ${ms}) as quantiles
  from drover.chunk
  where run_id = $1 and kind = 'range' and state = 'done'
  group by mapping
) as timed`,
    [runId],
  )
  return new Map(
    rows.map((row) => {
      const mapping = row.mapping as string
      return [
        mapping,
        {
          firstAt: row.first_at as string,
          lastAt: row.last_at as string,
          spanMs: row.span_ms as number,
          done: row.done as number,
          medianMs: row.median_ms as number,
          p95Ms: row.p95_ms as number,
          slowest: slowest.get(mapping) ?? [],
        },
      ]
    }),
  )
}

async function readSlowest(tx: Queryable, runId: string): Promise<ReadonlyMap<string, readonly ReportChunk[]>> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select step.mapping, number, read as rows, ms
from drover.step
cross join lateral (
  select number, read, ${ms} as ms
  from drover.chunk
  where chunk.run_id = step.run_id and chunk.mapping = step.mapping and kind = 'range' and chunk.state = 'done'
  order by ms desc, number
  limit $2
) as slow
where step.run_id = $1
order by step.mapping, ms desc, number`,
    [runId, told],
  )
  const byMapping = Map.groupBy(rows, ({ mapping }) => mapping as string)
  return new Map(
    [...byMapping].map(([mapping, chunks]) => [
      mapping,
      chunks.map((row) => ({ number: row.number as string, rows: row.rows as string, ms: row.ms as number })),
    ]),
  )
}
