import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { mask } from '../sql/mask.ts'
import { columnOf } from '../sql/nodes.ts'
import type { ComparedColumn } from './measure.ts'
import { fromSubject, type Subject } from './subject.ts'
import type { ShownRow } from './suggestion.ts'

/**
 * The compared columns of some rows, by key: shapes, or values where they are asked for and the migration does not call
 * the column personal (I8).
 */
export async function readShownRows(
  tx: Queryable,
  subject: Subject,
  columns: readonly ComparedColumn[],
  wanted: { readonly keys: readonly string[]; readonly showsValues: boolean },
): Promise<ReadonlyMap<string, ShownRow>> {
  const shown = columns.map(({ name }) => {
    const isMasked = !wanted.showsValues || subject.personal.includes(name)
    const value = columnOf(subject.alias, name)
    return { name, isMasked, text: isMasked ? mask(value) : sql`(${value})::text` }
  })
  const statement = sql`select ${subject.key} as key, array[${sql.join(shown.map(({ text }) => text))}] as cells
${fromSubject(subject)}
where ${subject.key} = any ($1::text[])`
  const rows = await tx.query(`/* drover duplicates ${subject.name} rows */\n${compile(statement.toOperationNode())}`, [
    wanted.keys,
  ])
  return new Map(
    rows.map((row) => {
      const values = row.cells as readonly (string | null)[]
      const cells = shown.map(({ name, isMasked }, i) => ({ column: name, value: values[i] ?? null, isMasked }))
      return [row.key as string, { key: row.key as string, cells }]
    }),
  )
}
