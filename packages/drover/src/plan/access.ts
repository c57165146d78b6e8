import { type RawBuilder, type SelectQueryNode, sql } from 'kysely'
import type { AccessDefinition } from '../define/access.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifier, parameter, unmerged } from '../sql/nodes.ts'
import { actorsStatement, enterStatement, requireNoActor, requireRole } from './actors.ts'
import type { DeclaredContext } from './declared.ts'
import { requireShowable } from './declared-key.ts'
import type { AccessPlan } from './declared-plan.ts'
import { declaredQuery, readsSource, requireColumns, requireNoLedger } from './declared-query.ts'

/**
 * A check of access as SQL. What is asked as the actor calls nothing but built-in functions: his role has no right to
 * drover's schema.
 */
export function accessPlan(check: AccessDefinition, context: DeclaredContext): AccessPlan {
  const { name, role, claims, actors, visible, expected } = check
  requireRole(role, context)
  const readers = Object.values(claims ?? {})
  if (actors === undefined) requireNoActor(readers, context)
  const own = typeof expected === 'string' ? null : ownRows(expected, actors !== undefined, context)
  return {
    kind: 'access',
    name,
    role,
    actors: actors === undefined ? null : actorsStatement(actors, readers, context),
    enter: enterStatement(claims, context),
    ...seenRows(visible, context),
    expected: own?.expected ?? null,
    strayKeys: own?.strayKeys ?? null,
    outcome: typeof expected === 'string' ? expected : 'own rows',
    readsSource: [actors, expected].some((query) => typeof query === 'object' && readsSource(query, context)),
  }
}

/**
 * Of rows of `hashed`, the count and a digest that does not depend on their order: the sums of both halves of each key's
 * hash. That is the first 128 bits of sha256; servers under FIPS rules refuse md5, which is no faster.
 */
const digest = sql`count(*) as n,
  coalesce(sum(('x' || substr(hash, 1, 16))::bit(64)::bigint), 0) || ' ' ||
  coalesce(sum(('x' || substr(hash, 17, 16))::bit(64)::bigint), 0) as digest`

/** The hash of each row's `key`, beside other columns. The offset keeps the planner from hashing each key twice. */
function hashed(rows: RawBuilder<unknown>, columns: readonly string[]): RawBuilder<unknown> {
  return sql`(
  select ${sql.join([...columns.map(id), sql`encode(sha256(convert_to(key, 'UTF8')), 'hex') as hash`])}
  from ${rows}
  ${unmerged}
) as hashed`
}

const key = sql`key collate "C"`

function seenRows(query: SelectQueryNode, context: DeclaredContext) {
  requireNoLedger(query, 'visible', 'use it in expected', context)
  const { sql: visible, columns } = declaredQuery(query, 'visible', { ...context, hasLedger: false })
  if (columns.length > 1) {
    context.complain(`visible gives ${columns.length} columns; it needs one, the key of a row that is seen.`)
  }
  requireShowable(query, columns, context)
  const seen = sql`(select (${columnOf('answer', columns[0] ?? '')})::text as key from ${visible} as answer) as seen`
  const after = expressionOf(parameter(1, 'text'))
  return {
    visible: compile(sql`select ${digest}\nfrom ${hashed(seen, [])}`.toOperationNode()),
    visibleKeys: compile(
      sql`select ${key} as key, count(*) as n
from ${seen}
where ${after} is null or ${key} > ${after}
group by 1
order by 1
limit ${expressionOf(parameter(2, 'int8'))}`.toOperationNode(),
    ),
  }
}

function ownRows(query: SelectQueryNode, hasActors: boolean, context: DeclaredContext) {
  const declared = declaredQuery(query, 'expected', context)
  requireColumns(['actor', 'key'], declared, 'expected', context)
  requireShowable(query, ['actor', 'key'], context)
  // The only actor of a check without `actors` has no key: all rows are his.
  const actor = hasActors ? sql`(${columnOf('answer', 'actor')})::text` : sql`null::text`
  const own = sql`(select ${actor} as actor, (${columnOf('answer', 'key')})::text as key from ${declared.sql} as answer) as own`
  const [who, seenKeys, seenCounts, after, through, limit] = (
    ['text', 'text[]', 'int8[]', 'text', 'text', 'int8'] as const
  ).map((type, i) => expressionOf(parameter(i + 1, type)))
  return {
    expected: compile(sql`select actor, ${digest}\nfrom ${hashed(own, ['actor'])}\ngroup by actor`.toOperationNode()),
    strayKeys: compile(
      sql`select key, seen > own as is_seen
from (
  select key, sum(seen) as seen, sum(own) as own
  from (
    select ${key} as key, 0 as seen, count(*) as own
    from ${own}
    where actor is not distinct from ${who!}
      and (${after!} is null or ${key} > ${after!})
      and (${through!} is null or ${key} <= ${through!})
    group by 1
    union all
    select ${key}, n, 0
    from unnest(${seenKeys!}, ${seenCounts!}) as seen (key, ${id('n')})
  ) as either
  group by key
) as compared
where seen <> own
order by key
limit ${limit!}`.toOperationNode(),
    ),
  }
}

function id(name: string) {
  return expressionOf(identifier(name))
}
