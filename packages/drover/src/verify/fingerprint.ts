import { sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { type Fingerprint, readFingerprint } from '../ledger/fingerprint.ts'
import { chooseAlgorithm, printFingerprint, takeFingerprint } from '../ledger/take-fingerprint.ts'
import { canonicalRow, type DigestAlgorithm, digestOf } from '../plan/digest.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { type Check, namesOf, soleMapping, type TableSubject } from './check.ts'
import { headOf, type Origin } from './violations.ts'

/**
 * The digest of each target as it is now: evidence, kept in the ledger, of what was verified. It judges nothing: whether
 * a change since the last verification is a fault, the other checks tell.
 */
export const fingerprint: Check<TableSubject> = {
  name: 'fingerprint',
  whenGone: 'fail',
  isLong: true,
  run: async (tx, subject) => {
    const { runId, table } = subject
    const origin: Origin = { runId, mapping: namesOf(subject), check: 'fingerprint' }
    const algorithm = await chooseAlgorithm(tx)
    const taken = await takeFingerprint(tx, table, algorithm, headOf(origin))
    const earlier = await readFingerprint(tx, runId, table)
    return [
      {
        check: 'fingerprint',
        mapping: soleMapping(subject),
        verdict: 'pass',
        expected: earlier === undefined ? null : printFingerprint(earlier),
        actual: printFingerprint(taken),
        detail: `${qualifiedName(table)} ${sinceThen(taken, earlier)}.`,
        query: questionOf(table, algorithm),
        fingerprint: taken,
      },
    ]
  },
}

/** For whoever has a copy of the table on another server: gives the fingerprint as {@link printFingerprint} prints it. */
function questionOf(table: Table, algorithm: DigestAlgorithm): string {
  const { rows, high, low, from } = digestOf(canonicalRow(table), expressionOf(tableNode(table)), algorithm)
  const digest = sql`concat_ws(' ', ${sql.lit(algorithm)}, ${rows}, ${high}, ${low})`
  return compile(sql`select ${digest} as fingerprint\n${from}`.toOperationNode())
}

function sinceThen(taken: Fingerprint, earlier: Fingerprint | undefined): string {
  if (earlier === undefined) return 'has no fingerprint of an earlier verification'
  const then = `the verification of ${earlier.takenAt}`
  if (taken.algorithm !== earlier.algorithm)
    return `cannot be compared with ${then}: that one used ${earlier.algorithm}`
  return printFingerprint(taken) === printFingerprint(earlier) ? `is unchanged since ${then}` : `changed since ${then}`
}
