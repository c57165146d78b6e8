import { type RawBuilder, sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import { indexKeys } from '../catalog/index-keys.ts'
import type { Index, Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier } from '../sql/nodes.ts'
import { type Check, namesOf, soleMapping, type TableSubject } from './check.ts'
import { ownRows, rowKey, samplesOf } from './target-relation.ts'
import type { Finding } from './verification.ts'
import { listKeys, type Origin, readViolations } from './violations.ts'

/**
 * What was unique when the plan was made is unique: unique indexes, those of constraints among them, over expressions and
 * with a condition too. The server vouches for an index that is there as it was and valid; of all others the rows are
 * asked. (To ask all rows anew sorts them once for each index: of a million rows that takes as long as their comparison.)
 */
export const uniqueness: Check<TableSubject> = {
  name: 'uniqueness',
  whenGone: 'fail',
  run: async (tx, subject) => {
    const now = findTable(subject.now, qualifiedName(subject.table))
    const unique = subject.table.indexes.filter((index) => index.unique)
    const isVouchedFor = (index: Index) =>
      now?.indexes.some(
        ({ name, valid, definition }) => name === index.name && valid && definition === index.definition,
      )
    const vouched = unique.filter((index) => isVouchedFor(index))
    const findings = vouched.length === 0 ? [] : [vouchedFor(subject, vouched)]
    for (const index of unique) if (!isVouchedFor(index)) findings.push(await askRows(tx, subject, index))
    return findings
  },
}

function vouchedFor(subject: TableSubject, indexes: readonly Index[]): Finding {
  const account = indexes.length === 1 ? '1 unique index' : `${indexes.length} unique indexes`
  return {
    check: 'uniqueness',
    mapping: soleMapping(subject),
    verdict: 'pass',
    expected: account,
    actual: account,
    detail: `The server vouches for ${indexes.map(({ name }) => name).join(', ')} of ${qualifiedName(subject.table)}: there as before the run, and valid.`,
  }
}

async function askRows(tx: Queryable, subject: TableSubject, index: Index): Promise<Finding> {
  const { runId, table } = subject
  const place = `${index.name} of ${qualifiedName(table)}`
  const common = { check: 'uniqueness', mapping: soleMapping(subject) } as const
  if (index.accessMethod !== 'btree') {
    const detail = `${place} compares periods: whether its rows keep to it was not asked.`
    return { ...common, verdict: 'not run', expected: null, actual: null, detail }
  }
  const origin: Origin = { runId, mapping: namesOf(subject), check: 'uniqueness' }
  const repeated = repeatedRows(table, index)
  const violations = await readViolations(tx, origin, sql`select key\n${repeated}`)
  const count = violations.count
  return {
    ...common,
    verdict: count === 0n ? 'pass' : 'fail',
    expected: '0 repeated',
    actual: `${count} repeated`,
    detail:
      count === 0n
        ? `The server does not vouch for ${place}; asked of all rows, none has the values of another.`
        : `The server does not vouch for ${place}, and rows have the values of another: ${listKeys(violations)}.`,
    ...(count > 0n && {
      sample: samplesOf(table, violations),
      query: compile(sql`select *\n${repeated}`.toOperationNode()),
    }),
  }
}

/** The entries that the index would refuse: all but the first of each value. Nulls are each a value of its own, or one. */
function repeatedRows(table: Table, { definition, predicate, nullsNotDistinct }: Index): RawBuilder<unknown> {
  const keys = indexKeys(definition).map((key) => sql`(${sql.raw(key)})`)
  const key = rowKey(table, table.name)
  const conditions = [
    ...(predicate === null ? [] : [sql`(${sql.raw(predicate)})`]),
    ...(nullsNotDistinct ? [] : [sql`num_nulls(${sql.join(keys)}) = 0`]),
  ]
  const where = conditions.length === 0 ? sql`` : sql`\n  where ${sql.join(conditions, sql` and `)}`
  return sql`from (
  select ${key} as key, row_number() over (partition by ${sql.join(keys)} order by ${key} collate "C") as place
  from ${ownRows(table, table)} as ${expressionOf(identifier(table.name))}${where}
) as entry
where place > 1`
}
