import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { takeTotals } from '../ledger/control-total.ts'
import { markDone } from '../ledger/step.ts'
import { balances, readTallies } from '../ledger/tally.ts'
import type { MappingPlan } from '../plan/plan.ts'
import { count } from './prepare.ts'
import { settleMapping } from './settle.ts'

/** Sets the sequences ahead of what was loaded, and keeps where they stand now. */
export async function advanceSequences(tx: Queryable, runId: string, { sequences }: MappingPlan): Promise<void> {
  for (const { advance, mark } of sequences) {
    if (advance !== null) await tx.query(advance)
    await tx.query(mark, [runId])
  }
}

/**
 * Closes a mapping after its last chunk, in the caller's transaction, when the crosswalk has its primary key, which
 * proves that every source key has one disposition, and the target what is unique: what waited for the last row is
 * settled, sequences are set ahead of the keys, and control totals are taken; the chunks' sums must equal one count of
 * the source (I2).
 */
export async function closeMapping(
  tx: Queryable,
  runId: string,
  mapping: MappingPlan,
  all: Iterable<MappingPlan>,
): Promise<void> {
  for (const statement of mapping.statements.close) await tx.query(statement)
  await settleMapping(tx, runId, mapping, all)
  await advanceSequences(tx, runId, mapping)
  await takeTotals(tx, runId, mapping, 'loaded')
  for (const other of all) {
    // Its rows were filled just now, after it was closed.
    const isFilled = other.name !== mapping.name && other.statements.settleReferences?.after === mapping.name
    if (isFilled) await takeTotals(tx, runId, other, 'loaded')
  }
  const sourceRows = await count(tx, mapping.statements.countSource)
  const targetRows = await count(tx, mapping.statements.countTarget)
  await markDone(tx, runId, mapping.name, { sourceRows, targetRows })
  const tally = (await readTallies(tx, runId)).find((candidate) => candidate.mapping === mapping.name)!
  if (balances(tally)) return
  throw new DroverError('conservation-broken', `The rows of mapping ${mapping.name} do not add up.`, {
    where: `mapping ${mapping.name}`,
    why: `the source holds ${tally.sourceRows} rows, the chunks read ${tally.read}`,
    remedy:
      'The source changed during the run, or its key holds nulls. Stop the writers, cancel the run, take back what it has loaded, and run again.',
  })
}
