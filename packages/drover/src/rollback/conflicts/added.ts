import { type RawBuilder, sql } from 'kysely'
import type { Table } from '../../catalog/table.ts'
import type { Queryable } from '../../db/connection.ts'
import { isConflict } from '../range.ts'
import type { Way } from '../way.ts'
import { empties, emptyingKeys, type Link } from './links.ts'
import { type ConflictQuery, conflictQuery, countWritten, isIn, namesOf, type RepeatedQuery, repeat } from './query.ts'
import { referringToAdded, referringToLoaded, type Stage } from './referring.ts'

/** What follows the ways down by which rows refer to rows that go. */
export interface Descent {
  /** About rows that refer to rows which the run has loaded. */
  readonly once: readonly ConflictQuery[]
  /** About rows that refer to those, and so on. */
  readonly repeated: readonly RepeatedQuery[]
}

/**
 * Enters the rows that refer to rows which go: first to rows that the run has loaded, then to those, and so on. A row that
 * can stay without its reference is entered with that, and takes no others along.
 */
export async function findAdded(tx: Queryable, way: Way, links: readonly Link[]): Promise<void> {
  await follow(tx, way, entering(way, links))
}

/**
 * When it is decided what else stays: decides again on each row that was added, by what it refers to now. One that refers to
 * no row that goes is kept as well. `undecided`: tables on which nothing is decided.
 */
export async function confirmAdded(
  tx: Queryable,
  way: Way,
  links: readonly Link[],
  undecided: readonly Pick<Table, 'schema' | 'name'>[],
): Promise<void> {
  const discarded = sql`c.decision = 'discard'`
  await countWritten(tx, way.runId, setDecision(way, discarded, sql`null`))
  await follow(tx, way, confirming(way, links))
  await countWritten(tx, way.runId, setDecision(way, sql`c.decision is null`, sql`'keep'`))
  for (const table of undecided) {
    await countWritten(tx, way.runId, setDecision(way, sql`${discarded} and ${isIn(table)}`, sql`null`))
  }
}

/** Enters the rows that are found. */
export function entering(way: Way, links: readonly Link[]): Descent {
  return descent(way, links, 'found', (link, rows) => enterAdded(way, links, link, rows))
}

/** Confirms of rows that they are discarded. */
export function confirming(way: Way, links: readonly Link[]): Descent {
  return descent(way, links, 'decided', (link, rows) => confirm(way, links, link, rows))
}

async function follow(tx: Queryable, way: Way, { once, repeated }: Descent): Promise<void> {
  for (const query of once) await countWritten(tx, way.runId, query)
  await repeat(tx, way, 'added', repeated)
}

function descent(
  way: Way,
  links: readonly Link[],
  stage: Stage,
  write: (link: Link, rows: RawBuilder<unknown>) => ConflictQuery,
): Descent {
  return {
    once: links.flatMap((link) =>
      way.steps.flatMap((step) => {
        const rows = referringToLoaded(way, link, step)
        return rows === undefined ? [] : [write(link, rows)]
      }),
    ),
    repeated: links.map((link) => ({
      of: link.parent,
      ...write(link, referringToAdded(way, links, link, stage)),
    })),
  }
}

/** Decides on rows that were added. */
export function setDecision(way: Way, condition: RawBuilder<unknown>, decision: RawBuilder<unknown>): ConflictQuery {
  return conflictQuery(
    way,
    'added rows',
    sql`with decided as (
  update drover.conflict as c
  set decision = ${decision}
  where c.run_id = $1::bigint and c.kind = 'added' and ${condition}
  returning 1
)
select count(*) as n
from decided`,
  )
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
