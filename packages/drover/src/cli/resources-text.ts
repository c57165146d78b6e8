import type { ResourceUse } from '../ledger/resources.ts'
import type { WorkingProcess } from '../ledger/sample.ts'
import { renderBytes, renderCount, renderDuration } from '../report/figures.ts'

/** `45,678 rows/s · 417 bytes of log a row · at most 121.3 MB of memory`: what a run took, in one line. */
export function renderUse(use: ResourceUse): string {
  return [
    ...(use.rowsPerSecond === null ? [] : [`${renderCount(use.rowsPerSecond)} rows/s`]),
    ...(use.walBytesPerRow === null ? [] : [`${renderCount(use.walBytesPerRow)} bytes of log a row`]),
    `at most ${renderBytes(use.peakMemoryBytes)} of memory`,
  ].join(' · ')
}

/** What else it took of the server, what it waited for, and what could not be seen, a line each. */
export function renderServerUse(use: ResourceUse): string {
  const { tempFiles, tempBytes, checkpointsTimed, checkpointsRequested } = use
  const size = [
    `database ${renderBytes(use.databaseBytesBefore)} before, ${renderBytes(use.databaseBytesAfter)} after`,
    ...(use.freeDiskBytes === null ? [] : [`at least ${renderBytes(use.freeDiskBytes)} of disk free`]),
    ...(tempFiles === '0' ? [] : [`${renderCount(tempFiles)} temporary files, ${renderBytes(tempBytes)}`]),
    `checkpoints: ${renderCount(checkpointsTimed)} by time, ${renderCount(checkpointsRequested)} asked for`,
    ...(use.replicationLagSeconds === null
      ? []
      : [`a replica at most ${renderDuration(use.replicationLagSeconds * 1000)} behind`]),
  ]
  const waits = use.waits
    .slice(0, shownWaits)
    .map(({ event, part }) => `${waitWords(event)} ${Math.round(part * 100)} %`)
  return [
    size.join(' · '),
    ...(waits.length === 0 ? [] : [`seen ${waits.join(', ')}`]),
    ...(use.lockHolders.length === 0
      ? []
      : [
          `locks that it waited for were held by ${use.lockHolders.map(({ applicationName }) => applicationName || 'sessions without a name').join(', ')}`,
        ]),
    ...use.hidden.map(({ figure, why }) => `not visible: ${figureWords[figure] ?? figure}, because ${why}`),
  ].join('\n')
}

/** `host.4711 takes 0.40 of a core and 101.2 MB (at most 121.3 MB), its event loop up to 2 ms late`. */
export function renderProcess({ process, figures }: WorkingProcess): string {
  const { cpuPart, rssBytes, peakBytes, eventLoopP99Ms } = figures
  const late = eventLoopP99Ms < 1 ? '' : `, its event loop up to ${renderDuration(eventLoopP99Ms)} late`
  return `${process} takes ${cpuPart.toFixed(2)} of a core and ${renderBytes(rssBytes)} (at most ${renderBytes(peakBytes)})${late}`
}

const shownWaits = 4

function waitWords(event: string): string {
  return event === 'none' ? 'at work' : `waiting for ${event}`
}

const figureWords: Readonly<Record<string, string>> = {
  replicationLagSeconds: 'the lag of replicas',
  activeSessions: 'the active sessions of others',
  freeDiskBytes: 'the free disk',
}
