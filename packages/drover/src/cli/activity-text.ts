import type { Activity, WorkerActivity } from '../monitor/activity.ts'
import type { Estimate } from '../monitor/estimate.ts'
import { renderRange } from '../report/estimate-words.ts'
import { renderCount, renderDuration } from '../report/figures.ts'
import { taskWords } from '../report/task-words.ts'
import { renderProcess } from './resources-text.ts'
import { renderTable } from './table.ts'

/**
 * What a run does now: who works on what and where, how fast, until when, and why it waits.
 *
 * @param otherwise what workers do of which no task is known
 */
export function renderActivity(
  { workers, processes, estimate, remainingRows, uncounted, waits }: Activity,
  otherwise: string,
): string {
  const parts = [
    ...(workers.length > 0 ? [renderWorkers(workers, otherwise)] : []),
    ...(processes.length > 0 ? [processes.map(renderProcess).join('\n')] : []),
    ...(estimate === null ? [] : [renderEstimate(estimate, remainingRows, uncounted)]),
    ...(waits.length > 0 ? [waits.join('\n')] : []),
  ]
  return parts.join('\n\n')
}

function renderWorkers(workers: readonly WorkerActivity[], otherwise: string): string {
  return renderTable({
    columns: [
      { title: 'worker', align: 'left' },
      { title: 'from', align: 'left' },
      { title: 'session', align: 'right' },
      { title: 'does', align: 'left' },
      { title: 'for', align: 'right' },
      { title: 'waits for', align: 'left' },
    ],
    rows: workers.map((worker) => [
      worker.worker,
      worker.clientAddress ?? 'local',
      String(worker.pid),
      worker.task === null ? otherwise : taskWords(worker.task),
      renderDuration(worker.transactionMs),
      worker.waitEvent ?? '',
    ]),
  })
}

/** `12,345 rows/s; 1,000,000 rows are left, another 1 min 10 s to 1 min 40 s; not counted yet: clinics`. */
function renderEstimate(estimate: Estimate, remainingRows: number, uncounted: readonly string[]): string {
  const speed = `${renderCount(Math.round(estimate.rowsPerSecond))} rows/s`
  const left =
    remainingRows === 0 ? '' : `; ${renderCount(remainingRows)} rows are left, another ${renderRange(estimate)}`
  const further = uncounted.length === 0 ? '' : `; not counted yet: ${uncounted.join(', ')}`
  return `${speed}${left}${further}`
}
