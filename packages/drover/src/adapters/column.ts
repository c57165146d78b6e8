import type { ColumnType, InsertType, SelectType, UpdateType } from 'kysely'
import type { Meanings, SqlOf, ValueOf } from './value.ts'

/**
 * A column of a generator in drover's types. `Insert` has `undefined` where an insert may leave the column out, and is
 * `never` where it must; `Reads` and `Writes` tell what the generator's types stand for on either side.
 */
export type ColumnOf<Read, Insert, Update, Reads extends Meanings, Writes extends Meanings> = ColumnType<
  ValueOf<Read, Insert, Reads>,
  Written<Read, Insert, Writes>,
  Written<Read, Exclude<Update, undefined>, Writes>
>

type Written<Read, Given, M extends Meanings> = [Exclude<Given, undefined>] extends [never]
  ? never
  : SqlOf<Exclude<Read, null>, Exclude<Given, null | undefined>, M> | Extract<Given, null | undefined>

/** The tables of a Kysely database interface whose default schema goes without saying. */
export type KyselyTables<DB, DefaultSchema extends string, Reads extends Meanings, Writes extends Meanings> = {
  [T in keyof DB & string as T extends `${string}.${string}` ? T : `${DefaultSchema}.${T}`]: {
    [C in keyof DB[T]]: ColumnOf<SelectType<DB[T][C]>, InsertType<DB[T][C]>, UpdateType<DB[T][C]>, Reads, Writes>
  }
}
