import type { Queryable } from '../db/connection.ts'
import type { ProcessFigures } from '../ledger/sample.ts'
import { isoInstant } from './instant.ts'
import type { DecisionGroup, ReportProcess } from './report.ts'

/** The processes that worked on a run. */
export async function readProcesses(tx: Queryable, runId: string): Promise<readonly ReportProcess[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select process, min(coalesce(since, at)) as first_at, max(at) as last_at, sum(samples) as samples,
  max(memory_bytes) as memory_bytes, max(workers) as workers,
  (array_agg(process_figures order by at desc) filter (where process_figures is not null))[1] as figures
from drover.sample
where run_id = $1
group by process
order by first_at, process collate "C"`,
    [runId],
  )
  return rows.map((row) => ({
    name: row.process as string,
    from: isoInstant(row.first_at as string),
    to: isoInstant(row.last_at as string),
    samples: row.samples as string,
    peakMemoryBytes: row.memory_bytes as string,
    workers: row.workers as number,
    ...readFigures(row.figures as ProcessFigures | null),
  }))
}

function readFigures(
  figures: ProcessFigures | null,
): Pick<ReportProcess, 'cpuUserSeconds' | 'cpuSystemSeconds' | 'eventLoopPeakMs'> {
  const { cpuUserSeconds = null, cpuSystemSeconds = null, eventLoopPeakMs = null } = figures ?? {}
  return { cpuUserSeconds, cpuSystemSeconds, eventLoopPeakMs }
}

/** What the governor of any process decided, by action and limit. */
export async function readDecisions(tx: Queryable, runId: string): Promise<readonly DecisionGroup[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select action, limit_name, sum(samples) as samples, min(coalesce(since, at)) as first_at, max(at) as last_at
from drover.sample
where run_id = $1
group by 1, 2
order by samples desc, first_at, 1, 2`,
    [runId],
  )
  return rows.map((row) => ({
    action: row.action as DecisionGroup['action'],
    limit: row.limit_name as DecisionGroup['limit'],
    samples: row.samples as string,
    firstAt: isoInstant(row.first_at as string),
    lastAt: isoInstant(row.last_at as string),
  }))
}
