import { AssertionError } from 'node:assert'
import { sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Queryable } from '../db/connection.ts'
import { asDroverError } from '../db/server-error.ts'
import type { Mapping } from '../define/mapping.ts'
import { DroverError } from '../error.ts'
import type { MappingPlan, Plan } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { mask } from '../sql/mask.ts'
import { columnOf, expressionOf, parseName, tableNode } from '../sql/nodes.ts'
import { printKey, type RunPlace, readRow, type SourceKey, withLastRun } from './disposition-of.ts'

/** Values of some columns: as JSON has them, or a Date or bigint. */
type ExpectedValues<Row> = { readonly [C in keyof Row]?: unknown }

/**
 * Expects that the last run made a row with these values of a row of the source. `mapping` is the mapping, which knows the
 * columns, or its name. The server compares: `1.5` is `1.50`, an instant is the same in any zone, a document in any order.
 *
 * @throws AssertionError naming each column that holds another value, or what else became of the row; DroverError
 * `usage-invalid` where the mapping or a column does not exist, `row-missing` where the mapping read no such row,
 * `statement-failed` where a column cannot hold such a value.
 */
export async function expectRow<Names extends string, Row = Record<string, unknown>>(
  place: RunPlace<Names>,
  mapping: NoInfer<Names> | Mapping<unknown, Row, NoInfer<Names>>,
  key: SourceKey,
  expected: ExpectedValues<Row>,
): Promise<void> {
  const name = typeof mapping === 'string' ? mapping : mapping.name
  const row = `${name} ${printKey(key)}`
  const lines = await withLastRun(place, async (tx, run) => {
    const found = await readRow(tx, run, name, key)
    const { disposition, codes, target } = found.disposition
    if (target === null) return [`It was ${disposition}${codes.length === 0 ? '' : `: ${codes.join(', ')}`}.`]
    return compare(tx, run.plan, found.mapping, { target, expected })
  })
  if (lines.length === 0) return
  throw new AssertionError({
    message: [`${row} did not become the row that was expected.`, ...lines.map((line) => `  ${line}`)].join('\n'),
    operator: 'expectRow',
  })
}

interface Compared {
  /** The key of the target row. */
  readonly target: Readonly<Record<string, string>>
  readonly expected: Readonly<Record<string, unknown>>
}

async function compare(
  tx: Queryable,
  plan: Plan,
  mapping: MappingPlan,
  { target, expected }: Compared,
): Promise<readonly string[]> {
  const table = findTable(plan.catalog, qualifiedName(parseName(mapping.target)))!
  const columns = Object.keys(expected)
  const unknown = columns.filter((column) => !table.columns.some(({ name }) => name === column))
  if (unknown.length > 0) {
    throw new DroverError('usage-invalid', `${mapping.target} has no column ${unknown.join(', ')}.`, {
      where: `mapping ${mapping.name}`,
      remedy: 'Name columns of the target table as the database has them.',
    })
  }
  const isHidden = hiddenColumns(mapping)
  const relation = expressionOf(tableNode(table))
  const parts = columns.map((column) => {
    const value = columnOf('found', column)
    const shown = isHidden(column) ? mask(value) : sql`to_jsonb(${value})::text`
    return sql`json_build_object('column', ${sql.lit(column)}::text,
    'isSame', to_jsonb(${value}) is not distinct from to_jsonb(${columnOf('wanted', column)}),
    'found', ${shown})`
  })
  const isKey = mapping.targetKey.map((column) => sql`${columnOf('found', column)}::text = ${sql.lit(target[column]!)}`)
  const query = sql`/* drover testing row */
select json_build_array(${sql.join(parts)})::text as columns
from ${relation} as found
cross join lateral jsonb_populate_record(null::${relation}, ${sql.lit(jsonOf(expected))}::jsonb) as wanted
where ${sql.join(isKey, sql` and `)}`
  const rows = await tx.query(compile(query.toOperationNode())).catch((thrown) => {
    throw asDroverError(thrown, 'statement-failed', 'The expected values are none of these columns.', mapping.target)
  })
  if (rows.length === 0) return [`${mapping.target} has no row ${Object.values(target).join(', ')} any more.`]
  const found = JSON.parse(rows[0]!.columns as string) as { column: string; isSame: boolean; found: string | null }[]
  return found
    .filter(({ isSame }) => !isSame)
    .map((each) => `${each.column}: expected ${jsonOf(expected[each.column])}, found ${each.found ?? 'null'}`)
}

/** Columns that are made of what every output masks. */
function hiddenColumns({ secret, personal, columns }: MappingPlan): (column: string) => boolean {
  const hidden = [...secret, ...personal]
  return (column) => {
    const reads = columns.find(({ name }) => name === column)?.reads ?? []
    return reads.some((read) => hidden.includes(read.slice(read.indexOf('.') + 1)))
  }
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? 'null'
}
