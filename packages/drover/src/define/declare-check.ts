import { type Compilable, type Expression, type OperationNode, SelectQueryNode, sql } from 'kysely'
import { DroverError } from '../error.ts'
import { annotate } from '../sql/annotation.ts'
import { queryBuilder } from '../sql/compile.ts'
import { expressionOf } from '../sql/nodes.ts'
import type { AccessDefinition, AccessOptions, ActingRole } from './access.ts'
import type { AttemptDefinition, AttemptOptions } from './attempt.ts'
import type { AssertionDefinition, ParityDefinition } from './check.ts'
import type { Answer, AssertionOptions, ParityOptions } from './parity.ts'
import type { ProbeDefinition, ProbeFunction } from './probe.ts'
import { readTolerance, toleranceRemedy } from './tolerance.ts'

// biome-ignore lint/suspicious/noExplicitAny: the type parameters have done their work; from here on only nodes are read.
type Any = any
type Question = (db: Any) => Answer<Any>

/** The setting that holds the actor of a probe, as JSON: his columns by name. */
export const actorSetting = 'drover.actor'

/** The setting that holds the run that is verified. */
export const runSetting = 'drover.run'

/**
 * The definition behind an assertion.
 *
 * @throws DroverError `definition-invalid`.
 */
export function readAssertion(
  name: string,
  query: Question,
  options: AssertionOptions<Any, Any, Any>,
): AssertionDefinition {
  const { key, allow, of } = options
  requireName(name)
  if (allow !== undefined && 'percent' in allow && of === undefined) {
    throw invalid(name, 'A percentage needs to know of what.', 'Give the query whose rows it is taken of as `of`.')
  }
  return {
    kind: 'assertion',
    name,
    query: readQuery(name, query),
    key: key ?? [],
    allow,
    of: of && readQuery(name, of),
  }
}

/**
 * The definition behind a comparison of two queries.
 *
 * @throws DroverError `definition-invalid`.
 */
export function readParity(name: string, options: ParityOptions<Any, Any, Any, Any>): ParityDefinition {
  const { source, target, key = [], tolerance = {}, explained = [], allow } = options
  requireName(name)
  if (key.length === 0 && (Object.keys(tolerance).length > 0 || explained.length > 0)) {
    throw invalid(name, 'Rows that may differ are compared by their key.', "Name the columns of the key: key: ['…'].")
  }
  return {
    kind: 'parity',
    name,
    source: readQuery(name, source),
    target: readQuery(name, target),
    key,
    tolerance: Object.fromEntries(
      Object.entries(tolerance).map(([column, by]) => [column, requireTolerance(name, column, by)]),
    ),
    explained: explained.map(({ because, rows }) => ({ because, rows: readQuery(name, rows) })),
    allow,
  }
}

/**
 * The definition behind an access check.
 *
 * @throws DroverError `definition-invalid`.
 */
export function readAccess(name: string, options: AccessOptions<Any, Any, Any>): AccessDefinition {
  const { as, actors, visible, expected } = options
  requireName(name)
  return {
    kind: 'access',
    name,
    role: as.role,
    claims: readClaims(as),
    actors: actors && readQuery(name, actors),
    visible: readQuery(name, visible),
    expected: typeof expected === 'string' ? expected : readQuery(name, expected),
  }
}

/**
 * The definition behind a check that tries to write.
 *
 * @throws DroverError `definition-invalid`.
 */
export function readAttempt(name: string, options: AttemptOptions<Any, Any, Any>): AttemptDefinition {
  const { as, actors, write, outcome } = options
  requireName(name)
  const statement = write(queryBuilder(), actorColumns()) as Compilable & { toOperationNode(): OperationNode }
  return {
    kind: 'attempt',
    name,
    role: as.role,
    claims: readClaims(as),
    actors: readQuery(name, actors),
    write: statement.toOperationNode(),
    outcome,
  }
}

/**
 * The definition behind a check by a function.
 *
 * @throws DroverError `definition-invalid`.
 */
export function readProbe(name: string, ask: ProbeFunction): ProbeDefinition {
  requireName(name)
  if (typeof ask !== 'function') throw invalid(name, 'A probe asks by a function.', 'Write async (context) => {…}.')
  return { kind: 'probe', name, ask }
}

/** `actor.column`, for any column: the types have said which exist. */
function actorColumns(): never {
  const read = (column: string) =>
    sql`(pg_catalog.current_setting(${sql.lit(actorSetting)})::pg_catalog.jsonb ->> ${sql.lit(column)})`
  return new Proxy(
    {},
    {
      get: (_, name) => {
        const column = String(name)
        return expressionOf(annotate(read(column).toOperationNode(), { kind: 'actor', column }))
      },
    },
  ) as never
}

function readClaims({ claims }: ActingRole<Any>): AccessDefinition['claims'] {
  if (claims === undefined) return undefined
  return Object.fromEntries(
    Object.entries(claims(actorColumns())).map(([name, value]) => [
      name,
      (typeof value === 'string' ? sql.lit(value) : (value as Expression<unknown>)).toOperationNode(),
    ]),
  )
}

function readQuery(name: string, question: Question): SelectQueryNode {
  const node = question(queryBuilder()).toOperationNode()
  if (SelectQueryNode.is(node)) return node
  throw invalid(
    name,
    'A check asks by a select query.',
    "Write (db) => db.selectFrom('schema.table as t').select([…]).",
  )
}

function requireTolerance(name: string, column: string, by: number | string): string {
  const tolerance = readTolerance(by)
  if (tolerance !== undefined) return tolerance
  throw invalid(name, `The tolerance of ${column} is no number of 0 or more in digits.`, toleranceRemedy)
}

function requireName(name: string): void {
  if (typeof name === 'string' && name.trim() !== '' && name.length <= 120 && !/\p{Cc}/u.test(name)) return
  throw invalid(String(name), 'A check has no name that can be shown.', 'Name it in 1 to 120 characters on one line.')
}

function invalid(name: string, why: string, remedy: string): DroverError {
  return new DroverError('definition-invalid', why, { where: `check ${name}`, remedy })
}
