import type { ColumnType, InsertType, SelectType, UpdateType } from 'kysely'

/**
 * Tells what a generator has lost: `Refine<FromSupabase<Database>, { '*': { id: uuid }, 'public.users': { seen: date } }>`.
 * The columns under `'*'` are those of that name in every table, wherever they can be of that type; a table's own entry
 * comes first. Null, defaults and generated columns stay as they were, unless the new type says them itself: `Generated<…>`,
 * `GeneratedAlways<…>`, or `Exactly<…>` for a column that is never null and has no default.
 *
 * An unknown table or column, and a type that the column cannot have, do not compile.
 */
export type Refine<DB, Types extends Refinement<DB, Types>> = {
  [T in keyof DB]: {
    [C in keyof DB[T]]: C extends keyof Entry<Types, T>
      ? Refined<DB[T][C], Entry<Types, T>[C]>
      : C extends keyof Entry<Types, '*'>
        ? Fits<Entry<Types, '*'>[C], DB[T][C]> extends true
          ? Refined<DB[T][C], Entry<Types, '*'>[C]>
          : DB[T][C]
        : DB[T][C]
  }
}

/** A column as it is said, without null and default where they are not said. */
export type Exactly<T> = ColumnType<T, T, T>

type Entry<Types, T> = T extends keyof Types ? Types[T] : Record<never, never>

type Refined<Column, Type> = [Type] extends [AnyColumn]
  ? Type
  : ColumnType<
      Type | Extract<SelectType<Column>, null>,
      Given<InsertType<Column>, Type>,
      Given<UpdateType<Column>, Type>
    >

type Given<Before, Type> = [Before] extends [never] ? never : Type | Extract<Before, null | undefined>

// biome-ignore lint/suspicious/noExplicitAny: any column, whatever it reads and takes.
type AnyColumn = ColumnType<any, any, any>

/** What `Types` must be: of each name that it has the types that fit there, or a sentence that nothing fits. */
type Refinement<DB, Types> = {
  [T in keyof Types]: T extends '*'
    ? { [C in keyof Types[T]]: C extends ColumnName<DB> ? unknown : `no table has a column ${C & string}` }
    : T extends keyof DB
      ? { [C in keyof Types[T]]: C extends keyof DB[T] ? Fitting<DB[T][C]> : `unknown column ${C & string}` }
      : `unknown table ${T & string}`
}

type ColumnName<DB> = { [T in keyof DB]: keyof DB[T] }[keyof DB]

/** Every SQL type that the column may have as far as the generator tells. */
type Fitting<Column> = [InsertType<Column>] extends [never] ? unknown : NonNullable<InsertType<Column>> | AnyColumn

type Fits<Type, Column> = [Type] extends [Fitting<Column>] ? true : false
