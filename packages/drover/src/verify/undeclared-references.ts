import { type RawBuilder, sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import type { ReferencePlan } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, tableNode } from '../sql/nodes.ts'
import { withinAllowance } from './allowance.ts'
import { type Check, type CheckContext, counted, type MappingSubject } from './check.ts'
import { crosswalkOf } from './disposition.ts'
import { equals } from './equality.ts'
import type { Finding } from './verification.ts'
import { checkStatement, listKeys, type Origin, readViolations } from './violations.ts'

/**
 * Every reference that a mapping carries and no foreign key of its target covers leads to a row: asked of the rows that
 * the mapping loaded, because two mappings that share a target may refer by one column to different tables.
 *
 * After the cutover it warns: without a foreign key, the application may delete what is referred to.
 */
export const undeclaredReferences: Check<MappingSubject> = {
  name: 'undeclared references',
  whenGone: 'fail',
  run: async (tx, subject, context) => {
    const findings: Finding[] = []
    for (const reference of subject.mapping.references) {
      if (!isDeclared(reference, subject.table)) findings.push(await checkReference(tx, subject, reference, context))
    }
    return findings
  },
}

function isDeclared({ column, target, key }: ReferencePlan, { constraints }: Table): boolean {
  return constraints.some(({ columns, references }) => {
    if (references === undefined || columns.length !== 1) return false
    const referred = qualifiedName({ schema: references.schema, name: references.table })
    return columns[0] === column && referred === target && references.columns[0] === key
  })
}

async function checkReference(
  tx: Queryable,
  subject: MappingSubject,
  reference: ReferencePlan,
  { afterCutover }: CheckContext,
): Promise<Finding> {
  const { runId, plan, mapping } = subject
  const origin: Origin = { runId, mapping: mapping.name, check: 'undeclared references' }
  const [carried, orphaned] = rowsOf(subject, reference)
  const orphans = await readViolations(tx, origin, sql`select walked.source_key as key\n${orphaned}`)
  const [row] = await tx.query(checkStatement(origin, sql`select count(*) as n\n${carried}`))
  const referring = BigInt(row!.n as string)
  const place = `${reference.column} of ${mapping.target}`
  const isAllowed = afterCutover || withinAllowance(plan.allow.references, orphans.count, referring)
  return {
    check: 'undeclared references',
    mapping: mapping.name,
    verdict: orphans.count === 0n ? 'pass' : isAllowed ? 'warn' : 'fail',
    expected: `${counted(referring, 'row')}, 0 orphans`,
    actual: `${counted(referring, 'row')}, ${counted(orphans.count, 'orphan')}`,
    detail:
      orphans.count === 0n
        ? `No foreign key says so, and every row that ${place} refers to is there, in ${reference.target}.`
        : `Rows of ${reference.target} that ${place} refers to are not there, and no foreign key asks for them: source keys ${listKeys(orphans)}.`,
    ...(orphans.count > 0n && {
      sample: orphans.keys.map((key) => ({ key: { key } })),
      query: compile(sql`select walked.source_key, child.*\n${orphaned}`.toOperationNode()),
    }),
  }
}

/** The rows that the mapping loaded and that refer to something, and those of them that lack it. */
function rowsOf(
  { plan, mapping, table }: MappingSubject,
  { column, target, key }: ReferencePlan,
): readonly [RawBuilder<unknown>, RawBuilder<unknown>] {
  const parent = findTable(plan.catalog, target)!
  const own = columnNamed(table, column)
  const referred = columnNamed(parent, key)
  const isWalked = mapping.targetKey.map((name) =>
    equals(columnNamed(table, name), plan.catalog, columnOf('child', name), columnOf('walked', name)),
  )
  const [left, right] = [columnOf('parent', key), columnOf('child', column)]
  // The key was cast when it was written: to a column of another type its text is the same.
  const isReferred =
    own.baseType === referred.baseType ? equals(own, plan.catalog, left, right) : sql`${left}::text = ${right}::text`
  const carried = sql`from ${crosswalkOf(mapping)} as walked
join ${expressionOf(tableNode(table))} as child on ${sql.join(isWalked, sql` and `)}
where walked.disposition = 'loaded' and ${right} is not null`
  const orphaned = sql`${carried} and not exists (
  select from ${expressionOf(tableNode(parent))} as parent where ${isReferred}
)`
  return [carried, orphaned]
}

function columnNamed({ columns }: Table, name: string) {
  return columns.find((column) => column.name === name)!
}
