import type { ResourceUse } from '../ledger/resources.ts'
import { renderBytes, renderCount, renderSeconds } from './figures.ts'

/** What the run took of the server: what a figure is of, and how it reads. */
export function renderResourceFigures(use: ResourceUse): readonly (readonly [what: string, figure: string])[] {
  const bytes = (count: string | null) => (count === null ? '–' : renderBytes(count))
  return [
    ['sampled', renderSeconds(use.seconds)],
    ['source rows meanwhile', renderCount(use.rows)],
    ['rows a second', renderCount(use.rowsPerSecond)],
    ['write-ahead log', bytes(use.walBytes)],
    ['log for each row, in bytes', renderCount(use.walBytesPerRow)],
    ['database before', renderBytes(use.databaseBytesBefore)],
    ['database after', renderBytes(use.databaseBytesAfter)],
    ['least free disk', bytes(use.freeDiskBytes)],
    ['temporary files', renderCount(use.tempFiles)],
    ['in them', renderBytes(use.tempBytes)],
    ['checkpoints by time', renderCount(use.checkpointsTimed)],
    ['checkpoints asked for', renderCount(use.checkpointsRequested)],
    ['largest lag of a replica', renderSeconds(use.replicationLagSeconds)],
    ['peak memory of a process', renderBytes(use.peakMemoryBytes)],
  ]
}
