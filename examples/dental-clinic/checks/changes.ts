import { corrections, crosswalk, type Expression, type Mapping, sql, type text, type uuid } from 'drover'
import type { App } from '../app.types.ts'
import type { Legacy } from '../legacy.types.ts'
import type { Schemas } from './question.ts'

/** Which rows become rows of which table. Each has an id. */
export interface Copied {
  readonly mapping: Mapping
  readonly from: Exclude<keyof Legacy, `migration_input.${string}`>
  readonly to: Exclude<keyof App, 'public.provider_locations'>
}

/** The legacy rows that stand for themselves as `l`, each with its entry `w` and its row `t` of the new schema. */
export const loadedRows = (db: Schemas, { mapping, from, to }: Copied) =>
  db
    .selectFrom(db.dynamic.table(from).as('l'))
    .innerJoin(crosswalk(mapping, 'w'), (join) =>
      join.onRef('w.source_key', '=', 'l.id').on('w.disposition', '=', 'loaded'),
    )
    .innerJoin(sql<{ id: uuid }>`${sql.table(to)}`.as<'t'>(sql`t`), (join) => join.on(sql<boolean>`t.id = w.id`))

/** A column of the new schema, what the legacy row held, and whether that is another value. */
export interface Change {
  readonly column: string
  readonly original: Expression<unknown>
  readonly isChanged: Expression<unknown>
  /** The row that a reference names is found in the crosswalk of this mapping, under the column's name. */
  readonly named?: Mapping
}

/** The values that were changed while the ledger has no correction with the original. */
export const untoldChanges = (db: Schemas, copied: Copied, changes: readonly Change[]) => {
  const values = changes.map(
    ({ column, original, isChanged }) => sql`(${sql.lit(column)}, (${original})::text, ${isChanged})`,
  )
  let rows = loadedRows(db, copied)
  for (const { column, original, named } of changes) {
    if (named === undefined) continue
    rows = rows.leftJoin(crosswalk(named, column), (join) =>
      join.on(sql<boolean>`${sql.ref(`${column}.source_key`)} = ${original}`),
    ) as unknown as typeof rows
  }
  return (
    rows
      // Few rows have a change: only those are taken apart.
      .where(
        sql<boolean>`(${sql.join(
          changes.map(({ isChanged }) => isChanged),
          sql` or `,
        )})`,
      )
      .crossJoinLateral(() =>
        sql<{ column_name: text; original: text | null; is_changed: boolean }>`(values ${sql.join(values)})`.as<'x'>(
          sql`x (column_name, original, is_changed)`,
        ),
      )
      .leftJoin(corrections(copied.mapping, 'c'), (join) =>
        join
          .onRef('c.source_key', '=', 'l.id')
          .onRef('c.column_name', '=', 'x.column_name')
          .on(sql<boolean>`c.original is not distinct from x.original`),
      )
      .where('x.is_changed', 'is', true)
      .where('c.source_key', 'is', null)
      .select([sql<text>`${sql.lit(copied.mapping.name)}`.as('mapping'), 'l.id as source_key', 'x.column_name'])
  )
}

/** Several queries as one. */
export const together = <Q extends { unionAll(other: Q): Q }>(queries: readonly Q[]): Q =>
  queries.reduce((all, query) => all.unionAll(query))
