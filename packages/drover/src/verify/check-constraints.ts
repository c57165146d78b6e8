import { type RawBuilder, sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Constraint, Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { describeServerError } from '../db/server-error.ts'
import { checkedIn } from '../plan/rules.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { type Check, counted, namesOf, soleMapping, type TableSubject } from './check.ts'
import { definitionOf } from './definition.ts'
import { compareObjects } from './objects.ts'
import { rowKey, samplesOf } from './target-relation.ts'
import type { Finding } from './verification.ts'
import { checkStatement, listKeys, type Origin, readViolations } from './violations.ts'

/**
 * Every check constraint that the targets had when the plan was made is there as it was and validated, and holds: asked of
 * the rows, because what was written while it was away, or before a `not valid`, the server never looked at.
 */
export const checkConstraints: Check<TableSubject> = {
  name: 'check constraints',
  whenGone: 'fail',
  refused: (error, subject) => [
    ...compared(subject),
    {
      check: 'check constraints',
      mapping: soleMapping(subject),
      verdict: 'fail',
      expected: null,
      actual: null,
      detail: `The check constraints of ${qualifiedName(subject.table)} cannot be asked of its rows: ${describeServerError(error)}.`,
    },
  ],
  run: async (tx, subject) => [...compared(subject), ...(await findBroken(tx, subject))],
}

function compared(subject: TableSubject): readonly Finding[] {
  if (checksOf(subject.table).length === 0) return []
  const words = { check: 'check constraints', plural: 'check constraints', sound: 'valid' } as const
  const objectsOf = (table: Table) =>
    checksOf(table).map((constraint) => ({
      name: constraint.name,
      definition: definitionOf(constraint),
      isSound: constraint.validated && constraint.enforced,
    }))
  return [compareObjects(subject, words, objectsOf)]
}

function checksOf({ constraints }: Table): readonly Constraint[] {
  return constraints.filter(({ kind }) => kind === 'check')
}

/** One pass over the rows for all constraints; only those that are broken are asked for keys. */
async function findBroken(tx: Queryable, subject: TableSubject): Promise<readonly Finding[]> {
  const { table } = subject
  const checks = checksOf(table)
  if (checks.length === 0) return []
  const origin: Origin = { runId: subject.runId, mapping: namesOf(subject), check: 'check constraints' }
  const counts = checks.map((check, i) => sql`count(*) filter (where ${breaks(check, table)}) as ${name(`n${i + 1}`)}`)
  const [row] = await tx.query(checkStatement(origin, sql`select ${sql.join(counts)}\nfrom ${rowsOf(table)}`))
  const findings: Finding[] = []
  for (const [i, constraint] of checks.entries()) {
    if (row![`n${i + 1}`] !== '0') findings.push(await describeBroken(tx, origin, subject, constraint))
  }
  return findings
}

async function describeBroken(
  tx: Queryable,
  origin: Origin,
  subject: TableSubject,
  constraint: Constraint,
): Promise<Finding> {
  const { table } = subject
  const broken = sql`from ${rowsOf(table)}\nwhere ${breaks(constraint, table)}`
  const violations = await readViolations(tx, origin, sql`select ${rowKey(table, table.name)} as key\n${broken}`)
  return {
    check: 'check constraints',
    mapping: soleMapping(subject),
    verdict: 'fail',
    expected: '0 rows broken',
    actual: `${counted(violations.count, 'row')} broken`,
    detail: `Check ${constraint.name} of ${qualifiedName(table)} does not hold for rows of it: ${listKeys(violations)}.`,
    sample: samplesOf(table, violations),
    query: compile(sql`select ${name(table.name)}.*\n${broken}`.toOperationNode()),
  }
}

/** Under its own name: a constraint may read the row as a whole. */
function rowsOf(table: Table): RawBuilder<unknown> {
  return sql`${expressionOf(tableNode(table))} as ${name(table.name)}`
}

/** Null satisfies a check. One that is not inherited says nothing of rows in tables that inherit. */
function breaks({ definition }: Constraint, table: Table): RawBuilder<boolean> {
  const isBroken = sql<boolean>`(${sql.raw(checkedIn(definition))}) is false`
  if (!table.hasChildren || !/ NO INHERIT\b/.test(definition)) return isBroken
  const own = sql.lit(compile(tableNode(table)))
  return sql<boolean>`${isBroken} and ${name(table.name)}.tableoid = ${own}::regclass`
}

function name(text: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(text))}`
}
