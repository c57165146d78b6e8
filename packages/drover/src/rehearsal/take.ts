import { type OperationNode, type RawBuilder, sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { type Draw, isDrawn, unitOf } from './draw.ts'
import type { Edge } from './edges.ts'
import type { PartialTable, SamplePlan } from './sample-plan.ts'

/**
 * Which rows of partial tables are taken, by their physical places, which hold as long as the transaction reads one
 * snapshot: what rewrites a table waits for whoever has read it.
 */
export interface Taken {
  /** Selects the rows of the table that are taken, each once, under the alias `t`. */
  rowsOf(table: Table): RawBuilder<unknown>
}

/**
 * Draws rows, then takes all that they lead to, until nothing is added. Writes to temporary tables alone: from then on
 * the server refuses every other write (I5).
 */
export async function take(tx: Queryable, plan: SamplePlan, fraction: number): Promise<Taken> {
  const places = new Map(
    plan.partial.map(({ table }, i) => [table, tableNode({ schema: 'pg_temp', name: `drover_taken_${i}` })]),
  )
  for (const node of places.values()) {
    await run(
      tx,
      sql`create temporary table ${expressionOf(node)} (rel oid not null, place tid not null, step int not null) on commit drop`,
    )
  }
  await tx.query('set transaction read only')
  for (const partial of plan.partial) await run(tx, drawn(partial, places.get(partial.table)!, fraction))
  await close(tx, plan, places)
  return {
    rowsOf: (table) => {
      const taken = places.get(table)
      const rows = sql`from ${expressionOf(tableNode(table))} as t`
      return taken === undefined ? rows : sql`${rows} join ${expressionOf(taken)} as _taken on ${isAt('t', '_taken')}`
    },
  }
}

function drawn({ table, draws }: PartialTable, taken: OperationNode, fraction: number): RawBuilder<unknown> {
  // Several mappings of one table may draw by different groups: each gets the rows that it counts.
  const by = draws.length === 0 ? [{ alias: 't', unit: ownUnit(table) }] : draws
  const [first] = by
  const parts = by.map(
    ({ alias, unit }) =>
      sql`select ${place(alias)}, 0 from ${relation(table, alias)} where ${isDrawn(expressionOf(unit), fraction)}`,
  )
  const rows = parts.length === 1 ? parts[0]! : sql`${sql.join(parts, sql`\nunion\n`)}`
  return sql`/* drover sample of ${sql.raw(comment(table))} */\ninsert into ${expressionOf(taken)} (rel, place, step)\n${first === undefined ? sql`` : rows}`
}

/** Of a table that drives no mapping: its key, or all that the row holds. */
function ownUnit({ primaryKey, columns }: Table): OperationNode {
  const names = primaryKey ?? columns.map(({ name }) => name)
  return unitOf(names.map((name) => sql`${expressionOf(columnNode('t', name))}::text`.toOperationNode()))
}

/** How far an edge has been followed: up to which step the rows that it starts from. */
interface Followed {
  readonly edge: Edge
  upTo: number
}

async function close(tx: Queryable, plan: SamplePlan, places: ReadonlyMap<Table, OperationNode>): Promise<void> {
  const newest = new Map<Table, number>()
  for (const node of places.values()) await run(tx, sql`analyze ${expressionOf(node)}`)
  const edges: Followed[] = plan.edges.map((edge) => ({ edge, upTo: -1 }))
  let step = 0
  for (let isMore = true; isMore; ) {
    isMore = false
    for (const followed of edges) {
      const { edge, upTo } = followed
      if (upTo >= 0 && (newest.get(edge.from) ?? 0) <= upTo) continue
      followed.upTo = step++
      const [row] = await run(tx, follow(edge, places, upTo, step))
      if (row?.added === '0') continue
      newest.set(edge.to, step)
      isMore = true
      await run(tx, sql`analyze ${expressionOf(places.get(edge.to)!)}`)
    }
  }
}

/** Takes what rows lead to that were taken after step `after`; returns how many rows were `added`. */
function follow(
  { from, fromAlias, to, toAlias, on }: Edge,
  places: ReadonlyMap<Table, OperationNode>,
  after: number,
  step: number,
): RawBuilder<unknown> {
  const start = places.get(from)
  const own = expressionOf(places.get(to)!)
  const isNew =
    start === undefined
      ? sql``
      : sql` join ${expressionOf(start)} as _taken on ${isAt(fromAlias, '_taken')} and _taken.step > ${sql.lit(after)}`
  // Asked of each row once: of rows that many lead to, or that are the same in thousands, a join would make pairs.
  return sql`/* drover sample of ${sql.raw(comment(to))} */
with added as (
  insert into ${own} (rel, place, step)
  select ${place(toAlias)}, ${sql.lit(step)}
  from ${relation(to, toAlias)}
  where exists (
      select
      from ${relation(from, fromAlias)}${isNew}
      where ${expressionOf(on)}
    )
    and not exists (select from ${own} as _own where ${isAt(toAlias, '_own')})
  returning 1
)
select count(*) as added from added`
}

function relation(table: Table, alias: string): RawBuilder<unknown> {
  return sql`${expressionOf(tableNode(table))} as ${expressionOf(identifier(alias))}`
}

function place(alias: string): RawBuilder<unknown> {
  return sql`${expressionOf(columnNode(alias, 'tableoid'))}, ${expressionOf(columnNode(alias, 'ctid'))}`
}

function isAt(alias: string, taken: string): RawBuilder<unknown> {
  const of = (name: string) => expressionOf(columnNode(taken, name))
  return sql`${of('place')} = ${expressionOf(columnNode(alias, 'ctid'))} and ${of('rel')} = ${expressionOf(columnNode(alias, 'tableoid'))}`
}

function comment(table: Table): string {
  return qualifiedName(table).replaceAll('*/', '')
}

function run(tx: Queryable, statement: RawBuilder<unknown>) {
  return tx.query(compile(statement.toOperationNode()))
}

/** How many units the draw of a mapping comes to. */
export async function countUnits(tx: Queryable, table: Table, draw: Draw, fraction: number): Promise<bigint> {
  const unit = expressionOf(draw.unit)
  const [row] = await run(
    tx,
    sql`/* drover sample of ${sql.raw(comment(table))} */
select count(distinct ${unit}) as units
from ${relation(table, draw.alias)}
where ${isDrawn(unit, fraction)}`,
  )
  return BigInt(row!.units as string)
}
