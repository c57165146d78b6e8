import { type RawBuilder, sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Constraint, Reference } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { columnOf } from '../sql/nodes.ts'
import { withinAllowance } from './allowance.ts'
import { type Check, namesOf, soleMapping, type TableSubject } from './check.ts'
import { definitionOf } from './definition.ts'
import { equals } from './equality.ts'
import { isComplete } from './same-key.ts'
import { ownRows, rowKey, samplesOf } from './target-relation.ts'
import type { Finding } from './verification.ts'
import { checkStatement, listKeys, type Origin, readViolations, type Violations } from './violations.ts'

/**
 * Every foreign key that the targets had when the plan was made is still there, as it was and validated, and holds: asked
 * of the rows, because a session with triggers off writes past a validated constraint.
 */
export const references: Check<TableSubject> = {
  name: 'references',
  whenGone: 'fail',
  run: async (tx, subject) => {
    const findings: Finding[] = []
    for (const constraint of subject.table.constraints) {
      if (constraint.references) findings.push(await checkReference(tx, subject, constraint, constraint.references))
    }
    return findings
  },
}

async function checkReference(
  tx: Queryable,
  subject: TableSubject,
  constraint: Constraint,
  reference: Reference,
): Promise<Finding> {
  const { table, now } = subject
  const place = `Foreign key ${constraint.name} of ${qualifiedName(table)}`
  const common = { check: 'references', mapping: soleMapping(subject) } as const
  if (reference.period) {
    return {
      ...common,
      verdict: 'not run',
      expected: null,
      actual: null,
      detail: `${place} compares periods: its rows were not checked.`,
    }
  }
  const current = findTable(now, qualifiedName(table))?.constraints.find(({ name }) => name === constraint.name)
  const state = stateOf(constraint, current)
  const orphaned = orphansOf(subject, constraint.columns, reference)
  const origin: Origin = { runId: subject.runId, mapping: namesOf(subject), check: 'references' }
  const orphans = await readViolations(tx, origin, sql`select ${rowKey(table, 'child')} as key\n${orphaned}`)
  const detail = [
    state === 'validated' ? '' : state === 'changed' ? `has another definition, ${current?.definition}` : `is ${state}`,
    orphans.count === 0n ? 'every row has its referenced row' : `rows lack their referenced row: ${listKeys(orphans)}`,
  ]
  const isAllowed = await allows(tx, subject, origin, orphans.count, constraint.columns)
  return {
    ...common,
    verdict: verdictOf(constraint, state, orphans, isAllowed),
    expected: 'validated, 0 orphans',
    actual: `${state}, ${orphans.count} orphans`,
    detail: `${place}: ${detail.filter(Boolean).join('; ')}.`,
    ...(orphans.count > 0n && {
      sample: samplesOf(table, orphans),
      query: compile(sql`select child.*\n${orphaned}`.toOperationNode()),
    }),
  }
}

type State = 'validated' | 'not validated' | 'not enforced' | 'changed' | 'missing'

function stateOf(planned: Constraint, current: Constraint | undefined): State {
  if (current === undefined) return 'missing'
  if (definitionOf(current) !== definitionOf(planned)) return 'changed'
  if (!current.enforced) return 'not enforced'
  return current.validated ? 'validated' : 'not validated'
}

/** A key that was not validated before the run either, and holds, is the owner's decision: it warns. */
function verdictOf(planned: Constraint, state: State, orphans: Violations, isAllowed: boolean): Finding['verdict'] {
  if (state === 'missing' || state === 'changed' || !isAllowed) return 'fail'
  const isSpoilt = state !== 'validated' && planned.validated && planned.enforced
  if (isSpoilt) return 'fail'
  return state === 'validated' && orphans.count === 0n ? 'pass' : 'warn'
}

/** The rows that a percentage is taken of are those that refer to something. */
async function allows(
  tx: Queryable,
  { plan, table }: TableSubject,
  origin: Origin,
  orphans: bigint,
  columns: readonly string[],
): Promise<boolean> {
  const allowance = plan.allow[origin.check]
  if (orphans === 0n || allowance === undefined || 'rows' in allowance) return withinAllowance(allowance, orphans, 0n)
  const refers = isComplete(columns.map((name) => columnOf('child', name)))
  const [row] = await tx.query(
    checkStatement(origin, sql`select count(*) as n\nfrom ${ownRows(table, table)} as child\nwhere ${refers}`),
  )
  return withinAllowance(allowance, orphans, BigInt(row!.n as string))
}

/** The rows, as `child`, that break the reference. */
function orphansOf(
  { plan, table, now }: TableSubject,
  columns: readonly string[],
  reference: Reference,
): RawBuilder<unknown> {
  const child = columns.map((name) => columnOf('child', name))
  const isSame = columns.map((name, i) => {
    const column = table.columns.find((candidate) => candidate.name === name)!
    return equals(column, plan.catalog, columnOf('parent', reference.columns[i]!), child[i]!)
  })
  const parent = { schema: reference.schema, name: reference.table }
  const lacksParent = sql`${isComplete(child)} and not exists (
  select from ${ownRows(findTable(now, qualifiedName(parent)), parent)} as parent where ${sql.join(isSame, sql` and `)}
)`
  // Match simple: a null in any column satisfies the key. Match full: all are null, or none.
  const isTorn =
    reference.match === 'full'
      ? sql` or num_nulls(${sql.join(child)}) between 1 and ${sql.lit(columns.length - 1)}`
      : sql``
  return sql`from ${ownRows(table, table)} as child
where ${lacksParent}${isTorn}`
}
