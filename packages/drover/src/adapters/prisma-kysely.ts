import type {
  cidr,
  date,
  float8,
  inet,
  int4,
  int8,
  json,
  jsonb,
  money_,
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  timetz,
  uuid,
  xml,
} from '../define/sql-types.ts'
import type { KyselyTables } from './column.ts'

interface Reads {
  readonly string: text
  readonly number: int4 | float8
  readonly date: date | time | timetz | timestamp | timestamptz
  readonly unknown: json | jsonb | null
}

interface Writes extends Omit<Reads, 'string'> {
  readonly string: text | uuid | int8 | numeric | money_ | inet | cidr | xml
}

/**
 * The type `DB` that [prisma-kysely](https://github.com/valtyr/prisma-kysely) writes, in drover's types:
 * `defineMigration<FromPrismaKysely<DB>, App>(…)`. Tables without a schema are those of `DefaultSchema`.
 *
 * Known: required and nullable columns, `bool`, `bytea`, enums, arrays.
 *
 * Lost there, for `Refine` to say:
 * - `string` takes uuid, int8, numeric and inet as well as text, and is read as text;
 * - `number` is int2 to int4 or a floating-point number;
 * - `Timestamp` is timestamptz, timestamp, date or time;
 * - `unknown` is json or jsonb, and always nullable;
 * - a list is never null, and one of an enum with a default comes as `string`;
 * - a generated column and `identity always` look like any default. The plan refuses a value for a generated column.
 *
 * A column that Prisma calls `Unsupported` is not there: `FromPrismaKysely<DB> & { 'public.t': { span: interval } }`.
 */
export type FromPrismaKysely<DB, DefaultSchema extends string = 'public'> = KyselyTables<
  DB,
  DefaultSchema,
  Reads,
  Writes
>
