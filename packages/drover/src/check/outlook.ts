import type { Database } from '../db/connection.ts'
import { asDroverError } from '../db/server-error.ts'
import type { Doubt, Foresight } from '../plan/foresee.ts'
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
  /** What would make a run fail, or the server refuse rows, a sentence each. */
  readonly findings: readonly string[]
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

function readRow(foresight: Foresight, row: Readonly<Record<string, unknown>>): Outlook {
  const { mapping, guards, doubts, unforeseen } = foresight
  const count = (value: unknown) => BigInt(value as string)
  const held = row.guards as readonly string[]
  const counts = {
    read: count(row.read),
    loaded: count(row.loaded),
    merged: count(row.merged),
    matched: count(row.matched),
    quarantined: count(row.quarantined),
    excluded: count(row.excluded),
  }
  const doubted = doubts.map((doubt, i) => ({ doubt, rows: count(held[guards.length + i]) }))
  return {
    mapping,
    ...counts,
    codes: guards.map((guard, i) => ({ ...guard, rows: count(held[i]) })).filter(({ rows }) => rows > 0n),
    findings: addsUp(counts)
      ? doubted.filter(({ rows }) => rows > 0n).map(({ doubt, rows }) => describeDoubt(doubt, rows, foresight.target))
      : [describeSum(counts)],
    unforeseen,
  }
}

type Counts = Pick<Outlook, 'read' | 'loaded' | 'merged' | 'matched' | 'quarantined' | 'excluded'>

/** I2, foreseen: every row of the source has one disposition. */
export function addsUp(counts: Counts): boolean {
  return counts.read === dispositions(counts)
}

function dispositions({ loaded, merged, matched, quarantined, excluded }: Counts): bigint {
  return loaded + merged + matched + quarantined + excluded
}

function describeSum(counts: Counts): string {
  return `its dispositions are ${dispositions(counts)} and its source rows ${counts.read}: a join multiplies or drops rows, or a match is torn between several. The figures are not what a run would do, and those of the mappings that depend on it may be wrong too.`
}

function describeDoubt(doubt: Doubt, rows: bigint, target: string): string {
  const some = rows === 1n ? '1 row' : `${rows} rows`
  switch (doubt) {
    case 'key-null':
      return `the key of ${some} is null, and a run would fail. Take another key, or leave the rows out in a subquery in \`from\`.`
    case 'key-twice':
      return `${some} ${rows === 1n ? 'has' : 'have'} the key of another one, and a run would fail. Add columns to \`key\` until it is unique.`
    case 'standing':
      return `${some} would be loaded under a key that stands in ${target} already, and the server would refuse them. Say in \`match\` which rows are the same, or load into a table without them.`
    case 'target-twice':
      return `${some} would be loaded under the key of another one, and the server would refuse them. Say in \`identity\` which rows are the same, or make the key of ${target} of more columns.`
  }
}
