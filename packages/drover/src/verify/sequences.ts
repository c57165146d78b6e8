import { sql } from 'kysely'
import { qualifiedName, type Sequence } from '../catalog/catalog.ts'
import type { Column } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { fedColumns, furthestOf } from '../plan/sequences.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { type Check, namesOf, soleMapping, type TableSubject } from './check.ts'
import type { Finding } from './verification.ts'
import { checkStatement, type Origin } from './violations.ts'

/**
 * Every sequence that a column of a target takes its values from stands ahead of what the column holds: else the next
 * row that the application inserts has the key of one that is there.
 */
export const sequences: Check<TableSubject> = {
  name: 'sequences',
  whenGone: 'fail',
  run: async (tx, subject) => {
    const findings: Finding[] = []
    for (const sequence of subject.plan.catalog.sequences) {
      const columns = fedColumns(sequence, subject.table)
      if (columns.length > 0) {
        findings.push(await checkSequence(tx, subject, sequence, columns), ...changedNumbering(subject, sequence))
      }
    }
    return findings
  },
}

/** What says which numbers a sequence gives. */
const numbering = ['type', 'increment', 'minimum', 'maximum', 'cycles'] as const satisfies readonly (keyof Sequence)[]

/** The finding that a sequence counts otherwise than when the plan was made; none where it does not, or is gone. */
function changedNumbering({ now, ...subject }: TableSubject, planned: Sequence): readonly Finding[] {
  const name = qualifiedName(planned)
  const sequence = now.sequences.find((candidate) => qualifiedName(candidate) === name)
  const changed = sequence === undefined ? [] : numbering.filter((part) => sequence[part] !== planned[part])
  if (changed.length === 0) return []
  return [
    {
      check: 'sequences',
      mapping: soleMapping(subject),
      verdict: 'fail',
      expected: changed.map((part) => `${part} ${planned[part]}`).join(', '),
      actual: changed.map((part) => `${part} ${sequence![part]}`).join(', '),
      detail: `Sequence ${name} counts otherwise than when the plan was made.`,
    },
  ]
}

async function checkSequence(
  tx: Queryable,
  subject: TableSubject,
  planned: Sequence,
  columns: readonly Column[],
): Promise<Finding> {
  const { table, now } = subject
  const name = qualifiedName(planned)
  const fed = `${columns.map((column) => column.name).join(', ')} of ${qualifiedName(table)}`
  const common = { check: 'sequences', mapping: soleMapping(subject), expected: 'ahead' } as const
  const unasked = (why: string): Finding => ({
    ...common,
    verdict: 'not run',
    expected: null,
    actual: null,
    detail: `Whether sequence ${name} is ahead of ${fed} was not asked: ${why}.`,
  })
  const sequence = now.sequences.find((candidate) => qualifiedName(candidate) === name)
  if (sequence === undefined || fedColumns(sequence, table).length === 0) {
    return {
      ...common,
      verdict: 'fail',
      actual: 'missing',
      detail: `Sequence ${name}, which ${fed} took values from, is gone, or feeds no column any more.`,
    }
  }
  if (sequence.cycles) return unasked('it begins again by itself')
  const origin: Origin = { runId: subject.runId, mapping: namesOf(subject), check: 'sequences' }
  if (!(await mayRead(tx, origin, sequence))) return unasked('the role may not read it')
  const behind = await readLag(tx, origin, subject, sequence)
  if (behind <= 0n) {
    return { ...common, verdict: 'pass', actual: 'ahead', detail: `Sequence ${name} is ahead of ${fed}.` }
  }
  return {
    ...common,
    verdict: 'fail',
    actual: `behind by ${behind}`,
    detail: `Sequence ${name} is behind ${fed}: the application would be given values that are taken. Set it.`,
    query: setStatement(subject, sequence),
  }
}

/** Asked of the catalog: where the schema is closed to the role, the name alone would be refused. */
async function mayRead(tx: Queryable, origin: Origin, { schema, name }: Sequence): Promise<boolean> {
  const [row] = await tx.query(
    checkStatement(
      origin,
      sql`select has_schema_privilege(n.oid, 'usage') and has_sequence_privilege(c.oid, 'select') as may
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = ${sql.lit(schema)} and c.relname = ${sql.lit(name)}`,
    ),
  )
  return row?.may === true
}

/** By how much the next value would have to be further on to be free; 0 or less where it is. */
async function readLag(tx: Queryable, origin: Origin, { plan }: TableSubject, sequence: Sequence): Promise<bigint> {
  const increment = BigInt(sequence.increment)
  const isRising = increment > 0n
  const [row] = await tx.query(
    checkStatement(
      origin,
      sql`select last_value::text as last, is_called as "isCalled", ${furthestOf(sequence, plan.catalog)}::text as furthest
from ${expressionOf(tableNode(sequence))}`,
    ),
  )
  const { last, isCalled, furthest: reached } = row as { last: string; isCalled: boolean; furthest: string | null }
  if (reached === null) return 0n
  const next = BigInt(last) + (isCalled ? increment : 0n)
  return isRising ? BigInt(reached) - next + 1n : next - BigInt(reached) + 1n
}

/** Sets the sequence to the furthest value of all columns that it feeds, be they of other tables. */
function setStatement({ plan }: TableSubject, sequence: Sequence): string {
  const name = sql.lit(compile(tableNode(sequence)))
  return compile(
    sql`select pg_catalog.setval(${name}, ${furthestOf(sequence, plan.catalog)}::bigint)`.toOperationNode(),
  )
}
