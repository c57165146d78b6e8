import type { Database } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { type Execution, executionSentence, readExecution } from '../plan/execution.ts'
import type { ExecutionProbe } from '../plan/execution-probe.ts'

/**
 * Asks the server how it would carry out what writes the rows of each mapping: it plans, and writes nothing (I5). Where it
 * refuses to plan one, or the role may not, that is said of this mapping, and the others are asked.
 */
export async function readExecutions(db: Database, probes: readonly ExecutionProbe[]): Promise<readonly Execution[]> {
  const executions: Execution[] = []
  for (const probe of probes) executions.push(await ask(db, probe))
  return executions
}

/** A transaction each: an error ends the one that it occurs in. */
async function ask(db: Database, { mapping, statement }: ExecutionProbe): Promise<Execution> {
  const explain = `/* drover plan ${mapping} execution */ explain (costs off) ${statement}`
  try {
    const rows = await db.transaction((tx) => tx.query(explain), {
      readOnly: true,
      statementTimeoutMs: 60_000,
      lockTimeoutMs: 2000,
    })
    const read = readExecution(rows.map((row) => String(Object.values(row)[0])))
    return { mapping, ...read, sentence: executionSentence(read) }
  } catch (thrown) {
    const error = serverErrorOf(thrown)
    if (error === undefined) throw thrown
    const sentence = `The server did not plan it (SQLSTATE ${error.sqlstate}), so that it is not known where its rows are made.`
    return { mapping, mode: null, tasks: 0, sentence }
  }
}
