import { sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { type Fingerprint, readFingerprint } from '../ledger/fingerprint.ts'
import { canonicalRow, type DigestAlgorithm, digestOf } from '../plan/digest.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { type Check, namesOf, soleMapping, type TableSubject } from './check.ts'
import { checkStatement, type Origin } from './violations.ts'

/**
 * The digest of each target as it is now: evidence, kept in the ledger, of what was verified. It judges nothing: whether
 * a change since the last verification is a fault, the other checks tell.
 */
export const fingerprint: Check<TableSubject> = {
  name: 'fingerprint',
  whenGone: 'fail',
  run: async (tx, subject) => {
    const { runId, table } = subject
    const origin: Origin = { runId, mapping: namesOf(subject), check: 'fingerprint' }
    const algorithm = await chooseAlgorithm(tx)
    const taken = await takeFingerprint(tx, origin, table, algorithm)
    const earlier = await readFingerprint(tx, runId, table)
    return [
      {
        check: 'fingerprint',
        mapping: soleMapping(subject),
        verdict: 'pass',
        expected: earlier === undefined ? null : printed(earlier),
        actual: printed(taken),
        detail: `${qualifiedName(table)} ${sinceThen(taken, earlier)}.`,
        query: questionOf(table, algorithm),
        fingerprint: taken,
      },
    ]
  },
}

/** For whoever has a copy of the table on another server: gives the fingerprint as it is {@link printed}. */
function questionOf(table: Table, algorithm: DigestAlgorithm): string {
  const { rows, high, low, from } = digestOf(canonicalRow(table), expressionOf(tableNode(table)), algorithm)
  const digest = sql`concat_ws(' ', ${sql.lit(algorithm)}, ${rows}, ${high}, ${low})`
  return compile(sql`select ${digest} as fingerprint\n${from}`.toOperationNode())
}

async function takeFingerprint(
  tx: Queryable,
  origin: Origin,
  table: Table,
  algorithm: DigestAlgorithm,
): Promise<Fingerprint> {
  const { rows, high, low, from } = digestOf(canonicalRow(table), expressionOf(tableNode(table)), algorithm)
  const [row] = await tx.query(
    checkStatement(
      origin,
      sql`select ${rows}::text as rows, ${high}::text as high, ${low}::text as low,
  to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "takenAt"
${from}`,
    ),
  )
  const taken = row as Pick<Fingerprint, 'rows' | 'high' | 'low' | 'takenAt'>
  return { schema: table.schema, table: table.name, algorithm, ...taken }
}

/** Asked within a savepoint: the refusal of a statement must not end the transaction. */
async function chooseAlgorithm(tx: Queryable): Promise<DigestAlgorithm> {
  await tx.query('savepoint algorithm')
  try {
    await tx.query(`select md5(''::text)`)
    return 'md5'
  } catch (thrown) {
    if (serverErrorOf(thrown) === undefined) throw thrown
    await tx.query('rollback to savepoint algorithm')
    return 'sha256'
  }
}

/** The count, and both sums. */
function printed({ algorithm, rows, high, low }: Fingerprint): string {
  return `${algorithm} ${rows} ${high} ${low}`
}

function sinceThen(taken: Fingerprint, earlier: Fingerprint | undefined): string {
  if (earlier === undefined) return 'has no fingerprint of an earlier verification'
  const then = `the verification of ${earlier.takenAt}`
  if (taken.algorithm !== earlier.algorithm)
    return `cannot be compared with ${then}: that one used ${earlier.algorithm}`
  return printed(taken) === printed(earlier) ? `is unchanged since ${then}` : `changed since ${then}`
}
