import { sql } from 'kysely'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { canonicalRow, type DigestAlgorithm, digestOf } from '../plan/digest.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import type { Fingerprint } from './fingerprint.ts'

/** The digest of all rows of a table as they are now. `head`: the first line of the statement, a comment. */
export async function takeFingerprint(
  tx: Queryable,
  table: Table,
  algorithm: DigestAlgorithm,
  head: string,
): Promise<Fingerprint> {
  const [row] = await tx.query(`${head}\n${compile(fingerprintQuery(table, algorithm).toOperationNode())}`)
  const taken = row as Pick<Fingerprint, 'rows' | 'high' | 'low' | 'takenAt'>
  return { schema: table.schema, table: table.name, algorithm, ...taken }
}

/** The same as a query: `rows`, `high`, `low`, `takenAt`. */
export function fingerprintQuery(table: Table, algorithm: DigestAlgorithm) {
  const { rows, high, low, from } = digestOf(canonicalRow(table), expressionOf(tableNode(table)), algorithm)
  return sql`select ${rows}::text as rows, ${high}::text as high, ${low}::text as low,
  to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "takenAt"
${from}`
}

/** What a server under FIPS answers, `could not compute MD5 hash`, is an internal error; others may have taken it away. */
const withoutMd5: ReadonlySet<string | undefined> = new Set(['XX000', '42883'])

/** Asked within a savepoint: the refusal of a statement must not end the transaction. */
export async function chooseAlgorithm(tx: Queryable): Promise<DigestAlgorithm> {
  await tx.query('savepoint algorithm')
  try {
    await tx.query(`select md5(''::text)`)
    await tx.query('release savepoint algorithm')
    return 'md5'
  } catch (thrown) {
    if (!withoutMd5.has(serverErrorOf(thrown)?.sqlstate)) throw thrown
    await tx.query('rollback to savepoint algorithm')
    await tx.query('release savepoint algorithm')
    return 'sha256'
  }
}

/** The count, and both sums. */
export function printFingerprint({ algorithm, rows, high, low }: Fingerprint): string {
  return `${algorithm} ${rows} ${high} ${low}`
}
