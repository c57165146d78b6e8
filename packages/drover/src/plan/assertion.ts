import { sql } from 'kysely'
import type { AssertionDefinition } from '../define/check.ts'
import { compile } from '../sql/compile.ts'
import { columnOf } from '../sql/nodes.ts'
import type { DeclaredContext } from './declared.ts'
import { requireShowable } from './declared-key.ts'
import type { AssertionPlan } from './declared-plan.ts'
import { declaredQuery, readsSource, requireColumns } from './declared-query.ts'
import { orderByText, shownColumns, shownRows } from './declared-rows.ts'

/** A rule as SQL: its rows are counted, and the lowest shown. */
export function assertionPlan(check: AssertionDefinition, context: DeclaredContext): AssertionPlan {
  const query = declaredQuery(check.query, 'the query', context)
  requireColumns(check.key, query, 'the query', context)
  const key = check.key.length === 0 ? query.columns.slice(0, 1) : check.key
  requireShowable(check.query, key, context)
  const shown = (columns: readonly string[]) => columns.map((name) => ({ name, value: columnOf('found', name) }))
  const others = query.columns.filter((column) => !key.includes(column))
  const statement = sql`select count(*) over () as n,
  ${shownColumns(shown(key), 'clear')} as key,
  ${shownColumns(shown(others), 'masked')} as masked
from ${query.sql} as found
order by ${orderByText(shown(key).map(({ value }) => value))}
limit ${sql.lit(shownRows)}`
  const of = check.of && declaredQuery(check.of, '`of`', context)
  return {
    kind: 'assertion',
    name: check.name,
    statement: compile(statement.toOperationNode()),
    query: compile(query.node),
    allow: check.allow ?? null,
    countAll: of ? compile(sql`select count(*) as n\nfrom ${of.sql} as counted`.toOperationNode()) : null,
    readsSource: [check.query, check.of].some((asked) => asked !== undefined && readsSource(asked, context)),
  }
}
