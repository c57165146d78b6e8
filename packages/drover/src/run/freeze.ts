import type { Queryable } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { noteRestored, recordAltered } from '../ledger/altered-object.ts'
import { readFrozenTables, readPartitionChanges, writeDigestAfter, writeFrozenTable } from '../ledger/freeze.ts'
import { type FreezePlan, type FrozenTable, freezeTrigger, type MappingPlan } from '../plan/plan.ts'
import { parseName } from '../sql/nodes.ts'

/**
 * Freezes the source, in the transaction that creates the run: writers that are under way are waited for.
 *
 * @throws DroverError `source-busy` where they do not end in time.
 */
export async function freezeSource(tx: Queryable, runId: string, { mode, tables }: FreezePlan): Promise<void> {
  for (const table of tables) {
    if (table.release !== null) {
      const { schema, name, release } = table
      await recordAltered(tx, runId, {
        kind: 'trigger',
        schema,
        table: name,
        name: freezeTrigger,
        change: 'created',
        restore: release,
      })
    }
    for (const statement of table.block) await block(tx, table, statement)
    await writeFrozenTable(tx, runId, table, { mode, digest: await digest(tx, table) })
  }
}

/** Lets the application write again, and keeps the digest that tells whether someone wrote meanwhile. */
export async function releaseSource(tx: Queryable, runId: string, { tables }: FreezePlan): Promise<void> {
  for (const table of tables) {
    if (table.release !== null) {
      await tx.query(table.release)
      await noteRestored(tx, runId, { schema: table.schema, table: table.name, name: freezeTrigger })
    }
    await writeDigestAfter(tx, runId, table, await digest(tx, table))
  }
}

/**
 * Ranges of physical blocks are the rows' ranges only as long as the table is not rewritten. Keeps it from being
 * rewritten until the transaction ends, and makes sure that it was not before.
 *
 * @throws DroverError `source-rewritten`
 */
export async function holdSource(tx: Queryable, runId: string, mapping: MappingPlan): Promise<void> {
  const { holdSource: hold } = mapping.statements
  if (hold === null) return
  await tx.query(hold)
  const frozen = await readFrozenTables(tx, runId)
  const table = frozen.find(({ schema, name }) => `${schema}.${name}` === mapping.source)
  if (table === undefined || table.filenode === table.filenodeNow) return
  throw new DroverError('source-rewritten', `The table ${mapping.source} was rewritten during the run.`, {
    where: `mapping ${mapping.name}`,
    why: 'vacuum full, cluster or an alter table moved its rows, so that ranges of blocks are not those of the chunks',
    remedy: 'Cancel the run, take back what it has loaded, and run again; let no one rewrite the table meanwhile.',
  })
}

/**
 * The same of a source that is read partition by partition: all are there, none that is blocked has been rewritten, and
 * no other has come. What the statement of a chunk has locked stays so until its transaction ends.
 *
 * @throws DroverError `source-rewritten`
 */
export async function requirePartitions(tx: Queryable, runId: string, mapping: MappingPlan): Promise<void> {
  if (mapping.partitions.length === 0) return
  const changes = await readPartitionChanges(tx, runId, parseName(mapping.source), mapping.partitions)
  if (changes.length === 0) return
  throw new DroverError('source-rewritten', `Partitions of ${mapping.source} have changed during the run.`, {
    where: `mapping ${mapping.name}`,
    why: changes.map(({ table, change }) => `${table} was ${change}`).join(', '),
    remedy: 'Cancel the run, take back what it has loaded, plan and run again; let no one change partitions meanwhile.',
  })
}

async function digest(tx: Queryable, table: FrozenTable): Promise<string | null> {
  if (table.digest === null) return null
  const [row] = await tx.query(table.digest)
  return row?.digest as string
}

async function block(tx: Queryable, { schema, name }: FrozenTable, statement: string): Promise<void> {
  try {
    await tx.query(statement)
  } catch (thrown) {
    const sqlstate = serverErrorOf(thrown)?.sqlstate
    const where = `table ${schema}.${name}`
    if (sqlstate === '55P03') {
      throw new DroverError('source-busy', 'Writes to the source could not be blocked: someone is writing.', {
        where,
        why: 'a transaction that wrote to the table did not end in time',
        remedy: 'Stop the application, or end that transaction (see pg_stat_activity), and run again.',
        cause: thrown,
      })
    }
    if (sqlstate === '42710') {
      throw new DroverError('source-busy', 'The source is already blocked by a run.', {
        where: `${where}, trigger ${freezeTrigger}`,
        remedy: 'Finish or cancel that run first: see drover status.',
        cause: thrown,
      })
    }
    throw thrown
  }
}
