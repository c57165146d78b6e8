import type { Database, Transaction } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { nameRow } from '../ledger/repair-key.ts'
import type { Run } from '../ledger/run.ts'
import type { RowFunctions } from '../run/compute.ts'
import type { NamedRow } from './named-rows.ts'
import type { RepairOutcome } from './outcome.ts'
import { repair } from './repair.ts'

/**
 * Takes one merge back: the merged row becomes a row of its own, the survivor is as without it, references follow, and the
 * row is nobody's duplicate any more, in this run and in later ones of the migration.
 *
 * @throws DroverError `merge-missing`, `state-refused` unless the run is loaded or verified, `function-missing`,
 * `repair-refused`.
 */
export function unmergeRow(
  db: Database,
  runId: string,
  merged: NamedRow,
  functions: RowFunctions,
): Promise<RepairOutcome> {
  return repair(
    db,
    runId,
    {
      what: 'merge undone',
      detail: { mapping: merged.mapping, key: merged.key },
      nameRows: (tx, run) => setApart(tx, run, merged),
    },
    functions,
  )
}

async function setApart(tx: Transaction, run: Run, { mapping, key }: NamedRow): Promise<void> {
  const [merge] = await tx.query(
    'select survivor_key from drover.merge where run_id = $1 and mapping = $2 and source_key = $3',
    [run.id, mapping, key],
  )
  if (merge === undefined) throw await missing(tx, run, { mapping, key })
  await tx.query(
    `insert into drover.apart (migration, mapping, source_key) values ($1, $2, $3) on conflict do nothing`,
    [run.migration, mapping, key],
  )
  await nameRow(tx, run.id, { mapping, key, purpose: 'try' })
}

async function missing(tx: Transaction, run: Run, { mapping, key }: NamedRow): Promise<DroverError> {
  const others = await tx.query(
    `select source_key from drover.merge
where run_id = $1 and mapping = $2 and survivor_key = $3
order by source_key
limit 5`,
    [run.id, mapping, key],
  )
  const isSurvivor = others.length > 0
  return new DroverError('merge-missing', `Row ${key} of mapping ${mapping} was not merged into another one.`, {
    where: `run ${run.id}, mapping ${mapping}, source key ${key}`,
    ...(isSurvivor && { why: `it stands for ${others.map(({ source_key: other }) => other).join(', ')}` }),
    remedy: isSurvivor ? 'Name one of those.' : 'See what was merged with drover merges list.',
  })
}
