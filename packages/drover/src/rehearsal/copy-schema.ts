import { type Ddl, type DdlStatement, ownSchemas, readDdl } from '../catalog/ddl/ddl.ts'
import type { Database, Transaction, TransactionOptions } from '../db/connection.ts'
import { describeServerError, type ServerError, serverErrorOf } from '../db/server-error.ts'
import { reactionTo } from '../db/sqlstate.ts'

/** A statement that the other server refused. */
export interface NotMade {
  /** As in {@link DdlStatement.object}. */
  readonly object: string
  readonly sqlstate: string
  /** In words, without a value of any row (I8). */
  readonly why: string
}

/**
 * Reads what makes the application's schemas of a database again, and which schemas these are. `roles`: others are
 * needed, too.
 */
export async function readDefinitions(
  from: Database,
  roles: readonly string[] = [],
): Promise<Ddl & { readonly schemas: readonly string[] }> {
  return from.transaction(
    async (tx) => {
      const query = (text: string, values?: readonly unknown[]) => tx.query(text, values)
      const schemas = await ownSchemas(query)
      return { schemas, ...(await readDdl(query, schemas, roles)) }
    },
    { name: 'read ddl', readOnly: true, settings: { transaction_isolation: 'repeatable read' } },
  )
}

/** Every object made holds a lock until the end of its transaction, and the server has room for some thousands. */
const statementsPerTransaction = 200

/**
 * Runs statements of {@link readDefinitions} in another database: those of `before` in an empty one, those of `after` when
 * the rows are there. What the server refuses is left out and told; it matters as far as a plan rests on it, which
 * `catalogDifferences` tells.
 *
 * @throws DroverError where the connection breaks, and the server's error where it has no room or was told to stop: the
 * database then holds a part.
 */
export async function makeObjects(to: Database, statements: readonly DdlStatement[]): Promise<readonly NotMade[]> {
  const notMade: NotMade[] = []
  for (let at = 0; at < statements.length; at += statementsPerTransaction) {
    const part = statements.slice(at, at + statementsPerTransaction)
    notMade.push(...(await to.transaction((tx) => makePart(tx, part), options)))
  }
  return notMade
}

const options: TransactionOptions = {
  name: 'make objects',
  // An index over all rows of a table, or a key that is checked: it takes as long as it takes.
  statementTimeoutMs: 0,
  // The body of a function may name what comes after it.
  settings: { check_function_bodies: 'off' },
}

async function makePart(tx: Transaction, statements: readonly DdlStatement[]): Promise<readonly NotMade[]> {
  const notMade: NotMade[] = []
  // Not in one message with a statement: where the server cannot read that, it runs nothing of the message.
  await tx.query('savepoint statement')
  for (const { object, sql } of statements) {
    try {
      await tx.query(sql)
      await tx.query('release savepoint statement; savepoint statement')
    } catch (thrown) {
      const error = serverErrorOf(thrown)
      if (error === undefined || !isAboutStatement(error)) throw thrown
      await tx.query('rollback to savepoint statement')
      notMade.push({ object, sqlstate: error.sqlstate, why: describeServerError(error) })
    }
  }
  return notMade
}

/** Not of a full disk, a cancelled statement or a session that was ended: those say nothing of the object. */
function isAboutStatement({ sqlstate }: ServerError): boolean {
  return ['stop', 'set aside'].includes(reactionTo(sqlstate))
}
