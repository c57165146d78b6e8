import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { repairHead } from './head.ts'

/** Rows of another mapping that refer to a row. Counts are int8, as bigint. */
export interface Dependents {
  readonly mapping: string
  /** Set aside, for want of the row or for another reason. */
  readonly waiting: bigint
  /** In the target, without what they refer to. */
  readonly loaded: bigint
}

/**
 * What refers to a source row of a mapping, of those mappings that hold any such row. Rows that were accepted are left
 * out.
 */
export async function readDependents(
  tx: Queryable,
  { id, plan }: Run,
  mapping: string,
  key: string,
): Promise<readonly Dependents[]> {
  const all: Dependents[] = []
  for (const { name, statements } of plan.mappings) {
    const own = statements.repair.dependents.find((dependents) => dependents.mapping === mapping)
    if (own === undefined) continue
    const rows = await tx.query(`${repairHead(id, name)}${own.count}`, [id, key])
    const count = (...dispositions: readonly string[]) =>
      rows
        .filter((row) => dispositions.includes(row.disposition as string))
        .reduce((sum, row) => sum + BigInt(row.n as string), 0n)
    const dependents = {
      mapping: name,
      waiting: count('quarantined'),
      loaded: count('loaded', 'matched', 'merged'),
    }
    if (dependents.waiting + dependents.loaded > 0n) all.push(dependents)
  }
  return all
}
