import { type RawBuilder, sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { reactionOf } from '../db/reaction.ts'
import { type ServerError, serverErrorOf } from '../db/server-error.ts'
import { markNamed, readNamed } from '../ledger/repair-key.ts'
import { nextChunkNumber } from '../ledger/step.ts'
import type { Disposition } from '../plan/disposition.ts'
import { ledgerTables, type MappingPlan } from '../plan/plan.ts'
import { callFunction } from '../run/compute.ts'
import { refuseAmbiguous } from '../run/prepare.ts'
import { settleQuarantine } from '../run/settle.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { repairHead } from './head.ts'
import type { Mending } from './mend.ts'
import type { MappingRepair } from './outcome.ts'
import { keepRefused } from './refused.ts'
import { repairStatement } from './selected.ts'

type Tried = Omit<MappingRepair, 'mapping' | 'changed' | 'withdrawn'>

/** Tries the rows that are named: they are decided together, as in the load, and carried in one statement. */
export async function tryRows(mending: Mending, mapping: MappingPlan): Promise<Tried> {
  const { tx, runId } = mending
  const { repair, findAmbiguousMatches } = mapping.statements
  await noteBefore(tx, runId, mapping)
  const refused = await keepRefused(tx, runId, mapping, mending.refused.get(mapping.name) ?? new Map())
  const head = repairHead(runId, mapping.name)
  if (repair.regroup !== null) await tx.query(`${head}${repair.regroup}`, [runId])
  if (findAmbiguousMatches !== null) await refuseAmbiguous(tx, mapping, findAmbiguousMatches)
  if (mending.searches) await search(mending, mapping)
  else await carry(mending, mapping)
  await settleQuarantine(tx, runId, mapping)
  const counts = await countTried(tx, runId, mapping)
  const tried = Object.values(counts).reduce((sum, n) => sum + n, refused)
  return { ...counts, tried, quarantined: counts.quarantined + refused }
}

/** The rows that are named, with what the crosswalk says of them as `walked`. */
function namedRows(runId: string, { name }: MappingPlan): RawBuilder<unknown> {
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(name)))
  return sql`${crosswalk} as walked
where walked.source_key = named.source_key and named.run_id = ${sql.lit(runId)} and named.mapping = ${sql.lit(name)}
  and named.purpose = 'try' and not named.done`
}

async function noteBefore(tx: Queryable, runId: string, mapping: MappingPlan): Promise<void> {
  const query = sql`update drover.repair_key as named
set before = walked.disposition
from ${namedRows(runId, mapping)}`
  await tx.query(repairStatement(runId, `${mapping.name} repair`, query))
}

/** What became of the rows that are named. Those that were merged and are so again do not count. */
async function countTried(
  tx: Queryable,
  runId: string,
  mapping: MappingPlan,
): Promise<Readonly<Record<Disposition, bigint>>> {
  const query = sql`select walked.disposition, count(*) as n
from drover.repair_key as named, ${namedRows(runId, mapping)}
  and not (named.before = 'merged' and walked.disposition = 'merged')
group by walked.disposition`
  const rows = await tx.query(repairStatement(runId, `${mapping.name} repair`, query))
  const count = (disposition: string) => BigInt((rows.find((row) => row.disposition === disposition)?.n as string) ?? 0)
  return {
    loaded: count('loaded'),
    merged: count('merged'),
    matched: count('matched'),
    excluded: count('excluded'),
    quarantined: count('quarantined'),
  }
}

/** Carries the rows that are named, all of them or none. */
async function carry({ tx, runId, functions }: Mending, mapping: MappingPlan): Promise<void> {
  const { again, compute } = mapping.statements.repair
  const head = repairHead(runId, mapping.name)
  const number = await nextChunkNumber(tx, runId, mapping.name)
  const computed =
    compute === null
      ? []
      : [null, null, await callFunction(mapping, await tx.query(`${head}${compute}`, [runId]), functions)]
  await tx.query(`${head}${again}`, [runId, number, ...computed])
}

/** Finds the rows that the database refuses, by halves, and carries the others. */
async function search(mending: Mending, mapping: MappingPlan): Promise<void> {
  const { tx, runId } = mending
  const mark = (keys: readonly string[], done: boolean) => markNamed(tx, runId, mapping.name, 'try', { done, keys })
  const attempt = async (keys: readonly string[]): Promise<void> => {
    await tx.query('savepoint attempt')
    try {
      await carry(mending, mapping)
      await tx.query('release savepoint attempt')
      await mark(keys, true)
    } catch (thrown) {
      if (reactionOf(thrown) !== 'set aside') throw thrown
      await tx.query('rollback to savepoint attempt')
      await mark(keys, true)
      if (keys.length === 1) {
        note(mending, mapping.name, keys[0]!, serverErrorOf(thrown)!)
        return
      }
      const middle = Math.ceil(keys.length / 2)
      for (const half of [keys.slice(0, middle), keys.slice(middle)]) {
        await mark(half, false)
        await attempt(half)
      }
    }
  }
  await attempt(await readNamed(tx, runId, mapping.name, 'try'))
}

function note({ refused }: Mending, mapping: string, key: string, error: ServerError): void {
  const rows = refused.get(mapping) ?? new Map<string, ServerError>()
  rows.set(key, error)
  refused.set(mapping, rows)
}
