import type { Database } from '../db/connection.ts'
import { asDroverError } from '../db/server-error.ts'
import type { Foresight } from '../plan/foresee.ts'
import type { GuardPlan } from '../plan/plan.ts'

/** What a run would do with the rows of one mapping, as they are now. Counts are int8, as bigint. */
export interface Outlook {
  readonly mapping: string
  readonly read: bigint
  readonly loaded: bigint
  readonly merged: bigint
  readonly matched: bigint
  readonly quarantined: bigint
  readonly excluded: bigint
  /** The guards that would hold for some row. */
  readonly codes: readonly CodeCount[]
  /** What the counts leave out, a sentence each. */
  readonly unforeseen: readonly string[]
}

export interface CodeCount extends GuardPlan {
  /** For a guard that quarantines, the rows of which it is the first reason. */
  readonly rows: bigint
}

/**
 * Asks the database what a run would do, mapping by mapping, all of one moment. Nothing is written, which the server
 * enforces (I5).
 *
 * @throws DroverError `statement-failed` naming the mapping whose rows raise an error that no guard foresees.
 */
export async function readOutlook(
  db: Database,
  foresights: readonly Foresight[],
  onMapping: (outlook: Outlook) => void = () => {},
): Promise<readonly Outlook[]> {
  const settings = { application_name: 'drover check', transaction_isolation: 'repeatable read' }
  return db.transaction(
    async (tx) => {
      const outlooks: Outlook[] = []
      for (const foresight of foresights) {
        const { mapping, statement } = foresight
        const [row] = await tx.query(`/* drover check ${mapping} */\n${statement}`).catch((thrown) => {
          const what = `What would become of the rows of mapping ${mapping} cannot be told: one of them raises an error.`
          throw asDroverError(thrown, 'statement-failed', what, `mapping ${mapping}`)
        })
        const outlook = readRow(foresight, row!)
        outlooks.push(outlook)
        onMapping(outlook)
      }
      return outlooks
    },
    { readOnly: true, statementTimeoutMs: 0, settings },
  )
}

function readRow({ mapping, guards, unforeseen }: Foresight, row: Readonly<Record<string, unknown>>): Outlook {
  const count = (value: unknown) => BigInt(value as string)
  const held = row.guards as readonly string[]
  return {
    mapping,
    read: count(row.read),
    loaded: count(row.loaded),
    merged: count(row.merged),
    matched: count(row.matched),
    quarantined: count(row.quarantined),
    excluded: count(row.excluded),
    codes: guards.map((guard, i) => ({ ...guard, rows: count(held[i]) })).filter(({ rows }) => rows > 0n),
    unforeseen,
  }
}
