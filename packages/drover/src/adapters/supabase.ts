import type {
  bytea,
  date,
  float8,
  int4,
  int8,
  interval,
  numeric,
  Other,
  text,
  time,
  timestamp,
  timestamptz,
  timetz,
  uuid,
} from '../define/sql-types.ts'
import type { ColumnOf } from './column.ts'

interface Reads {
  readonly string: text
  readonly number: int4 | int8 | float8 | numeric
  readonly date: never
  readonly unknown: NonNullable<unknown>
}

interface Writes extends Omit<Reads, 'string'> {
  readonly string: text | uuid | date | time | timetz | timestamp | timestamptz | interval | bytea | Other<'vector'>
}

/**
 * The type `Database` that `supabase gen types typescript` writes, in drover's types:
 * `defineMigration<Legacy, FromSupabase<Database>>(…)`. It holds the tables and views of every schema that was generated
 * (`--schema public,auth`).
 *
 * Known: required, nullable and generated columns, `bool`, enums, arrays. A number that is never null and that no insert
 * may give is taken for `identity always`.
 *
 * Lost there, for `Refine` to say:
 * - `string` takes uuid, timestamps, dates, times, intervals and bytea as well as text, and is read as text;
 * - `number` is any of int2 to int8, numeric or a floating-point number;
 * - `Json` is json or jsonb. Some releases write it with null for every column: then one that an insert may leave out is
 *   taken for nullable. A composite type looks like JSON;
 * - `unknown` (inet, ranges, types of extensions) takes anything.
 */
export type FromSupabase<Database> = {
  [R in RelationOf<Database> as R['name']]: TableOf<R['types']>
}

type RelationOf<Database> = {
  [S in keyof Database & string]: Database[S] extends { Tables: infer Tables; Views: infer Views }
    ? Named<S, Tables> | Named<S, Views>
    : never
}[keyof Database & string]

type Named<Schema extends string, Relations> = {
  [T in keyof Relations & string]: { readonly name: `${Schema}.${T}`; readonly types: Relations[T] }
}[keyof Relations & string]

type TableOf<Types> = Types extends { Row: infer Row }
  ? {
      [C in keyof Row]: TableColumn<
        Row[C],
        Given<Types, 'Insert', C>,
        Given<Types, 'Update', C>,
        MayBeLeftOut<Types, C>
      >
    }
  : never

type TableColumn<Read, Insert, Update, Optional> = ColumnOf<
  Known<Read, Optional>,
  Inserted<Read, Known<Insert, Optional>> | Optional,
  Known<Update, Optional>,
  Reads,
  Writes
>

/** What an insert or update may give for a column, `never` where it may not. */
type Given<Types, Kind extends 'Insert' | 'Update', C> = Types extends { [K in Kind]: infer Row }
  ? C extends keyof Row
    ? Row[C] extends undefined
      ? never
      : Row[C]
    : never
  : never

/** `undefined` where an insert may leave the column out. */
type MayBeLeftOut<Types, C> = Types extends { Insert: infer Row }
  ? C extends keyof Row
    ? Record<never, never> extends Pick<Row, C>
      ? undefined
      : never
    : never
  : never

/** A number that is never null and that no insert may give is taken for `identity always`: a mapping may give that. */
type Inserted<Read, Given> = [Given] extends [never] ? ([Read] extends [number] ? Read : never) : Given

/** JSON and unknown types have a null of their own, which hides whether the column is nullable: no required one is. */
type Known<T, Optional> = symbol extends T
  ? NonNullable<unknown> | ([Optional] extends [never] ? never : null)
  : [string | number | boolean] extends [T]
    ? [Optional] extends [never]
      ? Exclude<T, null>
      : T
    : T
