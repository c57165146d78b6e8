import {
  type ColumnExpressions,
  defineMigration,
  derivedUuid,
  type Exact,
  type Expression,
  type int4,
  type Mapping,
  type SourceColumns,
  sql,
  type text,
  type timestamp,
  type timestamptz,
  type uuid,
  uuidv7From,
} from 'drover'
import type { Legacy } from './legacy.types.ts'
import type { Public } from './public.types.ts'

export const m = defineMigration<Legacy, Public>({ name: 'int-to-uuid', cutover: '2025-06-01T00:00:00Z' })

/** The tables, which have the same names in both schemas. */
type Table = keyof Legacy extends `legacy.${infer Name}` ? Name : never
type Before<T extends Table> = SourceColumns<{ readonly t: Legacy[`legacy.${T}`] }, 't'>['t']
type After<T extends Table> = Public[`public.${T}`]

/** A table whose rows stay the same rows: `columns` says what becomes of each column, `t` are the old ones. */
export function table<const T extends Table, C>(
  name: T,
  key: readonly (keyof Before<T>)[],
  columns: (t: Before<T>) => Exact<C, ColumnExpressions<After<T>>>,
): Mapping<uuid, After<T>> {
  // The types above say of every table what `map` would infer of one; the compiler cannot follow it for all at once.
  const map = m.map as unknown as (name: string, options: object) => Mapping<uuid, After<T>>
  return map(mappingName(name), {
    from: (db: { selectFrom(table: string): unknown }) => db.selectFrom(`legacy.${name} as t`),
    key: ({ t }: { t: Before<T> }) => key.map((column) => t[column]),
    to: `public.${name}`,
    ...(key.length === 1 ? {} : { targetKey: key[0] }),
    columns: ({ t }: { t: Before<T> }) => columns(t),
  })
}

/** `PostTag` is `post_tag`. */
function mappingName(table: string): string {
  return table.replaceAll(/(?<=.)[A-Z]/g, '_$&').toLowerCase()
}

/** Columns that stay as they are. */
export function same<T, const K extends keyof T>(t: T, ...columns: readonly K[]): Pick<T, K> {
  return Object.fromEntries(columns.map((column) => [column, t[column]])) as Pick<T, K>
}

/** The new id of a row. */
export function newId(entity: Table, { id }: { id: Expression<int4> }): Expression<uuid> {
  return derivedUuid(sql<text>`${id}::text`, { entity })
}

/** The new id of a row that knows when it was made: ids sort by that time. Prisma writes times in UTC. */
export function newIdByTime(
  entity: Table,
  { id, createdAt }: { id: Expression<int4>; createdAt: Expression<timestamp> },
): Expression<uuid> {
  return uuidv7From(sql<timestamptz>`${createdAt} at time zone 'UTC'`, sql<text>`${id}::text`, { entity })
}
