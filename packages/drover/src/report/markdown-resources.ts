import { renderBytes, renderCount, renderDuration } from './figures.ts'
import { left, none, renderName, renderTable, renderText, right } from './markdown.ts'
import type { Report } from './report.ts'

/** What the run took of the server, and what its sessions waited for. */
export function renderResources({ resources }: Report): string {
  if (resources === null) return none
  const bytes = (count: string | null) => (count === null ? '–' : renderBytes(count))
  const figures = renderTable(
    [left('what'), right('figure')],
    [
      ['sampled', renderDuration(resources.seconds * 1000)],
      ['source rows meanwhile', renderCount(resources.rows)],
      ['rows/s', renderCount(resources.rowsPerSecond)],
      ['write-ahead log', bytes(resources.walBytes)],
      ['log for each row, in bytes', renderCount(resources.walBytesPerRow)],
      ['database before', renderBytes(resources.databaseBytesBefore)],
      ['database after', renderBytes(resources.databaseBytesAfter)],
      ['least free disk', bytes(resources.freeDiskBytes)],
      ['temporary files', renderCount(resources.tempFiles)],
      ['in them', renderBytes(resources.tempBytes)],
      ['checkpoints by time', renderCount(resources.checkpointsTimed)],
      ['checkpoints asked for', renderCount(resources.checkpointsRequested)],
      ['largest lag of a replica', renderDuration(lagMs(resources.replicationLagSeconds))],
      ['peak memory of a process', renderBytes(resources.peakMemoryBytes)],
    ],
  )
  const waits = renderTable(
    [left('sessions of the run were seen'), right('part')],
    resources.waits.map(({ event, part }) => [
      event === 'none' ? 'at work' : `waiting for ${renderName(event)}`,
      `${(part * 100).toFixed(1)} %`,
    ]),
  )
  const holders = renderTable(
    [left('held locks that the run waited for'), right('times seen')],
    resources.lockHolders.map(({ applicationName, times }) => [renderName(applicationName), renderCount(times)]),
  )
  const hidden = resources.hidden.map(
    ({ figure, why }) => `Not visible: ${renderName(figure)}, because ${renderText(why)}.`,
  )
  return [
    figures,
    ...(resources.waits.length === 0 ? [] : [waits]),
    ...(resources.lockHolders.length === 0 ? [] : [holders]),
    ...hidden,
  ].join('\n\n')
}

function lagMs(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000
}
