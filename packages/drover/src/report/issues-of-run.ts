import type { Queryable, Row } from '../db/connection.ts'
import { queryIssues } from './issue-query.ts'
import type { MetIssues } from './issues.ts'

/** Why a run failed; when it was paused, until it was taken up again; and when it was cancelled. */
export function readStops(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select event.at, null::text as mapping, 1::bigint as times, event.what as happened, detail ->> 'what' as said, detail ->> 'why' as why,
  case when event.what = 'run paused' then coalesce(taken_up.at, event.at) else event.at end as until
from drover.event
left join lateral (
  select min(later.at) as at
  from drover.event as later
  where later.run_id = event.run_id and later.id > event.id and later.what = 'run running'
) as taken_up on true
where event.run_id = $1 and (
  event.what in ('run paused', 'run cancelled')
  -- Besides this one, the change of state is an event of the same name.
  or event.what = 'run failed' and detail ? 'what'
)`,
    ({ happened, said, why }) => {
      if (happened === 'run paused') return { kind: 'pause', what: 'The run was paused.' }
      if (happened === 'run cancelled') return { kind: 'pause', what: 'The run was cancelled.' }
      return { kind: 'failure', what: `The run failed. ${said}${why === null ? '' : ` Why: ${why}.`}` }
    },
  )
}

/** Processes that work on a run sample once a second. A longer silence of all of them is told, in seconds. */
const silenceSeconds = 15

/** When nobody was seen to work on a run that was neither paused nor had failed. */
export function readInterruptions(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select last_at as at, since as until, null::text as mapping, 1::bigint as times
from (
  -- A sample that stands for several begins with the first of them: any later one may reach back to the one before.
  select lag(at) over (order by at) as last_at,
    min(coalesce(since, at)) over (order by at rows between current row and unbounded following) as since
  from drover.sample
  where run_id = $1
) as seen
where since - last_at > make_interval(secs => ${silenceSeconds})
  and not exists (
    select from drover.event
    where run_id = $1 and what in ('run paused', 'run failed', 'run loaded')
      and event.at between last_at - interval '1 minute' and since
  )`,
    () => ({
      kind: 'pause',
      what: 'Nobody was seen to work on the run: its processes had ended without a word, or could not reach the server.',
    }),
  )
}

/** What was begun after the load and not made, of a run that is not at work. */
export function readUnmade(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select rebuild.started_at as at, rebuild.started_at as until, null::text as mapping, 1::bigint as times, kind, object_name,
  table_schema || '.' || table_name as table_name
from drover.rebuild
join drover.run on run.id = rebuild.run_id
where run_id = $1 and rebuild.state in ('off', 'built') and run.state in ('failed', 'paused', 'cancelled')
  and rebuild.started_at > coalesce(rebuild.finished_at, '-infinity')`,
    (row) => ({ kind: 'failure', what: `What is made after the load was begun and not made: ${nameRebuild(row)}.` }),
  )
}

/** Keys of crosswalks and statistics bear the name of their mapping, and their table says as much. */
function nameRebuild({ kind, object_name: name, table_name: table }: Row): string {
  if (kind === 'crosswalk') return `the key of ${table}`
  return kind === 'statistics' ? `statistics of ${table}` : `${kind} ${name} of ${table}`
}
