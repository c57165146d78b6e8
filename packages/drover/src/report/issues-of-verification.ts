import type { Queryable } from '../db/connection.ts'
import { queryIssues } from './issue-query.ts'
import type { MetIssues } from './issues.ts'

/** What the last verification found that did not pass. */
export function readComplaints(tx: Queryable, runId: string): Promise<MetIssues> {
  return queryIssues(
    tx,
    runId,
    `select found_at as at, found_at as until, mapping, 1::bigint as times, check_name, rule, verdict, detail
from drover.finding
where run_id = $1 and verdict in ('fail', 'warn')`,
    ({ check_name: check, rule, verdict, detail }) => ({
      kind: 'verification',
      what: `${rule === null ? check : `${check}, ${rule}`}: ${verdict === 'fail' ? 'failed' : 'a warning'}. ${detail}`,
    }),
  )
}
