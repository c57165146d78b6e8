import { type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../../catalog/capabilities.ts'
import type { Table } from '../../catalog/table.ts'
import type { Queryable } from '../../db/connection.ts'
import { describeServerError, serverErrorOf } from '../../db/server-error.ts'
import { DroverError } from '../../error.ts'
import { recordTransaction } from '../../ledger/transaction.ts'
import { isKnownOfRun, rowVersion, versionOf } from '../../plan/run-transactions.ts'
import { columnOf, unmerged } from '../../sql/nodes.ts'
import { holdTables } from '../hold.ts'
import { id, relation } from '../range.ts'
import type { Way } from '../way.ts'
import { defaultsThatGo, emptyReferences, isEmptied } from './emptied.ts'
import { type Link, linksOf } from './links.ts'
import { type ConflictQuery, conflictQuery, countWritten, isIn, namesOf } from './query.ts'
import { hasRowKey } from './row-key.ts'

/**
 * Takes the added rows away about which that is decided, or empties their references where their foreign key says so;
 * all are kept in the ledger as they were (I4). In the caller's transaction; can be done again.
 *
 * @throws DroverError `rollback-conflicts` where one of them was changed since it was found, or its reference would be
 * set to a row that goes; `rollback-refused` where foreign keys are enforced and rows of the run refer to it. Nothing
 * is done then.
 */
export async function discardAdded(tx: Queryable, way: Way): Promise<void> {
  const { runId } = way
  const found = await tx.query(
    `select distinct table_schema as schema, table_name as name
from drover.conflict
where run_id = $1 and kind = 'added' and decision = 'discard'
order by 1, 2`,
    [runId],
  )
  const links = linksOf(way)
  const tables = found.flatMap(({ schema, name }) => {
    const isNamed = (table: Table) => table.schema === schema && table.name === name
    return links.find(({ child }) => isNamed(child))?.child ?? []
  })
  if (tables.length === 0) return
  await recordTransaction(tx, runId)
  const held = holdTables(tables)
  if (held !== null) await tx.query(held)
  for (const table of tables) {
    const changed = await countWritten(tx, runId, lockAdded(way, table))
    if (changed > 0n) throw changedMeanwhile(table, changed)
  }
  for (const table of tables) await countWritten(tx, runId, storeAdded(way, table))
  for (const table of tables) {
    const query = emptyReferences(way, links, table)
    if (query !== null) await countWritten(tx, runId, query)
    for (const { constraint, query } of defaultsThatGo(way, links, table)) {
      const rows = await countWritten(tx, runId, query)
      if (rows > 0n) throw noDefault(table, constraint, rows)
    }
  }
  await countWritten(tx, runId, deleteAdded(way, links, tables)).catch((thrown) => {
    throw serverErrorOf(thrown)?.sqlstate === '23503' ? stillReferred(thrown) : thrown
  })
}

/** Locks the rows, and selects how many have changed. */
export function lockAdded(way: Way, table: Table): ConflictQuery {
  if (!capabilitiesOf(table).comparesVersions) return nothingChanged(way, table)
  const xmin = columnOf('t', 'xmin')
  return conflictQuery(
    way,
    table.name,
    sql`with locked as (
  select ${versionOf(xmin)} as version, ${isKnownOfRun(xmin)} as is_own, discarded.version as found_version
  from ${discarded(table)} as discarded
  join ${relation(table)} as t on ${hasRowKey(way.now, table, 't', sql`discarded.row_key`)}
  for update of t
)
select count(*) as n
from locked
where version <> found_version and not is_own`,
  )
}

/** Where no version tells, whatever the row is by now is kept before it goes. `$1` is read for its type. */
function nothingChanged(way: Way, { name }: Table): ConflictQuery {
  return conflictQuery(way, name, sql`select 0 as n where $1::bigint is not null`)
}

/** Puts the rows into the ledger; those whose references are emptied already are there. */
export function storeAdded(way: Way, table: Table): ConflictQuery {
  return conflictQuery(
    way,
    table.name,
    sql`with stored as (
  insert into drover.discarded_row (run_id, table_schema, table_name, row_key, row)
  select $1::bigint, ${namesOf(table)}, discarded.row_key, to_jsonb(${id('t')}.*)
  from ${discarded(table)} as discarded
  join ${relation(table)} as t on ${hasRowKey(way.now, table, 't', sql`discarded.row_key`)}
  where ${rowVersion(table, 't')} = discarded.version
  returning 1
)
select count(*) as n
from stored`,
  )
}

/** Deletes all others in one statement: the order in which rows refer to each other does not matter then. */
export function deleteAdded(way: Way, links: readonly Link[], tables: readonly Table[]): ConflictQuery {
  const deletions = tables.map(
    (table, i) => sql`${id(`deleted_${i + 1}`)} as (
  delete from ${relation(table)} as t
  using ${discarded(table, sql` and not ${isEmptied(links, table)}`)} as discarded
  where ${hasRowKey(way.now, table, 't', sql`discarded.row_key`)}
  returning 1
)`,
  )
  const counts = tables.map((_, i) => sql`(select count(*) from ${id(`deleted_${i + 1}`)})`)
  return conflictQuery(
    way,
    'added rows',
    sql`with ${sql.join(deletions)}
select ${sql.join(counts, sql` + `)} as n`,
  )
}

/** `unmerged`: keys of other tables must not be read as keys of this one. */
function discarded(table: Table, further = sql``): RawBuilder<unknown> {
  return sql`(
    select c.row_key, c.version
    from drover.conflict as c
    where ${isIn(table)} and c.kind = 'added' and c.decision = 'discard'${further}
    ${unmerged}
  )`
}

function changedMeanwhile({ schema, name }: Table, rows: bigint): DroverError {
  return new DroverError('rollback-conflicts', 'Rows that are to be discarded were changed since they were found.', {
    where: `${schema}.${name}, ${rows} ${rows === 1n ? 'row' : 'rows'}`,
    why: 'the application writes to the table',
    remedy: 'None of them is touched. Stop it, then give the command again: conflicts are looked for anew.',
  })
}

function noDefault({ schema, name }: Table, constraint: string, rows: bigint): DroverError {
  return new DroverError(
    'rollback-conflicts',
    'References would be set to their default, and that is a row that goes.',
    {
      where: `${schema}.${name}, constraint ${constraint}, ${rows} ${rows === 1n ? 'row' : 'rows'}`,
      remedy: `Nothing is touched. Let the rows refer elsewhere, or keep them: --on-conflict ${schema}.${name}=keep.`,
    },
  )
}

/** A row of the run can refer to one that was added, and that one to a row of the run: one of them has to go first. */
function stillReferred(thrown: unknown): DroverError {
  return new DroverError(
    'rollback-refused',
    'Rows that were added cannot go before rows of the run that refer to them.',
    {
      why: describeServerError(serverErrorOf(thrown)!),
      remedy:
        'Nothing is touched. Connect as a role that may set session_replication_role, for which foreign keys are not checked; or ' +
        'empty those references; or keep the rows with --on-conflict.',
      cause: thrown,
    },
  )
}
