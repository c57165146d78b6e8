import { renderBytes, renderCount } from './figures.ts'
import type { ReportRun } from './report.ts'

/**
 * The settings of the process that began the run or took it up last, each as a name and its words; none where it did
 * not say.
 */
export function renderWorkingSettings(
  working: ReportRun['settings']['working'],
): readonly (readonly [name: string, words: string])[] {
  if (working === null) return []
  return [
    ['workers of the first process', renderCount(working.workers)],
    ['work_mem', renderBytes(working.workMemBytes)],
    ['maintenance_work_mem', renderBytes(working.maintenanceWorkMemBytes)],
    ['workers for one index', renderCount(working.parallelMaintenanceWorkers)],
    ['most bytes of a chunk', renderBytes(working.mostBytesPerChunk)],
    ['chunks wait for the disk', working.asyncCommit ? 'no' : 'yes'],
  ]
}
