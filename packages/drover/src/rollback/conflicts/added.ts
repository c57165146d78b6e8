import { type RawBuilder, sql } from 'kysely'
import type { Table } from '../../catalog/table.ts'
import type { Queryable } from '../../db/connection.ts'
import { isConflict } from '../range.ts'
import type { Way } from '../way.ts'
import { empties, emptyingKeys, type Link } from './links.ts'
import { type ConflictQuery, conflictQuery, countWritten, isIn, namesOf } from './query.ts'
import { referringToAdded, referringToLoaded, type Stage } from './referring.ts'

/**
 * Enters the rows that refer to rows which go: first to rows that the run has loaded, then to those, and so on. A row that
 * can stay without its reference is entered with that, and takes no others along.
 */
export function findAdded(tx: Queryable, way: Way, links: readonly Link[]): Promise<void> {
  return followDown(tx, way, links, 'found', (link, rows) => enterAdded(way, links, link, rows))
}

/**
 * When it is decided what else stays: decides again on each row that was added, by what it refers to now. One that refers to
 * no row that goes is kept as well.
 */
export async function confirmAdded(
  tx: Queryable,
  way: Way,
  links: readonly Link[],
  undecided: readonly Pick<Table, 'schema' | 'name'>[],
): Promise<void> {
  const set = (from: string, to: string, tables = sql``) =>
    conflictQuery(
      way,
      'added rows',
      sql`with decided as (
  update drover.conflict as c
  set decision = ${sql.raw(to)}
  where c.run_id = $1::bigint and c.kind = 'added' and c.decision ${sql.raw(from)}${tables}
  returning 1
)
select count(*) as n
from decided`,
    )
  await countWritten(tx, way.runId, set(`= 'discard'`, 'null'))
  await followDown(tx, way, links, 'decided', (link, rows) => confirm(way, links, link, rows))
  await countWritten(tx, way.runId, set('is null', `'keep'`))
  for (const table of undecided) await countWritten(tx, way.runId, set(`= 'discard'`, 'null', sql` and ${isIn(table)}`))
}

/** Carries `write` out for rows that refer to loaded ones, then for those that refer to these, until nothing is new. */
async function followDown(
  tx: Queryable,
  way: Way,
  links: readonly Link[],
  stage: Stage,
  write: (link: Link, rows: RawBuilder<unknown>) => ConflictQuery,
): Promise<void> {
  for (const link of links) {
    for (const step of way.steps) {
      const rows = referringToLoaded(way, link, step)
      if (rows !== undefined) await countWritten(tx, way.runId, write(link, rows))
    }
  }
  for (let written = 1n; written > 0n; ) {
    written = 0n
    const tables = await readTables(tx, way.runId)
    for (const link of links.filter(({ parent }) => tables.some((table) => isSame(table, parent)))) {
      written += await countWritten(tx, way.runId, write(link, referringToAdded(way, links, link, stage)))
    }
  }
}

function enterAdded(way: Way, links: readonly Link[], link: Link, rows: RawBuilder<unknown>): ConflictQuery {
  return conflictQuery(
    way,
    link.child.name,
    sql`with entered as (
  insert into drover.conflict as c (run_id, table_schema, table_name, row_key, kind, constraint_name, refers_to, version)
  select $1::bigint, ${namesOf(link.child)}, row_key, 'added', ${constraintOf(link)}, refers_to, version
  from (
  ${rows}
  ) as found
  on conflict (run_id, table_schema, table_name, row_key) do update
  set constraint_name = excluded.constraint_name, refers_to = excluded.refers_to
  where c.kind = 'added' and ${isOvertaken(links, link)}
  returning 1
)
select count(*) as n
from entered`,
  )
}

function confirm(way: Way, links: readonly Link[], link: Link, rows: RawBuilder<unknown>): ConflictQuery {
  return conflictQuery(
    way,
    link.child.name,
    sql`with confirmed as (
  update drover.conflict as c
  set decision = 'discard', constraint_name = ${constraintOf(link)}, refers_to = found.refers_to
  from (
  ${rows}
  ) as found
  where ${isConflict(link.child, 'found')} and c.kind = 'added'
    and (c.decision is null or c.decision = 'discard' and ${isOvertaken(links, link)})
  returning 1
)
select count(*) as n
from confirmed`,
  )
}

/** Whether `c` is known by a link that would let the row stay, and this one takes it along. */
function isOvertaken(links: readonly Link[], link: Link): RawBuilder<unknown> {
  const names = emptyingKeys(links, link.child)
  if (empties(link) || names.length === 0) return sql`false`
  return sql`c.constraint_name in (${sql.join(names.map((name) => sql.lit(name)))})`
}

function constraintOf({ key }: Link): RawBuilder<unknown> {
  return key.name === null ? sql`null::text` : sql`${sql.lit(key.name)}`
}

/** The tables of rows that were added. */
async function readTables(tx: Queryable, runId: string): Promise<readonly Pick<Table, 'schema' | 'name'>[]> {
  const rows = await tx.query(
    `select distinct table_schema as schema, table_name as name from drover.conflict where run_id = $1 and kind = 'added'`,
    [runId],
  )
  return rows as unknown as readonly Pick<Table, 'schema' | 'name'>[]
}

function isSame(one: Pick<Table, 'schema' | 'name'>, other: Table): boolean {
  return one.schema === other.schema && one.name === other.name
}
