import type { Compilable, Kysely, OperationNode, SelectQueryNode } from 'kysely'
import type { ActingRole, ActorColumns } from './access.ts'
import type { Answer } from './parity.ts'

/**
 * A write that an actor must not be able to make. It is tried only where `drover verify --try-writes` allows it, in a
 * transaction that is always rolled back. What no transaction takes back stays: a sequence that the write has advanced,
 * and what a trigger does outside of the database.
 */
export interface AttemptOptions<S, A, Actor> {
  readonly as: ActingRole<Actor>
  /** One row an attempt: its first column is the actor's key, the others are what `write` and the claims need. */
  readonly actors: (db: Kysely<S & A>) => Answer<Actor>
  /** The insert, update or delete. */
  readonly write: (db: Kysely<S & A>, actor: ActorColumns<Actor>) => Compilable
  /**
   * `refused`: the server refuses it (42501) · `no row`: it is carried out and finds no row that it may touch. One that
   * fails otherwise, as by a foreign key, fails the check: the rules of access had let it through.
   */
  readonly outcome: 'refused' | 'no row'
}

/** A check that tries to write, as the plan is built from it. */
export interface AttemptDefinition {
  readonly kind: 'attempt'
  readonly name: string
  readonly role: string
  readonly claims: Readonly<Record<string, OperationNode>> | undefined
  readonly actors: SelectQueryNode
  readonly write: OperationNode
  readonly outcome: 'refused' | 'no row'
}
