import type { Queryable } from '../db/connection.ts'
import type { StripCell } from './course.ts'

/** Cells of all strips of a run together, as long as each can have a few, and of one strip. */
const bounds = { ofRun: 12_000, least: 12, most: 120 }

/** Into how many cells at most the chunks of each mapping are put, for a run of so many: it stays small then, too. */
export function cellsFor(mappings: number): number {
  return Math.min(bounds.most, Math.max(bounds.least, Math.floor(bounds.ofRun / Math.max(1, mappings))))
}

/**
 * The chunks of each mapping in cells by their numbers: they are numbered along the source as they were cut. Where
 * chunks were joined numbers are missing, and a cell in which none is left is left out; parts of a chunk that was cut
 * come last.
 */
export async function readStrips(
  tx: Queryable,
  runId: string,
  mappings: number,
): Promise<ReadonlyMap<string, readonly StripCell[]>> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
with span as materialized (
  select step.mapping, newest.number as last, least($2, newest.number) as cells
  from drover.step
  cross join lateral (
    select number
    from drover.chunk
    where chunk.run_id = step.run_id and chunk.mapping = step.mapping and kind = 'range'
    order by number desc
    limit 1
  ) as newest
  where step.run_id = $1
), tried as (
  select distinct on (mapping, chunk) mapping, chunk as number, outcome
  from drover.attempt
  where run_id = $1
  order by mapping, chunk, at desc
)
select mapping, (number - 1) * cells / last as cell, count(*)::float8 as chunks,
  count(*) filter (where state = 'done')::float8 as done,
  count(*) filter (where state = 'done' and (attempts > 1 or splits > 0 or outcome is not null))::float8 as retried,
  count(*) filter (where state = 'open' and attempts > 0)::float8 as begun,
  count(*) filter (where state = 'open' and attempts = 0 and outcome = 'failed')::float8 as failed,
  coalesce(sum(read), 0)::float8 as rows, coalesce(sum(quarantined), 0)::float8 as quarantined
from drover.chunk
join span using (mapping)
left join tried using (mapping, number)
where run_id = $1 and kind = 'range'
group by mapping, cell
order by mapping, cell`,
    [runId, cellsFor(mappings)],
  )
  const byMapping = Map.groupBy(rows, ({ mapping }) => mapping as string)
  return new Map([...byMapping].map(([mapping, cells]) => [mapping, cells.map(readCell)]))
}

function readCell(row: Readonly<Record<string, unknown>>): StripCell {
  const { chunks, done, retried, begun, failed, rows, quarantined } = row as unknown as StripCell
  return { chunks, done, retried, begun, failed, rows, quarantined }
}
