import type { Queryable } from '../db/connection.ts'
import type { ServerLimits } from '../monitor/limits.ts'
import { queryIssues } from './issue-query.ts'
import type { MetIssues } from './issues.ts'
import type { DecisionGroup } from './report.ts'
import { limitWords } from './words.ts'

const actions: Readonly<Record<Exclude<DecisionGroup['action'], 'go'>, string>> = {
  wait: 'No new chunk was begun',
  'fewer-workers': 'Fewer workers took chunks',
  'smaller-chunks': 'Chunks were made smaller',
}

/** When the governor held the run back, and by which limit; the figures are in the samples. */
export function readHeldBack(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select min(coalesce(since, at)) as at, max(at) as until, null::text as mapping, sum(samples) as times, action, limit_name
from drover.sample
where run_id = $1 and action <> 'go'
group by date_trunc('hour', at), action, limit_name`,
    ({ action, limit_name: limit }) => ({
      kind: 'held back',
      what: `${actions[action as keyof typeof actions]}: ${describeLimit(limit as keyof ServerLimits | null)}.`,
    }),
  )
}

function describeLimit(limit: keyof ServerLimits | null): string {
  return limit === null ? 'the state of the server could not be read' : `${limitWords[limit]} (${limit})`
}
