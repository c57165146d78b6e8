import { type RawBuilder, sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Constraint, Reference, Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { sourceKey } from '../define/reference.ts'
import { columnOf, expressionOf, tableNode } from '../sql/nodes.ts'
import { type Check, namesOf, soleMapping, type TableSubject } from './check.ts'
import { equals } from './equality.ts'
import type { Finding } from './verification.ts'
import { listKeys, readViolations, type Violations } from './violations.ts'

/**
 * Every foreign key that the targets had when the plan was made is still there and validated, and holds: asked of the
 * rows, because a session with triggers off writes past a validated constraint.
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
  const state = stateOf(current)
  const orphans = await readOrphans(tx, subject, constraint.columns, reference)
  const detail = [
    state === 'validated' ? '' : `is ${state}`,
    orphans.count === 0n ? 'every row has its referenced row' : `rows lack their referenced row: ${listKeys(orphans)}`,
  ]
  return {
    ...common,
    verdict: verdictOf(constraint, state, orphans),
    expected: 'validated, 0 orphans',
    actual: `${state}, ${orphans.count} orphans`,
    detail: `${place}: ${detail.filter(Boolean).join('; ')}.`,
  }
}

type State = 'validated' | 'not validated' | 'not enforced' | 'missing'

function stateOf(current: Constraint | undefined): State {
  if (current === undefined) return 'missing'
  if (!current.enforced) return 'not enforced'
  return current.validated ? 'validated' : 'not validated'
}

/** A key that was not validated before the run either, and holds, is the owner's decision: it warns. */
function verdictOf(planned: Constraint, state: State, orphans: Violations): Finding['verdict'] {
  if (orphans.count > 0n || state === 'missing') return 'fail'
  if (state === 'validated') return 'pass'
  return planned.validated && planned.enforced ? 'fail' : 'warn'
}

/** The rows that break the reference, by their primary key. */
function readOrphans(
  tx: Queryable,
  subject: TableSubject,
  columns: readonly string[],
  reference: Reference,
): Promise<Violations> {
  const { runId, plan, table, now } = subject
  const child = columns.map((name) => columnOf('child', name))
  const isSame = columns.map((name, i) => {
    const column = table.columns.find((candidate) => candidate.name === name)!
    return equals(column, plan.catalog, columnOf('parent', reference.columns[i]!), child[i]!)
  })
  const parent = { schema: reference.schema, name: reference.table }
  const lacksParent = sql`num_nulls(${sql.join(child)}) = 0 and not exists (
    select from ${relation(findTable(now, qualifiedName(parent)), parent)} as parent where ${sql.join(isSame, sql` and `)}
  )`
  // Match simple: a null in any column satisfies the key. Match full: all are null, or none.
  const isTorn =
    reference.match === 'full'
      ? sql` or num_nulls(${sql.join(child)}) between 1 and ${sql.lit(columns.length - 1)}`
      : sql``
  const key = sourceKey((table.primaryKey ?? []).map((name) => columnOf('child', name)))
  return readViolations(
    tx,
    { runId, mapping: namesOf(subject), check: 'references' },
    sql`  select ${key} as key
  from ${relation(table, table)} as child
  where ${lacksParent}${isTorn}`,
  )
}

/** A foreign key does not reach into tables that inherit, but it does into partitions. */
function relation(
  table: Table | undefined,
  name: { readonly schema: string; readonly name: string },
): RawBuilder<unknown> {
  const only = table?.kind === 'table' && table.hasChildren ? sql`only ` : sql``
  return sql`${only}${expressionOf(tableNode(name))}`
}
