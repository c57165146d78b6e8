import { type OperationNode, type SelectQueryNode, sql } from 'kysely'
import { actorSetting } from '../define/declare-check.ts'
import { annotationOf } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, parameter } from '../sql/nodes.ts'
import { walk } from '../sql/tree.ts'
import type { DeclaredContext } from './declared.ts'
import { requireShowable } from './declared-key.ts'
import { declaredQuery, placeAsActor, requireColumns } from './declared-query.ts'

/** A role's name that `set role` reads as: back to who I am. */
const noRole = 'none'

/**
 * The statement that reads the actors: `key`, the first column as text, and `actor`, all of them as JSON. `readers`: what
 * reads their columns. Complains of one that they do not have: read as null, it would make someone out of nobody.
 */
export function actorsStatement(
  query: SelectQueryNode,
  readers: readonly OperationNode[],
  context: DeclaredContext,
): string {
  const actors = declaredQuery(query, 'actors', context)
  // A query whose columns are not known has been complained of.
  const [key = ''] = actors.columns
  requireShowable(query, [key], context)
  requireColumns(actorColumns(readers), actors, 'actors', context)
  return compile(
    sql`select (${columnOf('actor', key)})::text collate "C" as key, to_jsonb(actor.*)::text collate "C" as actor
from ${actors.sql} as actor
order by 1, 2`.toOperationNode(),
  )
}

/** Complains of what reads columns of an actor where there is none. */
export function requireNoActor(readers: readonly OperationNode[], { complain }: DeclaredContext): void {
  const columns = actorColumns(readers)
  if (columns.length > 0) complain(`the claims read ${columns.join(', ')} of the actor, and no actors are given.`)
}

function actorColumns(readers: readonly OperationNode[]): readonly string[] {
  const columns = new Set<string>()
  walk(readers, (node) => {
    const annotation = annotationOf(node)
    if (annotation?.kind === 'actor') columns.add(annotation.column)
  })
  return [...columns]
}

/**
 * The statement that makes the session the actor's: `$1`, his columns as JSON, goes into the setting that `write` and the
 * claims read, and the claims, or nothing, into the one that the application reads.
 */
export function enterStatement(
  claims: Readonly<Record<string, OperationNode>> | undefined,
  context: DeclaredContext,
): string {
  const pairs = Object.entries(claims ?? {}).flatMap(([name, value]) => [
    sql`${sql.lit(name)}::text`,
    expressionOf(placeAsActor(value, `claim ${name}`, context)),
  ])
  const text = claims === undefined ? sql`''` : sql`jsonb_build_object(${sql.join(pairs)})::text`
  // A row passes the condition before its columns are computed: the claims see the actor.
  return compile(
    sql`select set_config('request.jwt.claims', ${text}, true)
from (select set_config(${sql.lit(actorSetting)}, ${expressionOf(parameter(1, 'text'))}, true) as actor) as entered
where actor is not null`.toOperationNode(),
  )
}

/** Complains of a role that nobody can become. */
export function requireRole(role: string, { complain }: DeclaredContext): void {
  if (role === noRole || role === '') complain(`the role '${role}' cannot be taken.`)
}
