import type {
  char,
  cidr,
  date,
  float8,
  inet,
  int4,
  macaddr,
  money_,
  name,
  text,
  time,
  timestamp,
  timestamptz,
  timetz,
  tsvector,
  uuid,
  xml,
} from '../define/sql-types.ts'
import type { KyselyTables } from './column.ts'

interface Reads {
  readonly string: text
  readonly number: int4 | float8
  readonly date: date | timestamp | timestamptz
  readonly unknown: unknown
}

interface Writes extends Omit<Reads, 'string'> {
  readonly string: text | char | name | uuid | time | timetz | inet | cidr | macaddr | money_ | tsvector | xml
}

/**
 * The interface `DB` that [kysely-codegen](https://github.com/RobinBlomberg/kysely-codegen) writes, in drover's types:
 * `defineMigration<FromKyselyCodegen<DB>, App>(…)`. Tables without a schema are those of `DefaultSchema`.
 *
 * Known: required and nullable columns, `int8`, `numeric`, `bool`, `bytea`, `interval`, enums, arrays.
 *
 * Lost there, for `Refine` to say:
 * - `string` takes uuid, time, inet and the like as well as text, and is read as text;
 * - `number` is int2 to int4 or a floating-point number;
 * - `Timestamp` is timestamptz, timestamp or date;
 * - `Json` is json or jsonb, and always nullable;
 * - a generated column and `identity always` look like any default. The plan refuses a value for a generated column.
 */
export type FromKyselyCodegen<DB, DefaultSchema extends string = 'public'> = KyselyTables<
  DB,
  DefaultSchema,
  Reads,
  Writes
>
