import {
  AliasNode,
  DeleteQueryNode,
  IdentifierNode,
  InsertQueryNode,
  type OperationNode,
  RawNode,
  ReturningNode,
  SelectionNode,
  sql,
  UpdateQueryNode,
} from 'kysely'
import type { AttemptDefinition } from '../define/attempt.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf } from '../sql/nodes.ts'
import { actorsStatement, enterStatement, requireRole } from './actors.ts'
import type { DeclaredContext } from './declared.ts'
import type { AttemptPlan } from './declared-plan.ts'
import { placeAsActor, readsSource } from './declared-query.ts'

/** A write that must not succeed, as SQL. */
export function attemptPlan(check: AttemptDefinition, context: DeclaredContext): AttemptPlan {
  const { name, role, claims, actors, write, outcome } = check
  requireRole(role, context)
  return {
    kind: 'attempt',
    name,
    role,
    actors: actorsStatement(actors, [...Object.values(claims ?? {}), write], context),
    enter: enterStatement(claims, context),
    write: writeStatement(write, context),
    outcome,
    readsSource: readsSource(actors, context),
  }
}

/**
 * Makes a write tell how many rows it wrote: `n`. What it returns reads no column, and so asks for no right to read and for
 * no policy of SELECT: PostgreSQL applies those where RETURNING refers to columns.
 */
function writeStatement(write: OperationNode, context: DeclaredContext): string {
  if (!InsertQueryNode.is(write) && !UpdateQueryNode.is(write) && !DeleteQueryNode.is(write)) {
    context.complain('write must be an insert, an update or a delete.')
    return ''
  }
  const one = AliasNode.create(RawNode.createWithSql('1'), IdentifierNode.create('one'))
  const returning = write.returning ?? ReturningNode.create([SelectionNode.create(one)])
  const counted: OperationNode = Object.assign({ ...write }, { returning })
  return compile(
    sql`with written as (${expressionOf(placeAsActor(counted, 'write', context))})
select count(*) as n
from written`.toOperationNode(),
  )
}
