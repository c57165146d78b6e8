import type { Queryable } from '../db/connection.ts'
import { describeSqlstate } from '../db/sqlstate.ts'
import type { ChunkFailures } from './course.ts'

/** Numbers of chunks that are shown at most. */
const sampled = 5

/** Attempts at chunks that did not end well, by mapping; of each by reason and outcome, the most frequent first. */
export async function readFailures(
  tx: Queryable,
  runId: string,
): Promise<ReadonlyMap<string, readonly ChunkFailures[]>> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select mapping, sqlstate, outcome, sum(times) as attempts,
  array_agg(chunk::text order by place) filter (where place <= $2) as chunks
from (
  select mapping, sqlstate, outcome, chunk, count(*) as times,
    row_number() over (partition by mapping, sqlstate, outcome order by chunk) as place
  from drover.attempt
  where run_id = $1
  group by mapping, sqlstate, outcome, chunk
) as tried
group by mapping, sqlstate, outcome
order by mapping, attempts desc, sqlstate collate "C" nulls last, outcome`,
    [runId, sampled],
  )
  const byMapping = Map.groupBy(rows, ({ mapping }) => mapping as string)
  return new Map(
    [...byMapping].map(([mapping, groups]) => [
      mapping,
      groups.map((row) => ({
        sqlstate: row.sqlstate as string | null,
        why: describeFailure(row.sqlstate as string | null),
        outcome: row.outcome as ChunkFailures['outcome'],
        attempts: row.attempts as string,
        sampleChunks: row.chunks as readonly string[],
      })),
    ]),
  )
}

/** Why an attempt did not end well, in words, without a capital or a full stop. */
export function describeFailure(sqlstate: string | null): string {
  return sqlstate === null ? 'the worker or its connection was gone before the end' : describeSqlstate(sqlstate)
}
