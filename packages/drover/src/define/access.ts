import type { Expression, Kysely, OperationNode, SelectQueryNode } from 'kysely'
import type { Answer } from './parity.ts'
import type { text } from './sql-types.ts'

/** The columns of an actor, each read as text: cast it where another type is needed. */
export type ActorColumns<Actor> = { readonly [K in keyof Actor]: Expression<text | null> }

/** Who asks: a role of the server, and what the application tells the server of the one who asks. */
export interface ActingRole<Actor> {
  readonly role: string
  /** The claims: they become JSON in the setting `request.jwt.claims`, as PostgREST and Supabase do it. */
  readonly claims: ((actor: ActorColumns<Actor>) => Readonly<Record<string, Expression<unknown> | string>>) | undefined
}

/**
 * A role that probes act as, with claims made of the actor's columns: `asRole('authenticated', ({ id }) => ({ sub: id }))`.
 * Without claims the setting is empty, as for someone who has not signed in.
 */
export function asRole<Actor = Record<never, never>>(
  role: string,
  claims?: ActingRole<Actor>['claims'],
): ActingRole<Actor> {
  return { role, claims }
}

/** What each actor sees, against what is his. */
export interface AccessOptions<S, A, Actor> {
  readonly as: ActingRole<Actor>
  /** One row an actor: its first column is his key. Default: one actor, who has no columns. */
  readonly actors?: (db: Kysely<S & A>) => Answer<Actor>
  /**
   * Asked as each actor, under row-level security and with the search path of a new session: one column, the keys of the
   * rows that he sees.
   */
  readonly visible: (db: Kysely<S & A>) => Answer<unknown>
  /**
   * Asked once, as the owner, without row-level security: the rows that are each actor's own, as columns `actor` (his key)
   * and `key`. `nothing`: no actor may see a row · `refused`: the server must refuse the question (42501).
   */
  readonly expected: ((db: Kysely<S & A>) => Answer<{ actor: unknown; key: unknown }>) | 'nothing' | 'refused'
}

/** An access check as the plan is built from it. */
export interface AccessDefinition {
  readonly kind: 'access'
  readonly name: string
  readonly role: string
  readonly claims: Readonly<Record<string, OperationNode>> | undefined
  readonly actors: SelectQueryNode | undefined
  readonly visible: SelectQueryNode
  readonly expected: SelectQueryNode | 'nothing' | 'refused'
}
