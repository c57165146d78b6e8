import type { Queryable, Row } from '../db/connection.ts'
import { isoInstant } from './instant.ts'
import { type MetIssues, mostIssues, type ReportIssue } from './issues.ts'

/**
 * Issues of one sort, the earliest first. `query` takes the run as `$1` and gives a row for each, with the columns
 * `at`, `until`, `mapping`, `times`, and what `describe` reads.
 */
export async function queryIssues(
  tx: Queryable,
  runId: string,
  query: string,
  describe: (row: Row) => Pick<ReportIssue, 'kind' | 'what'>,
): Promise<MetIssues> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select *, count(*) over ()::float8 as found
from (
${query}
) as met
order by at, until, mapping collate "C" nulls first
limit $2`,
    [runId, mostIssues],
  )
  const issues = rows.map((row) => ({
    at: isoInstant(row.at as string),
    until: isoInstant(row.until as string),
    mapping: row.mapping as string | null,
    times: row.times as string,
    ...describe(row),
  }))
  return { issues, found: (rows[0]?.found as number | undefined) ?? 0 }
}
