import { type RawBuilder, sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Disposition } from '../plan/disposition.ts'
import { type Check, counted, judge, type MappingSubject } from './check.ts'
import { crosswalkOf } from './disposition.ts'
import { hasSameKey } from './same-key.ts'
import type { Finding } from './verification.ts'
import { checkStatement, listKeys, readViolations } from './violations.ts'

/** Every quarantined row has its reasons and its original in the ledger, and no other row has. */
export const quarantine: Check<MappingSubject> = {
  name: 'quarantine',
  whenGone: 'fail',
  run: (tx, subject) =>
    compareLog(tx, subject, { check: 'quarantine', disposition: 'quarantined', log: sql`drover.quarantine` }),
}

/** Every merged row has its survivor in the ledger, and no other row has; both lead to the same row of the target. */
export const merges: Check<MappingSubject> = {
  name: 'merges',
  whenGone: 'fail',
  run: async (tx, subject) => [
    ...(await compareLog(tx, subject, { check: 'merges', disposition: 'merged', log: sql`drover.merge` })),
    ...(await findTorn(tx, subject)),
  ],
}

/** The finding of merged rows that lead elsewhere than the row that stands for them; none where there is no such row. */
async function findTorn(tx: Queryable, { runId, plan, mapping, table }: MappingSubject): Promise<readonly Finding[]> {
  const isSame = hasSameKey({ table, key: mapping.targetKey, catalog: plan.catalog }, 'walked', 'survivor')
  const torn = await readViolations(
    tx,
    { runId, mapping: mapping.name, check: 'merges' },
    sql`  select walked.source_key as key
  from drover.merge
  join ${crosswalkOf(mapping)} as walked on walked.source_key = merge.source_key and walked.disposition = 'merged'
  where merge.run_id = ${sql.lit(runId)} and merge.mapping = ${sql.lit(mapping.name)} and not exists (
    select
    from ${crosswalkOf(mapping)} as survivor
    where survivor.source_key = merge.survivor_key and survivor.disposition in ('loaded', 'matched') and ${isSame}
  )`,
  )
  if (torn.count === 0n) return []
  return [
    {
      check: 'merges',
      mapping: mapping.name,
      verdict: 'fail',
      expected: '0 astray',
      actual: `${torn.count} astray`,
      detail: `Merged rows do not lead to the row of their survivor: source keys ${listKeys(torn)}.`,
      sample: torn.keys.map((key) => ({ key: { key } })),
    },
  ]
}

/** A table of the ledger that holds one row for each source row of one disposition. */
interface Log {
  readonly check: 'quarantine' | 'merges'
  readonly disposition: Disposition & ('quarantined' | 'merged')
  readonly log: RawBuilder<unknown>
}

async function compareLog(
  tx: Queryable,
  { runId, mapping, tally }: MappingSubject,
  { check, disposition, log }: Log,
): Promise<readonly Finding[]> {
  const origin = { runId, mapping: mapping.name, check }
  const logged = sql`select source_key from ${log} where run_id = ${sql.lit(runId)} and mapping = ${sql.lit(mapping.name)}`
  const walked = sql`select source_key from ${crosswalkOf(mapping)} where disposition = ${sql.lit(disposition)}`
  const [row] = await tx.query(checkStatement(origin, sql`select count(*) as n from (${logged}) as logged`))
  const astray = await readViolations(
    tx,
    origin,
    sql`  select coalesce(logged.source_key, walked.source_key) as key
  from (${logged}) as logged
  full join (${walked}) as walked on walked.source_key = logged.source_key
  where logged.source_key is null or walked.source_key is null`,
  )
  const account = (rows: bigint, without: bigint) => `${counted(rows, 'row')}, ${without} without counterpart`
  return [
    judge({
      check,
      mapping: mapping.name,
      expected: account(tally[disposition], 0n),
      actual: account(BigInt(row?.n as string), astray.count),
      equal: `The ledger holds one row for every source row that was ${disposition}.`,
      unequal: `The ledger and the crosswalk do not agree on the rows that were ${disposition}${astray.count === 0n ? '' : `: source keys ${listKeys(astray)}`}.`,
    }),
  ]
}
