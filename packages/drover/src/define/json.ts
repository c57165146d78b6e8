import { type AliasableExpression, type Expression, type RawBuilder, sql } from 'kysely'
import { expressionOf } from '../sql/nodes.ts'
import { correctedWhen, once } from './guard.ts'
import type { bool, jsonb, text } from './sql-types.ts'

/** How many arguments the server passes to a function. */
const mostArguments = 100

/**
 * An object of the given members. Values of any type become JSON as `to_jsonb` makes it: null becomes JSON's null, a
 * date or a uuid a string, NaN the string `"NaN"`. What the values are guarded with stays in force.
 *
 * SQL: `jsonb_build_object('name', x, …)`
 */
export function jsonObject(members: Readonly<Record<string, Expression<unknown>>>): AliasableExpression<jsonb> {
  const pairs = Object.entries(members).map(([name, value]) => sql`${sql.lit(name)}::text, ${value}`)
  return built('jsonb_build_object', pairs, mostArguments / 2)
}

/**
 * An array of the given entries, which become JSON as those of {@link jsonObject} do.
 *
 * SQL: `jsonb_build_array(x, …)`
 */
export function jsonArray(entries: readonly Expression<unknown>[]): AliasableExpression<jsonb> {
  return built('jsonb_build_array', entries, mostArguments)
}

/** More than one call can take are put together with `||`. */
function built(
  call: 'jsonb_build_object' | 'jsonb_build_array',
  parts: readonly Expression<unknown>[],
  most: number,
): AliasableExpression<jsonb> {
  const calls: RawBuilder<jsonb>[] = []
  for (let i = 0; i === 0 || i < parts.length; i += most) {
    calls.push(sql`${sql.raw(call)}(${sql.join(parts.slice(i, i + most))})`)
  }
  return expressionOf((calls.length === 1 ? calls[0]! : sql`(${sql.join(calls, sql` || `)})`).toOperationNode())
}

/** What becomes of JSON that is no object. */
export interface AsObjectOptions {
  /** The name under which a value that is no object is put into one. */
  readonly key: string
  /** The code of the correction that is then logged. Default `not-an-object`. */
  readonly code?: string
}

/**
 * A jsonb that is an object: an object stays as it is, null and JSON's null become the empty one, any other value is put
 * into one under `key`. Only the last is logged, as a correction with the value as it was.
 *
 * SQL: `case jsonb_typeof(x) when 'object' then x when 'null' then '{}' … else jsonb_build_object(key, x) end`
 */
export function asObject<X extends jsonb | null>(x: Expression<X>, options: AsObjectOptions): Expression<jsonb> {
  const input = once(x)
  const kind = sql<text>`coalesce(jsonb_typeof(${input}), 'null')`
  const value = sql<jsonb>`case ${kind}
      when 'object' then ${input}
      when 'null' then jsonb '{}'
      else jsonb_build_object(${sql.lit(options.key)}::text, ${input})
    end`
  return correctedWhen(
    once(value),
    options.code ?? 'not-an-object',
    sql<bool>`${kind} not in ('object', 'null')`,
    input,
  )
}
