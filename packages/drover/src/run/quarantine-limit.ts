import { DroverError, type ErrorDetails } from '../error.ts'
import type { Refused } from '../ledger/refused.ts'
import type { QuarantineLimit } from '../ledger/run.ts'

/** Whether so many rows are more than the database may refuse of a mapping. */
export function isOverLimit(rows: number, limit: QuarantineLimit, { sourceRows }: Refused): boolean {
  return rows > ('rows' in limit ? limit.rows : Math.floor((sourceRows * limit.percent) / 100))
}

/** As the command line takes it. */
function renderLimit(limit: QuarantineLimit): string {
  return 'rows' in limit ? String(limit.rows) : `${limit.percent}%`
}

/** The error of a mapping of which the database refuses too many rows. */
export function quarantineLimitError(mapping: string, limit: QuarantineLimit, details: ErrorDetails): DroverError {
  return new DroverError('quarantine-limit', `The database refuses more rows of mapping ${mapping} than allowed.`, {
    remedy: 'Foresee the error with a guard of the mapping, or allow more with --max-quarantined, then resume.',
    ...details,
    why: `${details.why}, allowed are ${renderLimit(limit)}`,
  })
}
