import type { ColumnType, GeneratedAlways } from 'kysely'
import type {
  ArrayOf,
  bool,
  bpchar,
  bytea,
  cidr,
  date,
  float4,
  float8,
  inet,
  int2,
  int4,
  int8,
  interval,
  json,
  jsonb,
  macaddr,
  numeric,
  Other,
  text,
  time,
  timestamp,
  timestamptz,
  timetz,
  uuid,
  varchar,
} from '../define/sql-types.ts'

/**
 * The tables of a Drizzle schema module, in drover's types: `import type * as schema from './schema.ts'`, then
 * `defineMigration<Legacy, FromDrizzle<typeof schema>>(…)`. Drizzle itself is not needed by drover: the tables are known
 * by their shape. Columns have the names that they have in the database, not those of the TypeScript object; where
 * Drizzle makes these up from a `casing`, apply `SnakeCase`.
 *
 * Known: SQL types, required, nullable, generated and `identity always` columns, enums, arrays. A text with `enum: […]`
 * takes only these and is read as text. What only Drizzle fills in (`$defaultFn`) an insert must give.
 *
 * Lost there, for `Refine` to say:
 * - whether a timestamp or a time has a zone;
 * - the type of a `customType`: bytea where its data are bytes, otherwise unknown, and then it takes anything;
 * - that `$onUpdate` alone is no default of the database. The plan misses the column;
 * - views, whose schema does not show in their type.
 */
export type FromDrizzle<Schema> = {
  [T in TableIn<Schema> as T['schema'] extends string
    ? `${T['schema']}.${T['name']}`
    : `public.${T['name']}`]: ColumnsOf<T['columns']>
}

interface Table {
  readonly brand: 'Table'
  readonly name: string
  readonly schema: string | undefined
  readonly columns: unknown
}

type TableIn<Schema> = {
  [K in keyof Schema]: Schema[K] extends { readonly _: infer T extends Table } ? T : never
}[keyof Schema]

interface Column {
  readonly name: string
  readonly columnType: string
  readonly data: unknown
  readonly enumValues: unknown
  readonly notNull: boolean
  readonly hasDefault: boolean
  readonly hasRuntimeDefault: boolean
  readonly generated: unknown
  readonly identity: unknown
}

type ColumnsOf<Columns> = {
  [C in ColumnIn<Columns> as C['name']]: C['generated'] extends undefined
    ? ColumnType<
        ReadValue<C> | Null<C>,
        WrittenValue<C> | Null<C> | MayBeLeftOut<C>,
        C['identity'] extends 'always' ? never : WrittenValue<C> | Null<C>
      >
    : GeneratedAlways<ReadValue<C> | Null<C>>
}

type ColumnIn<Columns> = {
  [K in keyof Columns]: Columns[K] extends { readonly _: infer C extends Column } ? C : never
}[keyof Columns]

type Null<C extends Column> = C['notNull'] extends true ? never : null

type MayBeLeftOut<C extends Column> = C['hasDefault'] extends true
  ? C['hasRuntimeDefault'] extends true
    ? never
    : undefined
  : never

type ReadValue<C extends Column> = C['columnType'] extends keyof SqlTypes
  ? SqlTypes[C['columnType']]
  : C['columnType'] extends 'PgEnumColumn' | 'PgEnumObjectColumn'
    ? EnumOf<`${C['data'] & string}`>
    : C['columnType'] extends 'PgArray'
      ? ArrayOf<ElementOf<C>>
      : C['data'] extends Uint8Array
        ? bytea
        : NonNullable<unknown>

/** Without the values, as where an enumeration was made from an object that is not constant, anything may go there. */
type EnumOf<Values extends string> = string extends Values ? NonNullable<unknown> : Values

type ElementOf<C extends Column> = C extends { readonly baseColumn: { readonly _: infer E extends Column } }
  ? ReadValue<E>
  : NonNullable<unknown>

/** A text that Drizzle holds to an enumeration takes nothing else. */
type WrittenValue<C extends Column> = C['enumValues'] extends readonly (infer V extends string)[]
  ? C['columnType'] extends 'PgArray'
    ? ReadValue<C>
    : string extends V
      ? ReadValue<C>
      : V
  : ReadValue<C>

interface SqlTypes {
  PgBigInt53: int8
  PgBigInt64: int8
  PgBigSerial53: int8
  PgBigSerial64: int8
  PgBinaryVector: Other<'bit'>
  PgBoolean: bool
  PgChar: bpchar
  PgCidr: cidr
  PgDate: date
  PgDateString: date
  PgDoublePrecision: float8
  PgGeometry: Other<'geometry'>
  PgGeometryObject: Other<'geometry'>
  PgHalfVector: Other<'halfvec'>
  PgInet: inet
  PgInteger: int4
  PgInterval: interval
  PgJson: json
  PgJsonb: jsonb
  PgLine: Other<'line'>
  PgLineABC: Other<'line'>
  PgMacaddr: macaddr
  PgMacaddr8: Other<'macaddr8'>
  PgNumeric: numeric
  PgNumericBigInt: numeric
  PgNumericNumber: numeric
  PgPointObject: Other<'point'>
  PgPointTuple: Other<'point'>
  PgReal: float4
  PgSerial: int4
  PgSmallInt: int2
  PgSmallSerial: int2
  PgSparseVector: Other<'sparsevec'>
  PgText: text
  PgTime: time | timetz
  PgTimestamp: timestamp | timestamptz
  PgTimestampString: timestamp | timestamptz
  PgUUID: uuid
  PgVarchar: varchar
  PgVector: Other<'vector'>
}
