import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { takeTotals } from '../ledger/control-total.ts'
import { hasFixes } from '../ledger/repair-key.ts'
import type { Run } from '../ledger/run.ts'
import { noteCounts } from '../ledger/step.ts'
import { balances, readTallies } from '../ledger/tally.ts'
import type { MappingPlan } from '../plan/plan.ts'
import { advanceSequences } from '../run/close.ts'
import { count } from '../run/prepare.ts'
import type { MappingRepair } from './outcome.ts'

/**
 * I2 after a repair: the dispositions of every mapping add up to the rows that were read. A stored query that was asked
 * again is counted again, and sequences stay ahead of what was loaded.
 *
 * @throws DroverError `conservation-broken`; the transaction must be rolled back then.
 */
export async function requireBalance(
  tx: Queryable,
  { id, plan }: Run,
  repairs: readonly MappingRepair[],
): Promise<void> {
  const touched = new Set(repairs.map(({ mapping }) => mapping))
  for (const mapping of plan.mappings.filter(({ name }) => touched.has(name))) {
    const { name, statements } = mapping
    await advanceSequences(tx, id, mapping)
    const sourceRows = statements.repair.restore === null ? null : await count(tx, statements.countSource)
    await noteCounts(tx, id, name, { sourceRows, targetRows: await count(tx, statements.countTarget) })
  }
  await takeTotalsAgain(tx, { id, plan }, touched)
  const broken = (await readTallies(tx, id)).find((tally) => !balances(tally))
  if (broken === undefined) return
  throw new DroverError('conservation-broken', `The rows of mapping ${broken.mapping} would not add up.`, {
    where: `mapping ${broken.mapping}`,
    why: `its source rows are ${broken.sourceRows}, those accounted for ${broken.read}`,
    remedy: 'Nothing was changed. Please report this: it is a defect of drover.',
  })
}

/**
 * The control totals of mappings that a repair may have changed. What the source adds up to is another sum where rows of it
 * have fixes, or where what is read of it was stored or loaded by the run and is so again.
 */
async function takeTotalsAgain(
  tx: Queryable,
  { id, plan }: Pick<Run, 'id' | 'plan'>,
  touched: ReadonlySet<string>,
): Promise<void> {
  const isFixed = await hasFixes(tx, plan.migration)
  const isOther = ({ kind, statements }: MappingPlan) =>
    isFixed || kind === 'derive' || statements.repair.restore !== null
  for (const mapping of plan.mappings) {
    if (isOther(mapping)) await takeTotals(tx, id, mapping, 'before')
    if (isOther(mapping) || touched.has(mapping.name)) await takeTotals(tx, id, mapping, 'loaded')
  }
}
