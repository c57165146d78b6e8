import { sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Queryable } from '../db/connection.ts'
import type { ComparisonPlan, MappingPlan, RowClass } from '../plan/plan.ts'
import { isWrittenByRun } from '../plan/run-transactions.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import type { CheckContext, MappingSubject } from './check.ts'
import { maskedValues } from './masked-values.ts'
import { classesSince, type DifferingRow, type RowAccount, shownRows } from './row-account.ts'
import type { SampleRow } from './verification.ts'
import { checkStatement } from './violations.ts'

/** Rows that are looked at once more before they are reported, at most. */
const recheckedRows = 1_000

/** Compares the rows of a mapping, or of a slice. Few that differ are looked at once more, in a later transaction. */
export async function compareRows(
  tx: Queryable,
  subject: MappingSubject,
  comparison: ComparisonPlan,
  context: Pick<CheckContext, 'again'>,
): Promise<RowAccount> {
  const first = await look(tx, subject, comparison, null)
  if (first.keys.length === 0) return { ...first.account, rows: [], agreed: 0, isUnknown: false }
  if (first.keys.length > recheckedRows) return show(tx, subject, comparison, { ...first, agreed: 0 })
  return context.again(async (later) => {
    const second = await look(
      later,
      subject,
      comparison,
      first.keys.map(({ key }) => key),
    )
    const agreed = first.keys.length - second.keys.length
    // The rows that are equivalent were counted by the first look.
    const { equivalent } = first.account.counts
    const counts = { ...second.account.counts, ...(equivalent !== undefined && { equivalent }) }
    const { equivalentIn } = first.account
    return show(later, subject, comparison, { keys: second.keys, account: { counts, equivalentIn }, agreed })
  })
}

interface Look {
  readonly account: Pick<RowAccount, 'counts' | 'equivalentIn'>
  /** The first rows that differ, faults of the migration before others, and one more than are looked at again. */
  readonly keys: readonly Omit<DifferingRow, 'sample'>[]
}

async function look(
  tx: Queryable,
  { runId, mapping, slice }: MappingSubject,
  { statement }: ComparisonPlan,
  keys: readonly string[] | null,
): Promise<Look> {
  const origin = { runId, mapping: mapping.name, check: 'row comparison' } as const
  const isSince = sql`class in (${sql.join(classesSince.map((name) => sql.lit(name)))})`
  const rows = await tx.query(
    checkStatement(
      origin,
      sql`with differing as materialized (
  select key, class, columns, equivalent
  from (
${sql.raw(statement)}
  ) as compared
), counted as (
  select class, case when class = 'equivalent' then equivalent else '{}' end as columns, count(*) as n
  from differing
  group by 1, 2
), listed as (
  select key, class, columns
  from differing
  where class <> 'equivalent'
  order by ${isSince}, key collate "C"
  limit ${sql.lit(recheckedRows + 1)}
)
select null as key, class, columns, n
from counted
union all
select key, class, columns, null
from listed`,
    ),
    [runId, slice?.lower ?? null, slice?.upper ?? null, keys],
  )
  const counts: Partial<Record<RowClass, string>> = {}
  const equivalentIn: Record<string, string> = {}
  for (const { n, ...row } of rows.filter(({ n }) => n !== null)) {
    const name = row.class as RowClass
    counts[name] = String(BigInt(counts[name] ?? 0) + BigInt(n as string))
    for (const column of row.columns as readonly string[]) {
      equivalentIn[column] = String(BigInt(equivalentIn[column] ?? 0) + BigInt(n as string))
    }
  }
  const listed = rows.flatMap(({ n, key, class: name, columns }) =>
    n === null ? [{ key: key as string, class: name as RowClass, columns: columns as readonly string[] }] : [],
  )
  return { account: { counts, equivalentIn }, keys: listed }
}

/** The columns that are made of what is secret, of whatever relation a column of that name is. */
function secretColumns({ columns, secret }: MappingPlan): readonly string[] {
  const isSecret = (read: string) => secret.some((name) => read.endsWith(`.${name}`))
  return columns.filter(({ reads }) => reads.some(isSecret)).map(({ name }) => name)
}

/** The account with its first rows shown. */
async function show(
  tx: Queryable,
  subject: MappingSubject,
  { statement }: ComparisonPlan,
  { account, keys, agreed }: Look & { readonly agreed: number },
): Promise<RowAccount> {
  const { runId, mapping, slice, table } = subject
  const shown = keys.slice(0, shownRows)
  const origin = { runId, mapping: mapping.name, check: 'row comparison' } as const
  const secret = secretColumns(mapping)
  const values = await tx.query(
    checkStatement(
      origin,
      sql`select key, ${maskedValues(sql`made`, secret)} as source, ${maskedValues(sql`found`, secret)} as target
from (
${sql.raw(statement)}
) as compared`,
    ),
    [runId, slice?.lower ?? null, slice?.upper ?? null, shown.map(({ key }) => key)],
  )
  const byKey = new Map(values.map(({ key, source, target }) => [key, { source, target }]))
  const rows = shown.map((row) => {
    const sample = { key: { key: row.key }, fault: row.class, ...byKey.get(row.key) } as SampleRow
    return { ...row, sample }
  })
  const changed = account.counts['changed since'] !== undefined
  const isTold = capabilitiesOf(table).comparesVersions
  const [known] =
    changed && isTold
      ? await tx.query(
          checkStatement(
            origin,
            sql`select exists (
  select from ${expressionOf(tableNode(table))} as t where ${isWrittenByRun(sql`t.xmin`)}
) as is_known`,
          ),
          [runId],
        )
      : []
  return { ...account, rows, agreed, isUnknown: changed && !isTold ? true : known?.is_known === false }
}
