import type { Queryable } from '../db/connection.ts'
import { describeServerError, type ServerError } from '../db/server-error.ts'
import type { AccessPlan, AttemptPlan } from '../plan/declared-plan.ts'
import type { DeclaredSubject } from './check.ts'
import { declaredStatement, refusedAs } from './declared.ts'
import { interrupted } from './interrupted.ts'
import { type Tried, tried } from './tried.ts'
import type { Finding } from './verification.ts'

/** A check that asks or writes in place of others. */
export interface ActingSubject<P extends AccessPlan | AttemptPlan = AccessPlan | AttemptPlan> extends DeclaredSubject {
  readonly declared: P
}

/** Someone as whom a role asks. */
export interface Actor {
  /** Null of the only one, who has no columns. */
  readonly key: string | null
  /** His columns, as JSON. */
  readonly columns: string
}

/** Reads the actors of a check, by their keys. */
export async function readActors(tx: Queryable, subject: ActingSubject): Promise<readonly Actor[]> {
  const { actors } = subject.declared
  if (actors === null) return [{ key: null, columns: '{}' }]
  const rows = await tx.query(declaredStatement(subject, actors))
  return rows.map(({ key, actor }) => ({ key: key as string | null, columns: actor as string }))
}

/**
 * Runs a statement as each actor in turn: as his role, with his claims, under row-level security. What the server says is
 * part of the outcome; what is written or set is taken back at the end.
 *
 * @throws DroverError `interrupted` between two actors.
 */
export async function askAsEach<T>(
  tx: Queryable,
  subject: ActingSubject,
  actors: readonly Actor[],
  { statement, values = [], read, signal }: ActedStatement<T>,
): Promise<readonly Tried<T>[]> {
  const { role, enter } = subject.declared
  const text = declaredStatement(subject, statement)
  const outcomes: Tried<T>[] = []
  while (outcomes.length < actors.length) {
    const ended = await tried(tx, async () => {
      await become(tx, role)
      for (const { columns } of actors.slice(outcomes.length)) {
        if (signal.aborted) throw interrupted(subject.runId)
        await tx.query(enter, [columns])
        outcomes.push({ did: read(await tx.query(text, values)) })
      }
    })
    // An error ends the savepoint, and with it the role: the next actor begins anew.
    if ('refused' in ended) outcomes.push(ended)
  }
  return outcomes
}

/** What is run as an actor. */
export interface ActedStatement<T> {
  readonly statement: string
  /** Default none. */
  readonly values?: readonly unknown[]
  readonly read: (rows: Awaited<ReturnType<Queryable['query']>>) => T
  readonly signal: AbortSignal
}

/** The role, row-level security, and the search path of a new session, which the functions of a policy may rely on. */
async function become(tx: Queryable, role: string): Promise<void> {
  await tx.query(
    // A null stands for what a new session has.
    `select set_config('role', $1, true), set_config('row_security', 'on', true), set_config('search_path', null, true)`,
    [role],
  )
}

/** The finding that a role cannot be taken; undefined where it can. */
export async function missingRole(tx: Queryable, { declared }: ActingSubject): Promise<Finding | undefined> {
  const { name, role } = declared
  const became = await tried(tx, () => become(tx, role))
  if ('did' in became) return undefined
  const remedy =
    became.refused.sqlstate === '42501'
      ? 'grant it to the role that drover connects as'
      : 'create it, or name another one in the migration'
  return notRun(name, `${name} was not asked: the role ${role} cannot be taken; ${remedy}.`)
}

/** What is found where the server refuses what is asked as the owner of the data. */
export function refusedOwner(error: ServerError, subject: DeclaredSubject): readonly Finding[] {
  const { name, readsSource } = (subject as ActingSubject).declared
  // Where row-level security would hide rows the server refuses instead: `row_security` is off in every transaction.
  if (error.sqlstate !== '42501') return refusedAs('access', () => (readsSource ? 'warn' : 'fail'))(error, subject)
  const why = `the role that drover connects as may not see all rows (${describeServerError(error)})`
  return [notRun(name, `${name} was not asked: ${why}; connect as their owner, or as a role with bypassrls.`)]
}

/** A finding of access that says why nothing was asked. */
export function notRun(name: string, detail: string): Finding {
  return { check: 'access', mapping: null, rule: name, verdict: 'not run', expected: null, actual: null, detail }
}
