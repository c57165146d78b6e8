import type { ArrayOf, bool, bytea, int8, interval, json, jsonb, numeric, Other } from '../define/sql-types.ts'

/**
 * What a generator's TypeScript types stand for in SQL, where one stands for several. A column of several types takes
 * any of them, and where it is read it fits only what takes all of them, until `Refine` says which one it is.
 */
export interface Meanings {
  readonly string: unknown
  readonly number: unknown
  readonly date: unknown
  readonly unknown: unknown
}

/** A generator that parses numbers of these types writes `string | number` or `string | number | bigint` for inserts. */
type TextFor<Insert, M extends Meanings> = [bigint] extends [Insert]
  ? int8
  : [number] extends [Insert]
    ? numeric
    : M['string']

/**
 * The SQL type behind a TypeScript type without null: what is read is `Read`, what may be written `Insert`. Literals are
 * an enumeration's and stay as they are. Any other object is taken for JSON that was given a shape.
 */
export type SqlOf<Read, Insert, M extends Meanings> = symbol extends Read // that is: of unknown
  ? M['unknown']
  : [string | number | boolean] extends [Read]
    ? json | jsonb
    : [Read] extends [boolean]
      ? bool
      : [Read] extends [number]
        ? [string] extends [Insert]
          ? numeric
          : M['number']
        : [Read] extends [bigint]
          ? int8
          : [Read] extends [string]
            ? string extends Read
              ? TextFor<Insert, M>
              : Read
            : SqlOfObject<Read, Insert, M>

type SqlOfObject<Read, Insert, M extends Meanings> = [Read] extends [Date]
  ? M['date']
  : [Read] extends [Uint8Array]
    ? bytea
    : [Read] extends [readonly (infer Element)[]]
      ? ArrayOf<ValueOf<Element, Insert extends readonly (infer Given)[] ? Given : Element, M>>
      : [Read] extends [{ toPostgres(): string; toISO(): string }]
        ? interval
        : [Read] extends [{ readonly x: number; readonly y: number }]
          ? Other<'point'> | Other<'circle'>
          : json | jsonb

/** As {@link SqlOf}, with null where the TypeScript type has it. */
export type ValueOf<Read, Insert, M extends Meanings> =
  | SqlOf<Exclude<Read, null>, Exclude<Insert, null | undefined>, M>
  | Extract<Read, null>
