import { sql } from 'kysely'
import type { Database } from '../db/connection.ts'
import type { RowFunctions } from '../run/compute.ts'
import { findQuarantined, requireMapping } from './named-rows.ts'
import type { RepairOutcome } from './outcome.ts'
import { repair } from './repair.ts'
import { isSelected, repairStatement } from './selected.ts'
import type { Selection } from './selection.ts'

/**
 * Tries quarantined rows again through the plan of the run, then those that waited for them. Rows that were accepted stay
 * out unless they are named by key.
 *
 * @throws DroverError `state-refused` unless the run is loaded or verified, `row-missing`, `key-ambiguous`,
 * `function-missing`, `repair-refused`.
 */
export function retryRows(
  db: Database,
  runId: string,
  selection: Selection,
  functions: RowFunctions,
): Promise<RepairOutcome> {
  return repair(
    db,
    runId,
    {
      what: 'rows tried again',
      detail: { selection },
      nameRows: async (tx, run) => {
        const { keys } = selection
        if (keys === undefined) requireMapping(run, selection.mapping)
        else await findQuarantined(tx, run, { ...selection, keys })
        const isMeant = keys === undefined ? sql` and quarantine.accepted_at is null` : sql``
        const query = sql`insert into drover.repair_key (run_id, mapping, source_key, purpose)
select run_id, mapping, source_key, 'try'
from drover.quarantine
where ${isSelected(run.id, selection)}${isMeant}`
        await tx.query(repairStatement(run.id, 'quarantine retry', query))
      },
    },
    functions,
  )
}
