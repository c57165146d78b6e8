import type { Phases } from '../harness/measure.ts'

/** What the run of one table took. */
export interface Cost {
  readonly seconds: number
  /** Of the server's log, all that was written meanwhile. */
  readonly walBytes: number
  /** Of the table with its indexes. */
  readonly targetBytes: number
  /** Of drover's schema, crosswalk and all. */
  readonly ledgerBytes: number
}

export interface MeasuredRun extends Cost {
  readonly rows: number
  /** Seconds by the run's ledger; what lies beside them belongs to the process. */
  readonly phases: Phases
}

/** The phase that goes through the rows chunk by chunk. */
const linear = 'load'

/** Phases that sort, or build indexes, which is sorting: duplicates, what is unique, indexes and keys. */
const sorting = ['prepare and duplicates', 'close', 'end']

/**
 * What so many rows of the same kind take on the same server with the same workers, by a run of fewer. The load grows
 * with the rows, what sorts with rows times their logarithm, the rest not at all; log and sizes grow with the rows.
 * Holds as long as memory and disk serve the larger run as they do the smaller: it knows neither caches nor
 * checkpoints.
 */
export function predict(run: MeasuredRun, rows: number): Cost {
  const times = rows / run.rows
  const timesSorted = times * (Math.log2(rows) / Math.log2(run.rows))
  const sorted = sorting.reduce((sum, name) => sum + (run.phases[name] ?? 0), 0)
  const loaded = run.phases[linear] ?? 0
  return {
    seconds: run.seconds - sorted - loaded + loaded * times + sorted * timesSorted,
    walBytes: run.walBytes * times,
    targetBytes: run.targetBytes * times,
    ledgerBytes: run.ledgerBytes * times,
  }
}
